import { ColumnSet, type Column } from './column.ts';
import type { Chunk } from './chunk.ts';
import { markOf, type Mark } from './mark.ts';
import { minuteOf } from './minute.ts';
import type { Received } from './received.ts';

export type Device = Readonly<{ edgeNodeId: string; deviceId: string | undefined }>;
/** What one device has in one minute. */
export type DeviceMinute = Device & Readonly<{ minuteEpochMs: number; columns: readonly Column[]; marks: readonly Mark[] }>;

class OpenMinute {
  readonly device: Device;
  readonly minuteEpochMs: number;
  readonly columns = new ColumnSet();
  readonly marks: Mark[] = [];
  constructor(device: Device, minuteEpochMs: number) {
    this.device = device;
    this.minuteEpochMs = minuteEpochMs;
  }
}

/**
 * Sorts the samples of messages into devices and minutes: a union, so that collecting twice or in another order gives the same. A sample goes to the minute in which it
 * was taken, which for buffered data is not that of its message; a message's mark goes to the minute in which it was sent.
 */
export class Collector {
  readonly #byDevice = new Map<string, Map<number, OpenMinute>>();

  #minute(edgeNodeId: string, deviceId: string | undefined, minuteEpochMs: number): OpenMinute {
    const key = `${edgeNodeId}/${deviceId ?? ''}`;
    let minutes = this.#byDevice.get(key);
    if (minutes === undefined) this.#byDevice.set(key, minutes = new Map<number, OpenMinute>());
    let minute = minutes.get(minuteEpochMs);
    if (minute === undefined) minutes.set(minuteEpochMs, minute = new OpenMinute({ edgeNodeId, deviceId }, minuteEpochMs));
    return minute;
  }

  addMessage(received: Received): void {
    const { address: { edgeNodeId, deviceId, messageType }, sentAtEpochMs, metrics } = received;
    this.#minute(edgeNodeId, undefined, minuteOf(sentAtEpochMs)).marks.push(markOf(received));
    if (messageType === 'NDEATH' || messageType === 'DDEATH') return;
    let minute: OpenMinute | undefined;
    for (const metric of metrics) {
      const minuteEpochMs = minuteOf(metric.timestampEpochMs);
      if (minute?.minuteEpochMs !== minuteEpochMs) minute = this.#minute(edgeNodeId, deviceId, minuteEpochMs);
      minute.columns.addMetric(metric, sentAtEpochMs);
    }
  }

  /** Edge nodes, devices and minutes in order. */
  minutes(): readonly DeviceMinute[] {
    const devices = [...this.#byDevice.entries()].sort(([a], [b]) => (a < b ? -1 : 1));
    return devices.flatMap(([, minutes]) => [...minutes.values()].sort((a, b) => a.minuteEpochMs - b.minuteEpochMs))
      .map(({ device, minuteEpochMs, columns, marks }) => ({ ...device, minuteEpochMs, columns: columns.close(), marks }));
  }
}

/** The union of what several sources have of one device and time. */
export const unite = (parts: readonly Pick<Chunk, 'columns' | 'marks'>[]): Pick<Chunk, 'columns' | 'marks'> => {
  const columns = new ColumnSet();
  for (const part of parts) for (const column of part.columns) columns.addColumn(column);
  return { columns: columns.close(), marks: parts.flatMap(({ marks }) => marks) };
};
