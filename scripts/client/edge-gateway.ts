import mqtt, { type MqttClient } from 'mqtt';
import { readFileSync } from 'node:fs';
import protobuf from 'sparkplug-payload/lib/sparkplugPayloadProto.js';

const { Payload } = protobuf.org.eclipse.tahu.protobuf;
const DATATYPE = { UInt64: 8, Double: 10, Boolean: 11 } as const;
const SEQUENCE_MODULUS = 256;

export type GatewayOptions = Readonly<{ host: string; port: number; caFile: string; certFile: string; keyFile: string; groupId: string; edgeNodeId: string; deviceId: string; metricNames: readonly string[]; /** Time for payloads, epoch ms */ now(): number; bdSeq?: number }>;

export type SampleRow = Readonly<{ atEpochMs: number; values: readonly number[] }>;

/** A Sparkplug B edge gateway with one device, over mutual TLS: births with aliases, will, sequence numbers, rebirth on request. */
export class EdgeGateway {
  readonly #options: GatewayOptions;
  readonly #client: MqttClient;
  #seq = 0;
  #lastValues: readonly number[] = [];
  rebirthCount = 0;

  private constructor(options: GatewayOptions, client: MqttClient) {
    this.#options = options;
    this.#client = client;
    client.on('message', (topic) => {
      if (!topic.includes('/NCMD/')) return;
      this.rebirthCount += 1;
      void this.birth(this.#options.now());
    });
  }

  static async connect(options: GatewayOptions): Promise<EdgeGateway> {
    const { host, port, caFile, certFile, keyFile, groupId, edgeNodeId, bdSeq = 0 } = options;
    const will = Payload.encode(Payload.create({ timestamp: options.now(), metrics: [{ name: 'bdSeq', datatype: DATATYPE.UInt64, longValue: bdSeq }] })).finish();
    const client = await mqtt.connectAsync({
      protocol: 'mqtts', host, port, clientId: edgeNodeId, ca: readFileSync(caFile), cert: readFileSync(certFile), key: readFileSync(keyFile), reconnectPeriod: 0, clean: true,
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

  /** NBIRTH and DBIRTH; sequence numbers begin again at 0. */
  async birth(timestampEpochMs: number): Promise<void> {
    const { bdSeq = 0, metricNames } = this.#options;
    this.#seq = 0;
    await this.#publish(this.#topic('NBIRTH'), { timestamp: timestampEpochMs, seq: this.#nextSeq(), metrics: [{ name: 'bdSeq', datatype: DATATYPE.UInt64, longValue: bdSeq }, { name: 'Node Control/Rebirth', datatype: DATATYPE.Boolean, booleanValue: false }] });
    await this.#publish(this.#topic('DBIRTH', true), {
      timestamp: timestampEpochMs, seq: this.#nextSeq(),
      metrics: metricNames.map((name, i) => ({ name, alias: i + 1, datatype: DATATYPE.Double, ...(this.#lastValues[i] === undefined ? { isNull: true } : { doubleValue: this.#lastValues[i] }) })),
    });
  }

  /** DDATA with rows of one value a metric, in the order of the birth, each row at its own time; what a gateway has gathered since it last sent. */
  async data(timestampEpochMs: number, rows: readonly SampleRow[]): Promise<void> {
    this.#lastValues = rows.at(-1)?.values ?? this.#lastValues;
    const metrics = rows.flatMap(({ atEpochMs, values }) => values.map((doubleValue, i) => ({ alias: i + 1, timestamp: atEpochMs, datatype: DATATYPE.Double, doubleValue })));
    await this.#publish(this.#topic('DDATA', true), { timestamp: timestampEpochMs, seq: this.#nextSeq(), metrics });
  }

  /** Lose a message on purpose: its number is spent and nobody hears it. */
  skip(): void {
    this.#nextSeq();
  }

  async end(): Promise<void> {
    await this.#client.endAsync();
  }
}
