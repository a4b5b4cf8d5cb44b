import { createHash, hash } from 'node:crypto';
import { mkdirSync, mkdtempSync, readFileSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { openSource } from '../../scripts/verify/source.ts';
import { defaultThreads } from '../../scripts/verify/main.ts';
import { verifyLog } from '../../scripts/verify/verify-log.ts';
import { parseVerifierKey } from '../../scripts/verify/keys.ts';
import { START, entriesOf } from '../support/verify/events.ts';
import { bundleOf, createSigner, signedCheckpoint } from '../support/verify/naive-log.ts';
import { row, type Row } from './row.ts';

const ENTRIES = 1_000_000;
/** Running side by side. */
const BATCHES = 2_000;
const WIDTH = 256;
const NODE_BYTES = 65;
/** The entries are of the weeks after START. */
const YEAR_MS = 365 * 86_400_000;
const ROUNDS = 3;
/** As the program takes them by itself. */
const THREADS = defaultThreads();
const log = createSigner('bedside.network/north', 1);

const seconds = async (run: () => Promise<void> | void): Promise<number> => {
  const start = process.hrtime.bigint();
  await run();
  return Number(process.hrtime.bigint() - start) / 1e9;
};

const node = Buffer.alloc(NODE_BYTES, 1);
const rootOf = (hashes: readonly Buffer[]): Buffer => {
  let level = [...hashes];
  while (level.length > 1) {
    level = Array.from({ length: Math.ceil(level.length / 2) }, (_, i) => {
      const [left, right] = [level[2 * i] ?? node, level[2 * i + 1]];
      return right === undefined ? left : createHash('sha256').update(Buffer.of(1)).update(left).update(right).digest();
    });
  }
  return level[0] ?? node;
};

const pathOf = (kind: string, index: number, width: number): string => {
  const groups = index < 1000 ? String(index).padStart(3, '0') : `x${String(Math.floor(index / 1000)).padStart(3, '0')}/${String(index % 1000).padStart(3, '0')}`;
  return `tile/${kind}/${groups}${width === WIDTH ? '' : `.p/${width}`}`;
};

/** Write a log a bundle at a time: a million entries at once would not fit. @returns bytes of all entries */
const writeLog = (folder: string, entries: Iterable<Buffer>): number => {
  const write = (path: string, bytes: Buffer): void => {
    mkdirSync(dirname(join(folder, path)), { recursive: true });
    writeFileSync(join(folder, path), bytes);
  };
  let hashes: Buffer[] = [], part: Buffer[] = [], bytes = 0;
  const flush = (): void => {
    if (part.length > 0) write(pathOf('entries', Math.ceil(hashes.length / WIDTH) - 1, part.length), bundleOf(part));
    part = [];
  };
  for (const entry of entries) {
    part.push(entry);
    hashes.push(createHash('sha256').update(Buffer.of(0)).update(entry).digest());
    bytes += entry.length;
    if (part.length === WIDTH) flush();
  }
  flush();
  writeFileSync(join(folder, 'checkpoint'), signedCheckpoint(hashes.length, rootOf(hashes), { log, witnesses: [], epochSeconds: 0 }));
  for (let level = 0; hashes.length > 0; level++) {
    const above: Buffer[] = [];
    for (let start = 0; start < hashes.length; start += WIDTH) {
      const tile = hashes.slice(start, start + WIDTH);
      write(pathOf(String(level), start / WIDTH, tile.length), Buffer.concat(tile));
      if (tile.length === WIDTH) above.push(rootOf(tile));
    }
    hashes = above;
  }
  return bytes;
};

/** The same bytes once through SHA-256 and nothing else, files and all: every entry of every bundle, a call each. */
const hashEntries = (folder: string, hashOne: (entry: Uint8Array) => void): void => {
  const below = join(folder, 'tile', 'entries');
  for (const entry of readdirSync(below, { withFileTypes: true, recursive: true })) {
    if (!entry.isFile()) continue;
    const bytes = readFileSync(join(entry.parentPath, entry.name));
    for (let at = 0; at < bytes.length;) {
      const end = at + 2 + bytes.readUInt16BE(at);
      hashOne(bytes.subarray(at + 2, end));
      at = end;
    }
  }
};

/** As anybody writes it, and by the call that came with Node 20.12 and makes no object. */
const plainHash = (entry: Uint8Array): void => { createHash('sha256').update(entry).digest(); };
const oneShotHash = (entry: Uint8Array): void => { hash('sha256', entry, 'buffer'); };

/** Speed of the offline verifier on a million entries, one in five or so signed, beside plain SHA-256 of the same entries in the same run. */
export const measureVerify = async (count = ENTRIES): Promise<readonly Row[]> => {
  const folder = mkdtempSync(join(tmpdir(), 'bedside-verify-'));
  try {
    const bytes = writeLog(folder, entriesOf(count, BATCHES));
    const key = parseVerifierKey(log.vkey, 1);
    let damages = 0, signatures = 0;
    const verify = async (threads: number): Promise<void> => {
      const result = await verifyLog({ threads, source: openSource(folder), key, witnesses: [], quorum: 0, chunks: 'elsewhere', nowEpochMs: START + YEAR_MS, progress: () => undefined });
      damages = result.damages.length;
      signatures = result.signatures;
    };
    let plain = Infinity, oneShot = Infinity, nodes = Infinity, own = Infinity, together = Infinity;
    // In turn and the best of each, so that a busy moment of the machine does not fall on one of them alone.
    for (let round = 0; round < ROUNDS; round++) {
      plain = Math.min(plain, await seconds(() => { hashEntries(folder, plainHash); }));
      oneShot = Math.min(oneShot, await seconds(() => { hashEntries(folder, oneShotHash); }));
      nodes = Math.min(nodes, await seconds(() => { for (let i = 0; i < count; i++) createHash('sha256').update(node).digest(); }));
      own = Math.min(own, await seconds(async () => { await verify(0); }));
      together = Math.min(together, await seconds(async () => { await verify(THREADS - 1); }));
    }
    if (damages > 0) throw new Error(`got ${damages} damages in a sound log, want 0`);
    process.stderr.write(`verify   ${count} entries, ${(bytes / count).toFixed(0)} bytes each, ${signatures} signed\n`);
    return [
      row(`verify: entries, ${THREADS} threads`, count / together, '1/s', count / plain, 'plain SHA-256 of the same entries on one thread; target at least half'),
      row(`verify: entries, ${THREADS} threads`, count / together, '1/s', count / oneShot, 'the same by crypto.hash'),
      row('verify: entries, one thread', count / own, '1/s', count / plain, 'plain SHA-256 of the same entries on one thread'),
      row('verify: entries, one thread', count / own, '1/s', count / (plain + nodes), 'plain SHA-256 of the same entries and tree nodes'),
      row('verify: 100,000 entries', own / count * 100_000, 's', 1, 'target, at most'),
    ];
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
};

if (import.meta.main) process.stdout.write(`${(await measureVerify(Number(process.argv[2] ?? ENTRIES))).map((each) => JSON.stringify(each)).join('\n')}\n`);
