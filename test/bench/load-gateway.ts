import mqtt, { type MqttClient } from 'mqtt';
import { readFileSync } from 'node:fs';
import { CLOUD_TIME_USERNAME } from '../../infra/local/services/iot/broker.ts';
import { randomOf } from '../support/telemetry/culture.ts';
import { DATATYPE, encodePayload } from '../support/telemetry/sparkplug-writer.ts';

export const METRICS_A_MESSAGE = 200;
/** Behind one gateway. Sixteen thousand messages a second have each a millisecond of its device to itself, so that no clock runs ahead of the broker's. */
const DEVICES = 16;
const SEQUENCE_MODULUS = 256;
/** Tag of the payload's timestamp, field 1, then six bytes of varint for any time from 2004 to 2109. */
const TIMESTAMP_BYTES = 6;
const TIMESTAMP_AT = 1;
/** Messages sent and not yet acknowledged; AWS IoT Core allows a client 100. */
const IN_FLIGHT = 100;

export type Connection = Readonly<{ host: string; port: number; caFile: string; certFile: string; keyFile: string }>;
type Template = Readonly<{ bytes: Buffer; valuesAt: readonly number[] }>;

const NOISES = 4096;
const random = randomOf(11);
/** Steps of a sensor's resolution around its value. */
const NOISE = Int8Array.from({ length: NOISES }, () => Math.round(3 * Math.sqrt(-2 * Math.log(1 - random())) * Math.cos(2 * Math.PI * random())));
const NOISE_STRIDE = 31;

const writeTimestamp = (bytes: Buffer, epochMs: number): void => {
  let rest = BigInt(epochMs);
  for (let i = 0; i < TIMESTAMP_BYTES; i += 1) {
    bytes[TIMESTAMP_AT + i] = Number(rest & 0x7fn) | (i < TIMESTAMP_BYTES - 1 ? 0x80 : 0);
    rest >>= 7n;
  }
};

/** Unique in the gateway, as Sparkplug wants them. */
const aliasOf = (device: number, metric: number): number => device * METRICS_A_MESSAGE + metric + 1;

/** A DDATA message of 200 doubles by alias, written once by the independent library; time and values are put in later, in place. */
const templateOf = (device: number, seq: number): Template => {
  const marker = (i: number): number => 1e9 + i * 1.5;
  const bytes = Buffer.from(encodePayload({ timestamp: Date.now(), seq, metrics: Array.from({ length: METRICS_A_MESSAGE }, (_, i) => ({ alias: aliasOf(device, i), datatype: DATATYPE.double, doubleValue: marker(i) })) }));
  const valuesAt = Array.from({ length: METRICS_A_MESSAGE }, (_, i) => {
    const wanted = Buffer.alloc(8);
    wanted.writeDoubleLE(marker(i));
    return bytes.indexOf(wanted);
  });
  return { bytes, valuesAt };
};

const templatesOf = (device: number): readonly Template[] => Array.from({ length: SEQUENCE_MODULUS }, (_, seq) => templateOf(device, seq));

/** An edge gateway whose devices, in turn, send as fast as they are acknowledged, and which remembers what it sent. */
export class LoadGateway {
  readonly #client: MqttClient;
  readonly #topic: (type: string, device?: string) => string;
  readonly #devices = Array.from({ length: DEVICES }, (_, i) => ({ name: `load-${i + 1}`, templates: templatesOf(i), lastEpochMs: 0 }));
  #seq = 0;
  #count = 0;
  #next = 0;

  private constructor(client: MqttClient, topic: (type: string, device?: string) => string) {
    this.#client = client;
    this.#topic = topic;
  }

  /** It lives in the time of the cloud, wherever that stands. */
  static async connect({ host, port, caFile, certFile, keyFile }: Connection, groupId: string, edgeNodeId: string): Promise<LoadGateway> {
    const client = await mqtt.connectAsync({ protocol: 'mqtts', host, port, clientId: edgeNodeId, ca: readFileSync(caFile), cert: readFileSync(certFile), key: readFileSync(keyFile), reconnectPeriod: 0, username: CLOUD_TIME_USERNAME });
    return new LoadGateway(client, (type, device) => `spBv1.0/${groupId}/${type}/${edgeNodeId}${device === undefined ? '' : `/${device}`}`);
  }

  /** Messages acknowledged. */
  get count(): number {
    return this.#count;
  }

  get devices(): readonly string[] {
    return this.#devices.map(({ name }) => name);
  }

  #number(): number {
    const seq = this.#seq;
    this.#seq = (seq + 1) % SEQUENCE_MODULUS;
    return seq;
  }

  /** Each device's certificate carries each of its metrics once, null. */
  async birth(epochMs: number): Promise<void> {
    await this.#client.publishAsync(this.#topic('NBIRTH'), Buffer.from(encodePayload({ timestamp: epochMs, seq: this.#number(), metrics: [{ name: 'bdSeq', datatype: DATATYPE.uint64, longValue: 0 }] })), { qos: 1 });
    for (const [device, { name }] of this.#devices.entries()) {
      const metrics = Array.from({ length: METRICS_A_MESSAGE }, (_, i) => ({ name: `Parameter ${i + 1}`, alias: aliasOf(device, i), datatype: DATATYPE.double, isNull: true }));
      await this.#client.publishAsync(this.#topic('DBIRTH', name), Buffer.from(encodePayload({ timestamp: epochMs, seq: this.#number(), metrics })), { qos: 1 });
    }
  }

  /** Each value stands a few steps of its resolution, 0.01, around its centre, as a sensor's does. */
  #message({ bytes, valuesAt }: Template, epochMs: number): Buffer {
    const copy = Buffer.from(bytes);
    writeTimestamp(copy, epochMs);
    const from = Math.floor(random() * NOISES);
    for (let i = 0; i < METRICS_A_MESSAGE; i += 1) copy.writeDoubleLE((3700 + i + (NOISE[(from + i * NOISE_STRIDE) % NOISES] ?? 0)) / 100, valuesAt[i] ?? 0);
    return copy;
  }

  async #send(epochMs: number): Promise<void> {
    const device = this.#devices[this.#next];
    const template = device?.templates[this.#number()];
    if (device === undefined || template === undefined) return;
    this.#next = (this.#next + 1) % DEVICES;
    // Each message of a device has a time of its own, so that none stands for another.
    device.lastEpochMs = Math.max(epochMs, device.lastEpochMs + 1);
    await this.#client.publishAsync(this.#topic('DDATA', device.name), this.#message(template, device.lastEpochMs), { qos: 1 });
    this.#count += 1;
  }

  /** Send until the time is over; resolves when every message is acknowledged. */
  async send(seconds: number, startEpochMs: number, onSecond: () => void): Promise<void> {
    const began = performance.now();
    let shown = 0;
    const one = async (): Promise<void> => {
      while (performance.now() - began < seconds * 1000) {
        const elapsed = performance.now() - began;
        if (elapsed > (shown + 1) * 1000) {
          shown += 1;
          onSecond();
        }
        await this.#send(Math.floor(startEpochMs + elapsed));
      }
    };
    await Promise.all(Array.from({ length: IN_FLIGHT }, one));
  }

  async end(): Promise<void> {
    await this.#client.endAsync();
  }
}
