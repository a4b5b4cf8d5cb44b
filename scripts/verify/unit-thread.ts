import { parentPort, workerData } from 'node:worker_threads';
import { SourceError } from './fetch-bytes.ts';
import { loadUnit, type Loaded } from './load-unit.ts';
import { openSource, type Source } from './source.ts';
import type { TileFile } from './tiles.ts';
import type { UnitReading } from './unit-reading.ts';

/** What a thread is asked and answers. The verifier is one file in a pack, and a thread of it is that same file, started with this word. */
export const UNIT_THREAD = 'bedside-verify-units';
export const UNIT_THREAD_FILE = import.meta.url;
/** What a thread is started with: the word, and the folder or address of the log. */
export type UnitThread = Readonly<{ word: typeof UNIT_THREAD; place: string }>;

const started = workerData as Partial<UnitThread> | null;
const place = started?.word === UNIT_THREAD ? started.place : undefined;
export const isUnitThread = place !== undefined;

export type UnitTask = Readonly<{ id: number; index: number; width: number }>;
type Sent = Omit<TileFile, 'bytes'> & Readonly<{ bytes: Uint8Array<ArrayBuffer> }>;
/** Facts go as one text: that is quicker to hand over than many small objects. */
export type SentUnit = Readonly<{ bundle: Sent | undefined; tile: Sent | undefined; reading: (Omit<UnitReading, 'facts'> & Readonly<{ facts: string }>) | undefined }>;
/** The unit, or why the log can not be read. */
export type UnitAnswer = Readonly<{ id: number; unit: SentUnit } | { id: number; fault: string }>;

/** Bytes in a memory of their own, which can be handed over as it is; small files share theirs. */
const owned = ({ file, bytes, isLonger }: TileFile): Sent => {
  const { buffer, byteLength } = bytes;
  return { file, isLonger, bytes: buffer instanceof ArrayBuffer && buffer.byteLength === byteLength ? new Uint8Array(buffer) : new Uint8Array(bytes) };
};

const sentOf = ({ bundle, tile, reading }: Loaded): SentUnit => ({
  bundle: bundle && owned(bundle), tile: tile && owned(tile), reading: reading && { ...reading, facts: JSON.stringify(reading.facts) },
});

const buffersOf = ({ bundle, tile, reading }: SentUnit): ArrayBuffer[] => [bundle?.bytes, tile?.bytes, reading?.leaves, reading?.marks].flatMap((part) => (part === undefined ? [] : [part.buffer]));

const answer = async (port: NonNullable<typeof parentPort>, source: Source, { id, index, width }: UnitTask): Promise<void> => {
  try {
    const unit = sentOf(await loadUnit(source, index, width));
    port.postMessage({ id, unit } satisfies UnitAnswer, buffersOf(unit));
  } catch (error) {
    if (!(error instanceof SourceError)) throw error;
    port.postMessage({ id, fault: error.message } satisfies UnitAnswer);
  }
};

if (place !== undefined && parentPort !== null) {
  const port = parentPort, source = openSource(place);
  port.on('message', (task: UnitTask) => { void answer(port, source, task); });
}
