import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { bundleVerifier } from '../../../scripts/verify-bundle.ts';
import { loadUnit } from '../../../scripts/verify/load-unit.ts';
import { openSource } from '../../../scripts/verify/source.ts';
import { UnitPool } from '../../../scripts/verify/unit-pool.ts';
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
    const source = openSource(log), pool = new UnitPool(source, 2);
    writeFiles(log, new Map([['tile/entries/005', changed('tile/entries/005', 9_000)]]));
    const units = [[4, 256], [5, 256], [64, 100], [65, 256]] as const;
    const here = await Promise.all(units.map(([index, width]) => loadUnit(source, index, width)));
    expect(await Promise.all(units.map(([index, width]) => pool.load(index, width)))).toEqual(here);
    expect(here.map(({ bundle, reading }) => [bundle !== undefined, reading !== undefined])).toEqual([[true, true], [true, false], [true, true], [false, false]]);
    expect(pool.threads).toBe(2);
    pool.close();
    writeFiles(log, new Map([['tile/entries/005', sound.get('tile/entries/005')!]]));
  });

  it('is no damage when the disk does not read it: the command ends as it does here', async () => {
    const file = join(log, 'tile/entries/006');
    rmSync(file);
    symlinkSync(file, file);
    const ends = await Promise.all(['1', '3'].map((threads) => runVerify([...WORDS, '--threads', threads], NOW)));
    expect(ends[1]).toEqual(ends[0]);
    expect(ends[0]).toMatchObject({ code: 2, error: expect.stringContaining('can not be read (ELOOP)') as string });
    rmSync(file);
    writeFiles(log, new Map([['tile/entries/006', sound.get('tile/entries/006')!]]));
  });

  it('is read here when a thread can not be started, or dies', async () => {
    const source = openSource(log), pool = new UnitPool(source, 2, 'file:///no/such/thread.ts');
    const here = await loadUnit(source, 5, 256);
    expect(await Promise.all([pool.load(5, 256), pool.load(5, 256), pool.load(5, 256)])).toEqual([here, here, here]);
    expect(pool.threads).toBe(0);
    expect(await pool.load(5, 256)).toEqual(here);
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
