import fc from 'fast-check';
import { createHash } from 'node:crypto';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { globSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { someAtOnce } from '../../../scripts/verify/some-at-once.ts';
import { CHUNKS, LOG, NOW, SOUND } from '../../support/verify/damages.ts';
import { writeFiles } from '../../support/verify/naive-log.ts';
import { runVerify, type Outcome } from '../../support/verify/run.ts';

const sha256 = (bytes: Uint8Array): string => createHash('sha256').update(bytes).digest('hex');
const BY_HASH = new Map([...CHUNKS.values()].map((bytes) => [sha256(bytes), bytes]));
const ALL = [...BY_HASH.keys()];
const folder = mkdtempSync(join(tmpdir(), 'bedside-kept-'));
const log = join(folder, 'log');

/** A hospital's audit interface: what it was asked for, and what it does instead of giving a chunk. */
const hospital = { asked: [] as string[], instead: (_sha256: string): Readonly<{ status: number; body?: Buffer }> | undefined => undefined };
const server = createServer(({ url = '' }, response) => {
  const hash = basename(url);
  hospital.asked.push(hash);
  const { status, body } = hospital.instead(hash) ?? { status: BY_HASH.has(hash) ? 200 : 404, body: BY_HASH.get(hash) };
  response.writeHead(status, { 'retry-after': '0' }).end(body);
});
beforeAll(async () => {
  writeFiles(log, new Map([...SOUND].filter(([path]) => !path.startsWith('chunks/'))));
  await new Promise<void>((done) => { server.listen(0, '127.0.0.1', done); });
});
afterAll(() => {
  server.closeAllConnections();
  server.close();
  rmSync(folder, { recursive: true, force: true });
});

let keep: string;
beforeEach(() => {
  keep = join(mkdtempSync(join(folder, 'run-')), 'deep', 'kept');
  hospital.asked = [];
});
afterEach(() => { hospital.instead = () => undefined; });
const verify = (...words: readonly string[]): Promise<Outcome> => runVerify([log, '--key', LOG.vkey, ...words], NOW);
const address = (): string => `http://127.0.0.1:${(server.address() as AddressInfo).port}/v1/audit`;
const fetching = (): Promise<Outcome> => verify('--chunks', address(), '--keep', keep);
const kept = (): ReadonlyMap<string, Buffer> => new Map(globSync('**/*', { cwd: keep, withFileTypes: true }).filter((each) => each.isFile()).map((each) => [each.name, readFileSync(join(each.parentPath, each.name))]));
const fileOf = (hash: string): string => join(keep, 'superseded', `${hash}.chunk`);

describe('chunks that were fetched, and are kept', () => {
  it('are each whole under their hash, need not be asked for again, and then no network', async () => {
    expect(await fetching()).toMatchObject({ code: 0, out: expect.stringMatching(new RegExp(`0 chunks were in .*kept already and were hashed again, ${CHUNKS.size} were fetched and are kept there: with --chunks .* no network is needed`)) as unknown });
    expect(hospital.asked.toSorted()).toEqual(ALL.toSorted());
    expect(kept()).toEqual(new Map(ALL.map((hash) => [`${hash}.chunk`, BY_HASH.get(hash)])));
    hospital.asked = [];
    const { code, out } = await fetching();
    expect([code, out.includes(`${CHUNKS.size} of ${CHUNKS.size} named chunks compared`), hospital.asked]).toEqual([0, true, []]);
    const offline = await verify('--chunks', keep);
    expect(offline).toMatchObject({ code: 0, out: expect.stringContaining(`${CHUNKS.size} of ${CHUNKS.size} named chunks compared`) as unknown });
    expect(offline.out).not.toContain('not named by the log');
  });
  it('are gone on with where a run was stopped, which says how many there are', async () => {
    const begun = Math.floor(ALL.length / 2);
    hospital.instead = () => (hospital.asked.length > begun ? { status: 401 } : undefined);
    const stopped = await fetching();
    const first = [...kept().keys()];
    expect(stopped).toMatchObject({ code: 2, out: '', error: expect.stringMatching(new RegExp(`wants a sign-in.*\n0 chunks were in .*kept already and were hashed again, ${first.length} were fetched and are kept there: the same command goes on from there`)) as unknown });
    expect([first.length, first.every((name) => /^[0-9a-f]{64}\.chunk$/.test(name))]).toEqual([begun, true]);
    hospital.instead = () => undefined;
    hospital.asked = [];
    expect(await fetching()).toMatchObject({ code: 0, out: expect.stringContaining(`${begun} chunks were in`) as unknown });
    expect(hospital.asked.toSorted()).toEqual(ALL.filter((hash) => !first.includes(`${hash}.chunk`)).toSorted());
  });
  it('are hashed again, and what is not its hash, or was never whole, is fetched again', async () => {
    await fetching();
    const [cut = '', flipped = '', lost = ''] = ALL;
    writeFileSync(fileOf(cut), BY_HASH.get(cut)!.subarray(1));
    writeFileSync(fileOf(flipped), Buffer.from(BY_HASH.get(flipped)!.map((byte, i) => (i === 0 ? byte ^ 1 : byte))));
    rmSync(fileOf(lost));
    writeFileSync(`${fileOf(lost)}.part`, 'the first half of it');
    hospital.asked = [];
    expect((await fetching()).code).toBe(0);
    expect(hospital.asked.toSorted()).toEqual([cut, flipped, lost].toSorted());
    expect(kept()).toEqual(new Map(ALL.map((hash) => [`${hash}.chunk`, BY_HASH.get(hash)])));
  });
  it('are none that a hospital gave wrong: it is named, and asked for again the next time', async () => {
    const [wrong = '', absent = ''] = ALL;
    hospital.instead = (hash) => (hash === wrong ? { status: 200, body: Buffer.from('altered') } : hash === absent ? { status: 404 } : undefined);
    for (let run = 1; run <= 2; run += 1) {
      const { code, out } = await fetching();
      expect([code, out.includes(`/telemetry/chunks/${wrong} · entry`), out.includes(`/telemetry/chunks/${absent} · entry`)]).toEqual([1, true, true]);
      expect([kept().has(`${wrong}.chunk`), kept().has(`${absent}.chunk`), kept().size]).toEqual([false, false, ALL.length - 2]);
    }
    expect(hospital.asked.filter((hash) => [wrong, absent].includes(hash))).toHaveLength(4);
  });
  it('want an address to fetch from, and a folder that can be written', async () => {
    for (const words of [['--keep', keep], ['--keep', keep, '--chunks', log], ['--keep', keep, '--without-chunks']]) expect(await verify(...words)).toMatchObject({ code: 2, error: expect.stringContaining('--keep: want it with --chunks <address>') as unknown });
    mkdirSync(join(keep, '..'), { recursive: true });
    writeFileSync(keep, 'a file');
    expect(await fetching()).toMatchObject({ code: 2, out: '', error: expect.stringMatching(/--keep: .*kept can not be written \(E[A-Z]+\)/) as unknown });
  });
  it('are waited for where the hospital says that it is asked too often, longer than where it is down', async () => {
    const asks = new Map<string, number>();
    const timesOf = (hash: string): number => { asks.set(hash, (asks.get(hash) ?? 0) + 1); return asks.get(hash) ?? 0; };
    hospital.instead = (hash) => (timesOf(hash) < 10 && ALL.indexOf(hash) < 3 ? { status: 429 } : undefined);
    expect((await fetching()).code).toBe(0);
    expect(ALL.slice(0, 3).map((hash) => asks.get(hash))).toEqual([10, 10, 10]);
    rmSync(keep, { recursive: true });
    hospital.instead = (hash) => (hash === ALL[0] ? { status: 503 } : undefined);
    hospital.asked = [];
    expect((await fetching()).code).toBe(2);
    expect(hospital.asked.filter((hash) => hash === ALL[0])).toHaveLength(4);
  });
});

describe('some at once', () => {
  it('does each once, never more than so many together, and as many as there are when it can', async () => {
    await fc.assert(fc.asyncProperty(fc.array(fc.nat({ max: 3 }), { maxLength: 40 }), fc.integer({ min: 1, max: 9 }), async (turns, atOnce) => {
      const done: number[] = [];
      let running = 0, most = 0;
      await someAtOnce(turns.map((_, i) => i), atOnce, async (i) => {
        most = Math.max(most, running += 1);
        for (let turn = 0; turn <= (turns[i] ?? 0); turn += 1) await Promise.resolve();
        running -= 1;
        done.push(i);
      });
      expect(done.toSorted((a, b) => a - b)).toEqual(turns.map((_, i) => i));
      expect(most).toBe(Math.min(atOnce, turns.length));
    }));
  });
  it('begins nothing after the first that fails, and fails as it did', async () => {
    const begun: number[] = [];
    await expect(someAtOnce([0, 1, 2, 3, 4, 5, 6], 2, async (i) => {
      begun.push(i);
      await Promise.resolve();
      if (i === 2) throw new Error('the third');
    })).rejects.toThrow('the third');
    expect(begun.length).toBeLessThan(6);
  });
});
