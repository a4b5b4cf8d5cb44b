import type { RawMessage } from '../../../shared/telemetry/received.ts';
import { DATATYPE, encodePayload, topicOf } from './sparkplug-writer.ts';

/** A metric of the gateway itself. */
export const CHILLER = 'Chiller/Set Point';
export const METRICS = ['Temperature', 'pH'] as const;

/** Writes what a gateway with one device would publish; `lose` spends a number. Times are epoch ms. */
export class Gateway {
  #seq = 0;
  readonly #edge: string;
  #bdSeq: number;
  constructor(edge = 'gateway-1', bdSeq = 0) {
    this.#edge = edge;
    this.#bdSeq = bdSeq;
  }

  #next(): number {
    const seq = this.#seq;
    this.#seq = (seq + 1) % 256;
    return seq;
  }

  #raw(type: string, timestamp: number, payload: Readonly<Record<string, unknown>>, device?: string): RawMessage {
    return { topic: topicOf(type, this.#edge, device), payload: encodePayload({ timestamp, ...payload }), receivedAtEpochMs: timestamp + 150 };
  }

  born(timestamp: number, names: readonly string[] = METRICS): readonly RawMessage[] {
    this.#seq = 0;
    const bdSeq = { name: 'bdSeq', datatype: DATATYPE.uint64, longValue: this.#bdSeq };
    return [
      this.#raw('NBIRTH', timestamp, { seq: this.#next(), metrics: [bdSeq, { name: 'Node Control/Rebirth', datatype: DATATYPE.boolean, booleanValue: false }, { name: CHILLER, datatype: DATATYPE.double, doubleValue: 4 }] }),
      this.deviceBorn(timestamp, names),
    ];
  }

  deviceBorn(timestamp: number, names: readonly string[] = METRICS): RawMessage {
    return this.#raw('DBIRTH', timestamp, { seq: this.#next(), metrics: names.map((name, i) => ({ name, alias: i + 1, datatype: DATATYPE.double, doubleValue: name === 'pH' ? 7.2 : 37 })) }, 'bioreactor-1');
  }

  deviceDied(timestamp: number): RawMessage {
    return this.#raw('DDEATH', timestamp, { seq: this.#next() }, 'bioreactor-1');
  }

  data(timestamp: number, ...values: readonly number[]): RawMessage {
    return this.#raw('DDATA', timestamp, { seq: this.#next(), metrics: values.map((doubleValue, i) => ({ alias: i + 1, doubleValue })) }, 'bioreactor-1');
  }

  /** Samples taken before, sent now. */
  buffered(timestamp: number, samples: readonly (readonly [takenAt: number, value: number])[]): RawMessage {
    return this.#raw('DDATA', timestamp, { seq: this.#next(), metrics: samples.map(([takenAt, doubleValue]) => ({ alias: 1, timestamp: takenAt, isHistorical: true, doubleValue })) }, 'bioreactor-1');
  }

  /** Of the gateway itself. */
  nodeData(timestamp: number, doubleValue: number): RawMessage {
    return this.#raw('NDATA', timestamp, { seq: this.#next(), metrics: [{ name: CHILLER, doubleValue }] });
  }

  lose(count = 1): void {
    for (let i = 0; i < count; i += 1) this.#next();
  }

  /** The broker publishes the will; the next birth is another session. */
  died(receivedAtEpochMs: number): RawMessage {
    const payload = encodePayload({ timestamp: 1, metrics: [{ name: 'bdSeq', datatype: DATATYPE.uint64, longValue: this.#bdSeq }] });
    this.#bdSeq += 1;
    return { topic: topicOf('NDEATH', this.#edge), payload, receivedAtEpochMs };
  }
}
