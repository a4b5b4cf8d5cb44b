import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { bundleVerifier } from '../../../scripts/verify-bundle.ts';
import { UnitPool } from '../../../scripts/verify/unit-pool.ts';
import { readUnit } from '../../../scripts/verify/unit-reading.ts';
import { START, entryOf, sampleOf } from '../../support/verify/events.ts';
import { bundleOf, createSigner, logOf, writeFiles, type Files } from '../../support/verify/naive-log.ts';
import { runVerify } from '../../support/verify/run.ts';

/** Enough entries for threads to be worth starting, and the last bundle not full. */
const ENTRIES = 64 * 256 + 100;
const NOW = START + 365 * 86_400_000;
const signers = { log: createSigner('bedside.network/north', 1), witnesses: [], epochSeconds: Math.floor(NOW / 1000) };
const { recorded } = sampleOf(ENTRIES, 400);
const entries = recorded.map(entryOf);
const sound: Files = logOf(entries, signers);

const folder = mkdtempSync(join(tmpdir(), 'bedside-threads-'));
const log = join(folder, 'log');
const WORDS = [log, '--key', signers.log.vkey, '--without-chunks', '--json'];
beforeAll(() => { writeFiles(log, sound); });
afterAll(() => { rmSync(folder, { recursive: true, force: true }); });

/** Another letter at a place of a file. */
const changed = (path: string, at: number): Buffer => {
  const bytes = Buffer.from(sound.get(path)!);
  bytes[at] = bytes[at]! ^ 1;
  return bytes;
};
/** A signature taken from the entry 20 places earlier, and everything hashed anew: only the order of the log shows it. */
const replayed = (): Buffer => bundleOf(entries.slice(512, 768).map((entry, i, all) => (i === 40 ? all[20]! : entry)));

const DAMAGES: Readonly<Record<string, Files>> = {
  'none': new Map(),
  'bits of entries of several bundles': new Map([3, 4, 40, 64].map((unit) => [`tile/entries/0${String(unit).padStart(2, '0')}${unit === 64 ? '.p/100' : ''}`, changed(`tile/entries/0${String(unit).padStart(2, '0')}${unit === 64 ? '.p/100' : ''}`, 9_000)])),
  'an entry in the place of another': new Map([['tile/entries/002', replayed()]]),
  'a level-0 tile': new Map([['tile/0/007', changed('tile/0/007', 99)]]),
};

const verified = async (...words: readonly string[]): Promise<unknown> => {
  const { code, out } = await runVerify([...WORDS, ...words], NOW);
  return { code, report: { ...JSON.parse(out) as object, seconds: 0 } };
};

describe('an entry that another thread read', () => {
  it.each(Object.entries(DAMAGES))('is found as it is found here, with damage: %s', async (name, files) => {
    writeFiles(log, files);
    const alone = await verified('--threads', '1');
    expect(await verified('--threads', '3')).toEqual(alone);
    expect(alone).toMatchObject({ code: name === 'none' ? 0 : 1, report: { ok: name === 'none' } });
    writeFiles(log, new Map([...files.keys()].map((path) => [path, sound.get(path)!])));
  });

  it('is what it is here', async () => {
    const pool = new UnitPool(2);
    const bytes = sound.get('tile/entries/005')!;
    expect(await Promise.all([pool.read(bytes, 256, false), pool.read(changed('tile/entries/005', 9_000), 256, false)])).toEqual([readUnit(bytes, 256, false), undefined]);
    expect(pool.threads).toBe(2);
    pool.close();
  });

  it('is read here when a thread can not be started, or dies', async () => {
    const bytes = sound.get('tile/entries/005')!;
    const pool = new UnitPool(2, 'file:///no/such/thread.ts');
    const asked = Promise.all([pool.read(bytes, 256, false), pool.read(bytes, 256, false), pool.read(bytes, 256, false)]);
    expect(await asked).toEqual([0, 1, 2].map(() => readUnit(bytes, 256, false)));
    expect(pool.threads).toBe(0);
    expect(await pool.read(bytes, 256, false)).toEqual(readUnit(bytes, 256, false));
  });

  it('travels in the one file that a pack carries', async () => {
    const program = join(folder, 'verify.mjs');
    writeFileSync(program, await bundleVerifier());
    const { status, stdout, stderr } = spawnSync(process.execPath, [program, ...WORDS, '--threads', '2'], { cwd: folder, env: {}, encoding: 'utf8' });
    expect(stderr).toBe('');
    expect(JSON.parse(stdout)).toMatchObject({ ok: true, entries: ENTRIES });
    expect(status).toBe(0);
  });
});

describe('the number of threads', () => {
  it.each(['0', '65', '1.5', 'all'])('%s is refused', async (threads) => {
    const { code, error } = await runVerify([...WORDS, '--threads', threads], NOW);
    expect(code).toBe(2);
    expect(error).toContain(`--threads: got ${threads}, want 1 to 64`);
  });
});
