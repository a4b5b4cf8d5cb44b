import { createHash, hash } from 'node:crypto';
import { mkdirSync, mkdtempSync, readFileSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { openSource } from '../../scripts/verify/source.ts';
import { verifyLog } from '../../scripts/verify/verify-log.ts';
import { parseVerifierKey } from '../../scripts/verify/keys.ts';
import { START, entryOf, sampleOf } from '../support/verify/events.ts';
import { bundleOf, createSigner, signedCheckpoint } from '../support/verify/naive-log.ts';
import { row, type Row } from './row.ts';

const ENTRIES = 1_000_000;
const WIDTH = 256;
const NODE_BYTES = 65;
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

/** Write the log a bundle at a time: a million entries as JavaScript objects would not fit. */
const writeLog = (folder: string, entries: readonly Buffer[]): void => {
  const write = (path: string, bytes: Buffer): void => {
    mkdirSync(dirname(join(folder, path)), { recursive: true });
    writeFileSync(join(folder, path), bytes);
  };
  let hashes: Buffer[] = entries.map((entry) => createHash('sha256').update(Buffer.of(0)).update(entry).digest());
  const root = rootOf(hashes);
  for (let start = 0; start < entries.length; start += WIDTH) {
    const part = entries.slice(start, start + WIDTH);
    write(pathOf('entries', start / WIDTH, part.length), bundleOf(part));
  }
  for (let level = 0; hashes.length > 0; level++) {
    const above: Buffer[] = [];
    for (let start = 0; start < hashes.length; start += WIDTH) {
      const part = hashes.slice(start, start + WIDTH);
      write(pathOf(String(level), start / WIDTH, part.length), Buffer.concat(part));
      if (part.length === WIDTH) above.push(rootOf(part));
    }
    hashes = above;
  }
  writeFileSync(join(folder, 'checkpoint'), signedCheckpoint(entries.length, root, { log, witnesses: [], epochSeconds: 0 }));
};

/** The same bytes once through SHA-256 and nothing else: every entry of every bundle, a call each, and as many nodes. */
const hashEntries = (folder: string): void => {
  const below = join(folder, 'tile', 'entries');
  for (const entry of readdirSync(below, { withFileTypes: true, recursive: true })) {
    if (!entry.isFile()) continue;
    const bytes = readFileSync(join(entry.parentPath, entry.name));
    for (let at = 0; at < bytes.length;) {
      const end = at + 2 + bytes.readUInt16BE(at);
      createHash('sha256').update(bytes.subarray(at + 2, end)).digest();
      at = end;
    }
  }
};

/** Speed of the offline verifier on a million entries, one in five or so signed, beside plain SHA-256 of the same entries in the same run. */
export const measureVerify = async (count = ENTRIES): Promise<readonly Row[]> => {
  const folder = mkdtempSync(join(tmpdir(), 'bedside-verify-'));
  try {
    const entries = sampleOf(count, 2_000).recorded.slice(0, count).map(entryOf);
    const bytes = entries.reduce((sum, { length }) => sum + length, 0);
    writeLog(folder, entries);
    entries.length = 0;
    const plain = await seconds(() => { hashEntries(folder); });
    const nodes = await seconds(() => { for (let i = 0; i < count; i++) hash('sha256', node, 'hex'); });
    let damages = 0, signatures = 0, peak = 0;
    const own = await seconds(async () => {
      const result = await verifyLog({
        source: openSource(folder), key: parseVerifierKey(log.vkey, 1), witnesses: [], quorum: 0, nowEpochMs: START,
        progress: () => { peak = Math.max(peak, process.memoryUsage.rss()); },
      });
      damages = result.damages.length;
      signatures = result.signatures;
    });
    if (damages > 0) throw new Error(`got ${damages} damages in a sound log, want 0`);
    process.stderr.write(`verify   ${count} entries, ${(bytes / count).toFixed(0)} bytes each, ${signatures} signed; peak ${(peak / 1e6).toFixed(0)} MB\n`);
    return [
      row('verify: entries', count / own, '1/s', count / plain, 'plain SHA-256 of the same entries; target at least half'),
      row('verify: entries', count / own, '1/s', count / (plain + nodes), 'plain SHA-256 of the same entries and nodes'),
      row('verify: 100,000 entries', own / count * 100_000, 's', 1, 'target, at most'),
    ];
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
};

if (import.meta.main) process.stdout.write(`${(await measureVerify(Number(process.argv[2] ?? ENTRIES))).map((each) => JSON.stringify(each)).join('\n')}\n`);
