import { parentPort, workerData } from 'node:worker_threads';
import { readUnit, type UnitReading } from './unit-reading.ts';

/** What a thread is asked and answers. The verifier is one file in a pack, and a thread of it is that same file, started with this word. */
export const UNIT_THREAD = 'bedside-verify-units';
export const UNIT_THREAD_FILE = import.meta.url;
export const isUnitThread = workerData === UNIT_THREAD;

export type UnitTask = Readonly<{ id: number; bytes: Uint8Array<ArrayBuffer>; width: number; isLonger: boolean }>;
/** Facts go as one text: that is quicker to hand over than many small objects. */
export type UnitAnswer = Readonly<{ id: number; reading: (Omit<UnitReading, 'facts'> & Readonly<{ facts: string }>) | undefined }>;

const answer = (port: NonNullable<typeof parentPort>, { id, bytes, width, isLonger }: UnitTask): void => {
  const reading = readUnit(Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength), width, isLonger);
  const moved = reading === undefined ? [] : [reading.leaves.buffer, reading.marks.buffer];
  port.postMessage({ id, reading: reading === undefined ? undefined : { ...reading, facts: JSON.stringify(reading.facts) } } satisfies UnitAnswer, moved);
};

if (isUnitThread && parentPort !== null) {
  const port = parentPort;
  port.on('message', (task: UnitTask) => { answer(port, task); });
}
