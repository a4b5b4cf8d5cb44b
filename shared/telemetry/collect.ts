import { BirthBook, type Resolution } from './birth.ts';
import { closeColumn, type Column, type OpenColumn } from './column.ts';
import type { Message, Metric } from './message.ts';
import { MINUTE_MS } from './minute.ts';
import type { SequenceMark } from './sequence.ts';
import type { Address, MessageType } from './topic.ts';

/** A decoded message with who sent it. */
export type Received = Readonly<{ address: Address; message: Message }>;

const KIND: Readonly<Record<MessageType, SequenceMark['kind']>> = { NBIRTH: 'birth', DBIRTH: 'data', NDATA: 'data', DDATA: 'data', DDEATH: 'data', NDEATH: 'death' };

/** Sequence numbers count over all messages of an edge node; only NBIRTH begins anew. */
export const sequenceMarkOf = ({ address, message }: Received): SequenceMark => ({ timestampEpochMs: message.timestampEpochMs, seq: message.seq, kind: KIND[address.messageType] });

type DeviceColumns = Readonly<{ edgeNodeId: string; deviceId: string | undefined; columns: Map<string, OpenColumn> }>;
export type DeviceMinute = Readonly<{ edgeNodeId: string; deviceId: string | undefined; columns: readonly Column[] }>;

const deviceKey = (edgeNodeId: string, deviceId: string | undefined): string => `${edgeNodeId}/${deviceId ?? ''}`;
const columnKey = (name: string, datatype: number): string => `${name}\u0000${datatype}`;

/** Samples of one minute, gathered from messages and from a chunk sealed before; a union, so that gathering twice or in another order gives the same. */
export class MinuteCollector {
  readonly #minuteEpochMs: number;
  readonly #devices = new Map<string, DeviceColumns>();
  #unresolved = 0;

  constructor(minuteEpochMs: number) {
    this.#minuteEpochMs = minuteEpochMs;
  }

  /** Metrics whose name could not be found. */
  get unresolvedCount(): number {
    return this.#unresolved;
  }

  addMessage({ address: { edgeNodeId, deviceId, messageType }, message }: Received, births: BirthBook): void {
    if (messageType === 'NDEATH' || messageType === 'DDEATH') return;
    const session = births.sessionAt(deviceId, message.timestampEpochMs);
    const device = this.#device(edgeNodeId, deviceId);
    for (const metric of message.metrics) {
      if (metric.timestampEpochMs >= this.#minuteEpochMs && metric.timestampEpochMs < this.#minuteEpochMs + MINUTE_MS) this.#add(device, metric, BirthBook.resolve(session, metric));
    }
  }

  addColumns(edgeNodeId: string, deviceId: string | undefined, columns: readonly Column[]): void {
    const device = this.#device(edgeNodeId, deviceId);
    for (const { name, datatype, times, values } of columns) {
      const column = this.#column(device, name, datatype);
      for (let i = 0; i < times.length; i += 1) {
        column.times.push(times[i] ?? 0);
        column.values.push(values[i] ?? null);
      }
    }
  }

  /** Devices with samples, in the order of their names. */
  devices(): readonly DeviceMinute[] {
    return [...this.#devices.entries()].toSorted(([a], [b]) => (a < b ? -1 : 1)).map(([, { edgeNodeId, deviceId, columns }]) => ({
      edgeNodeId, deviceId, columns: [...columns.entries()].toSorted(([a], [b]) => (a < b ? -1 : 1)).map(([, column]) => closeColumn(column)),
    })).filter(({ columns }) => columns.length > 0);
  }

  #device(edgeNodeId: string, deviceId: string | undefined): DeviceColumns {
    const key = deviceKey(edgeNodeId, deviceId);
    const device = this.#devices.get(key) ?? { edgeNodeId, deviceId, columns: new Map<string, OpenColumn>() };
    this.#devices.set(key, device);
    return device;
  }

  #column({ columns }: DeviceColumns, name: string, datatype: number): OpenColumn {
    const key = columnKey(name, datatype);
    const column = columns.get(key) ?? { name, datatype, times: [], values: [] };
    columns.set(key, column);
    return column;
  }

  #add(device: DeviceColumns, metric: Metric, resolution: Resolution): void {
    if (resolution.outcome !== 'known') {
      this.#unresolved += 1;
      return;
    }
    const column = this.#column(device, resolution.name, resolution.datatype);
    column.times.push(metric.timestampEpochMs);
    column.values.push(metric.value);
  }
}
