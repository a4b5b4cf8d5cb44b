import mqtt, { type MqttClient } from 'mqtt';
import { readFileSync } from 'node:fs';
import protobuf from 'sparkplug-payload/lib/sparkplugPayloadProto.js';

const { Payload } = protobuf.org.eclipse.tahu.protobuf;
const DATATYPE = { UInt64: 8, Double: 10, Boolean: 11 } as const;
const SEQUENCE_MODULUS = 256;
/** What is older when it is sent was kept, and is marked as historical: well before a node would refuse it as live. */
const LIVE_MS = 240_000;
const REBIRTH = 'Node Control/Rebirth';

export type GatewayOptions = Readonly<{ host: string; port: number; caFile: string; certFile: string; keyFile: string; groupId: string; edgeNodeId: string; deviceId: string; metricNames: readonly string[]; /** Its clock, epoch ms: each message is stamped with it when it is sent. */ now(): number; bdSeq?: number; username?: string;
  /** A value written to a metric of the device (DCMD), by the name of its birth. */
  onCommand?(name: string, value: number): void;
  /** The connection is gone and will not come back. */
  onLost?(): void;
}>;

export type SampleRow = Readonly<{ atEpochMs: number; values: readonly number[] }>;

type CommandMetric = Readonly<{ name?: string | null; alias?: unknown; intValue?: unknown; longValue?: unknown; floatValue?: unknown; doubleValue?: unknown; booleanValue?: unknown }>;

/** Metrics of a command; none when the payload is not Sparkplug. */
const metricsOf = (payload: Uint8Array): readonly CommandMetric[] => {
  try {
    return (Payload.decode(payload) as unknown as Readonly<{ metrics: readonly CommandMetric[] }>).metrics;
  } catch {
    return [];
  }
};
const numberOf = ({ doubleValue, floatValue, intValue, longValue, booleanValue }: CommandMetric): number => Number(doubleValue ?? floatValue ?? intValue ?? longValue ?? booleanValue ?? Number.NaN);
const doubleOf = (value: number | undefined): Readonly<{ isNull: true }> | Readonly<{ doubleValue: number }> => (value === undefined || !Number.isFinite(value) ? { isNull: true } : { doubleValue: value });

/** A Sparkplug B edge gateway with one device, over mutual TLS: births with aliases, will, sequence numbers, rebirth on request. */
export class EdgeGateway {
  readonly #options: GatewayOptions;
  readonly #client: MqttClient;
  #seq = 0;
  #stampedEpochMs = 0;
  #lastValues: readonly number[] = [];
  #ended = false;
  rebirthCount = 0;

  private constructor(options: GatewayOptions, client: MqttClient) {
    this.#options = options;
    this.#client = client;
    client.on('message', (topic, payload) => { this.#hear(topic, metricsOf(payload)); });
    client.on('close', () => { if (!this.#ended) options.onLost?.(); });
  }

  #hear(topic: string, metrics: readonly CommandMetric[]): void {
    const { onCommand, metricNames } = this.#options;
    if (topic === this.#topic('DCMD', true)) {
      for (const metric of metrics) onCommand?.(metric.name ?? metricNames[Number(metric.alias ?? 0) - 1] ?? '', numberOf(metric));
    } else if (topic === this.#topic('NCMD') && metrics.some(({ name, booleanValue }) => name === REBIRTH && booleanValue === true)) {
      this.rebirthCount += 1;
      void this.birth();
    }
  }

  static async connect(options: GatewayOptions): Promise<EdgeGateway> {
    const { host, port, caFile, certFile, keyFile, groupId, edgeNodeId, bdSeq = 0, username } = options;
    const will = Payload.encode(Payload.create({ timestamp: options.now(), metrics: [{ name: 'bdSeq', datatype: DATATYPE.UInt64, longValue: bdSeq }] })).finish();
    const client = await mqtt.connectAsync({
      protocol: 'mqtts', host, port, clientId: edgeNodeId, ca: readFileSync(caFile), cert: readFileSync(certFile), key: readFileSync(keyFile), reconnectPeriod: 0, clean: true, ...(username === undefined ? {} : { username }),
      will: { topic: `spBv1.0/${groupId}/NDEATH/${edgeNodeId}`, payload: Buffer.from(will), qos: 1, retain: false },
    });
    const gateway = new EdgeGateway(options, client);
    await client.subscribeAsync([`spBv1.0/${groupId}/NCMD/${edgeNodeId}`, `spBv1.0/${groupId}/DCMD/${edgeNodeId}/#`], { qos: 1 });
    return gateway;
  }

  #nextSeq(): number {
    const seq = this.#seq;
    this.#seq = (this.#seq + 1) % SEQUENCE_MODULUS;
    return seq;
  }

  async #publish(topic: string, payload: Parameters<typeof Payload.create>[0]): Promise<void> {
    await this.#client.publishAsync(topic, Buffer.from(Payload.encode(Payload.create(payload)).finish()), { qos: 1 });
  }

  #topic(message: string, device = false): string {
    const { groupId, edgeNodeId, deviceId } = this.#options;
    return `spBv1.0/${groupId}/${message}/${edgeNodeId}${device ? `/${deviceId}` : ''}`;
  }

  /** Time to stamp a message with: never before the one sent last, since the order of times is the order of messages; a birth comes after all that went before. */
  #stamp(isBirth = false): number {
    this.#stampedEpochMs = Math.max(this.#options.now(), this.#stampedEpochMs + (isBirth ? 1 : 0));
    return this.#stampedEpochMs;
  }

  /** NBIRTH and DBIRTH; sequence numbers begin again at 0. */
  async birth(): Promise<void> {
    const { bdSeq = 0, metricNames } = this.#options;
    const timestamp = this.#stamp(true);
    this.#seq = 0;
    // Both are handed over before either is acknowledged, so that no data come between them.
    await Promise.all([
      this.#publish(this.#topic('NBIRTH'), { timestamp, seq: this.#nextSeq(), metrics: [{ name: 'bdSeq', datatype: DATATYPE.UInt64, longValue: bdSeq }, { name: REBIRTH, datatype: DATATYPE.Boolean, booleanValue: false }] }),
      this.#publish(this.#topic('DBIRTH', true), { timestamp, seq: this.#nextSeq(), metrics: metricNames.map((name, i) => ({ name, alias: i + 1, datatype: DATATYPE.Double, ...doubleOf(this.#lastValues[i]) })) }),
    ]);
  }

  async #data(metrics: readonly Readonly<{ alias: number; atEpochMs: number; value: number }>[]): Promise<void> {
    const timestamp = this.#stamp();
    await this.#publish(this.#topic('DDATA', true), {
      timestamp, seq: this.#nextSeq(),
      metrics: metrics.map(({ alias, atEpochMs, value }) => ({ alias, timestamp: atEpochMs, datatype: DATATYPE.Double, ...(atEpochMs < timestamp - LIVE_MS ? { isHistorical: true } : {}), ...doubleOf(value) })),
    });
  }

  /** DDATA with rows of one value a metric, in the order of the birth, each row at its own time; what a gateway has gathered since it last sent. */
  async data(rows: readonly SampleRow[]): Promise<void> {
    this.#lastValues = rows.at(-1)?.values ?? this.#lastValues;
    await this.#data(rows.flatMap(({ atEpochMs, values }) => values.map((value, i) => ({ alias: i + 1, atEpochMs, value }))));
  }

  /** DDATA with single metrics by name, at one time, which is now unless it is another: what changed between two rows. */
  async report(values: Readonly<Record<string, number>>, atEpochMs = this.#options.now()): Promise<void> {
    const { metricNames } = this.#options;
    this.#lastValues = metricNames.map((name, i) => values[name] ?? this.#lastValues[i] ?? Number.NaN);
    await this.#data(Object.entries(values).map(([name, value]) => ({ alias: metricNames.indexOf(name) + 1, atEpochMs, value })));
  }

  /** Lose a message on purpose: its number is spent and nobody hears it. */
  skip(): void {
    this.#nextSeq();
  }

  /** Say good-bye: the death certificate that the broker would send for us, then the end. */
  async die(): Promise<void> {
    const { bdSeq = 0, now } = this.#options;
    this.#ended = true;
    await this.#publish(this.#topic('NDEATH'), { timestamp: now(), metrics: [{ name: 'bdSeq', datatype: DATATYPE.UInt64, longValue: bdSeq }] });
    await this.#client.endAsync();
  }

  async end(): Promise<void> {
    this.#ended = true;
    await this.#client.endAsync();
  }
}
