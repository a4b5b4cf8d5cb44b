import { createHash } from 'node:crypto';
import { createServer } from 'node:http';
import { execFileSync, spawnSync } from 'node:child_process';
import { appendFileSync, globSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { bundleVerifier } from '../../../scripts/verify-bundle.ts';
import { CHUNKS, DAMAGES, ENTRIES, LOG, NOW, RECORDED, SOUND, WITNESSES } from '../../support/verify/damages.ts';
import { checkpointOf, createSigner, writeFiles } from '../../support/verify/naive-log.ts';
import { runVerify, verifyFiles } from '../../support/verify/run.ts';

const folder = mkdtempSync(join(tmpdir(), 'bedside-verify-'));
const log = join(folder, 'log');
const KEYS = ['--key', LOG.vkey, ...WITNESSES.flatMap(({ vkey }) => ['--witness', vkey])];

beforeAll(() => { writeFiles(log, SOUND); });
afterAll(() => { rmSync(folder, { recursive: true, force: true }); });

describe('the verifier as a program', () => {
  it('imports nothing but Node and its own files, so that it shares no fault with the log\'s writer', () => {
    const files = ['scripts/verify.ts', ...globSync('scripts/verify/**/*.ts')];
    const imported = files.flatMap((file) => Array.from(readFileSync(file, 'utf8').matchAll(/(?:from|import) '([^']+)'/g), ([, name = '']) => ({ file, name })));
    expect(files.length).toBeGreaterThan(10);
    expect(imported.filter(({ file, name }) => !name.startsWith('node:') && !(file === 'scripts/verify.ts' ? /^\.\/verify\/[a-z-]+\.ts$/ : /^\.\/[a-z0-9-]+\.ts$/).test(name))).toEqual([]);
  });

  it('says who signed and cosigned a sound log, and how much it saw', async () => {
    const { code, out } = await runVerify([log, ...KEYS], NOW);
    expect(code).toBe(0);
    expect(out).toContain(`signed by ${LOG.name}`);
    expect(out).toContain('2 of 2, 2 wanted');
    expect(out).toMatch(/^OK {11}/m);
    expect(out).not.toContain('NOT CHECKED');
  });

  it('says loudly that nobody vouches for a log when no key is given, and whose signatures it carries', async () => {
    const { code, out } = await runVerify([log], NOW);
    expect(code).toBe(0);
    expect(out).toContain('NOT CHECKED: without --key');
    expect(out).toContain(`${LOG.name} (key ${LOG.id.toString('hex')})`);
    expect(out).toContain('BY WHOM WAS NOT CHECKED');
  });

  it('names file, entry and batch of a damage', async () => {
    const { files } = DAMAGES['a back-dated entry']!(() => 42);
    const { code, report } = await verifyFiles(files, KEYS, NOW);
    const { stream: { kind, id }, version } = RECORDED[42]!;
    expect(code).toBe(1);
    expect(report.damages[0]).toMatchObject({ file: 'tile/entries/000', entry: 42, batch: { kind, id, version } });
  });

  it('refuses another log\'s key, and a checkpoint without enough of the witnesses', async () => {
    const other = createSigner('bedside.network/south', 1), stranger = createSigner('bedside.network/witness/west', 4);
    expect((await runVerify([log, '--key', other.vkey], NOW)).out).toContain('is not signed by bedside.network/south');
    const { code, out } = await runVerify([log, ...KEYS, '--witness', stranger.vkey], NOW);
    expect(code).toBe(1);
    expect(out).toContain('good cosignatures of 2 of the given witnesses, want 3');
    expect((await runVerify([log, ...KEYS, '--witness', stranger.vkey, '--quorum', '2'], NOW)).code).toBe(0);
  });

  it('refuses cosignatures from the future, and from before an entry they cover', async () => {
    const messagesAt = async (epochSeconds: number): Promise<string> => {
      const checkpoint = checkpointOf(ENTRIES, { log: LOG, witnesses: WITNESSES, epochSeconds });
      const { code, report } = await verifyFiles(new Map([...SOUND, ['checkpoint', checkpoint]]), KEYS, NOW);
      return `${code} ${report.damages.map(({ message }) => message).join()}`;
    };
    const now = Math.floor(NOW / 1000), newest = Math.max(...RECORDED.map(({ recordedAt }) => Math.floor(Date.parse(recordedAt) / 1000)));
    expect(await messagesAt(now + 300)).toBe('0 ');
    expect(await messagesAt(now + 301)).toMatch(/^1 .*in the future/);
    expect(await messagesAt(newest - 300)).toBe('0 ');
    expect(await messagesAt(newest - 301)).toMatch(/^1 .*covers an entry recorded at/);
  });

  it('reads the cosignatures of a network of 276 hospitals and the control site', async () => {
    const witnesses = Array.from({ length: 277 }, (_, i) => createSigner(`bedside.network/witness/site-${i}`, 4));
    const checkpoint = checkpointOf(ENTRIES, { log: LOG, witnesses, epochSeconds: Math.floor(NOW / 1000) - 60 });
    const { code, report } = await verifyFiles(new Map([...SOUND, ['checkpoint', checkpoint]]), ['--key', LOG.vkey, ...witnesses.flatMap(({ vkey }) => ['--witness', vkey])], NOW);
    expect([code, report.damages]).toEqual([0, []]);
  });

  it('says what lies beyond the checkpoint and what it could not compare', async () => {
    const files = new Map([...SOUND].filter(([path]) => !path.startsWith('chunks/')));
    files.set('tile/0/003', Buffer.alloc(8192));
    const { code, report } = await verifyFiles(files, [...KEYS, '--without-chunks'], NOW);
    expect(code).toBe(0);
    expect(report.notices.join()).toMatch(/beyond the checkpoint.*tile\/0\/003.*telemetry chunks are named by events.*were not compared/);
  });

  it.each([
    ['no place', []], ['two places', ['a', 'b']], ['a folder that is not there', [join(folder, 'nowhere')]], ['an unknown option', [log, '--frob']],
    ['a key that is none', [log, '--key', 'north+00000000+AAAA']], ['a witness\' key for the log\'s', [log, '--key', WITNESSES[0]!.vkey]], ['a log\'s key for a witness\'', [log, '--witness', LOG.vkey]],
    ['a key whose id was changed', [log, '--key', LOG.vkey.replace(/\+[0-9a-f]{8}\+/, '+00000000+')]], ['a quorum of more than there are', [log, ...KEYS, '--quorum', '3']],
    ['a witness twice', [log, ...KEYS, '--witness', WITNESSES[0]!.vkey]], ['an earlier checkpoint that is not there', [log, '--previous', join(folder, 'none')]], ['chunks that are somewhere and not wanted', [log, '--chunks', log, '--without-chunks']], ['an address nobody answers', ['http://127.0.0.1:1/log']],
  ])('exits 2 and says what to do on %s', async (_, words) => {
    const { code, error, out } = await runVerify(words, NOW);
    expect(code).toBe(2);
    expect(error).toContain('see --help');
    expect(out).toBe('');
  });

  it('prints its help', async () => {
    const { code, out } = await runVerify(['--help'], NOW);
    expect(code).toBe(0);
    for (const option of ['--key', '--witness', '--quorum', '--previous', '--chunks', '--without-chunks', '--json']) expect(out).toContain(option);
  });

  it('compares chunks of another folder, with what they were before late messages changed them, and names event and batch of one that is not there', async () => {
    const [alone, beside] = [join(folder, 'alone'), join(folder, 'beside')];
    writeFiles(alone, new Map([...SOUND].filter(([path]) => !path.startsWith('chunks/'))));
    writeFiles(beside, new Map([...CHUNKS].map(([path, bytes]) => [path.slice('chunks/'.length), bytes])));
    expect([...CHUNKS.keys()].filter((path) => path.includes('superseded')).length).toBeGreaterThan(3);
    const whole = await runVerify([alone, ...KEYS, '--chunks', beside], NOW);
    expect(whole.code).toBe(0);
    expect(whole.out).toContain(`${CHUNKS.size} of ${CHUNKS.size} named chunks compared`);
    const [lost = ''] = [...CHUNKS.keys()].map((path) => path.slice('chunks/'.length));
    const { stream, version } = RECORDED.find(({ event }) => event.type === 'telemetry-sealed')!;
    rmSync(join(beside, lost));
    const { code, out } = await runVerify([alone, ...KEYS, '--chunks', beside], NOW);
    expect(code).toBe(1);
    expect(out).toMatch(new RegExp(`DAMAGE +\\./${lost} · entry \\d+ · batch ${stream.id}, version ${version}\\n +is missing`));
    expect((await runVerify([alone, ...KEYS, '--chunks', join(folder, 'nowhere')], NOW)).code).toBe(2);
  });

  it('asks a hospital\'s audit interface for chunks by batch and hash', async () => {
    const byHash = new Map([...CHUNKS.values()].map((bytes) => [createHash('sha256').update(bytes).digest('hex'), bytes]));
    const [altered = ''] = byHash.keys();
    const state = { isAltered: false };
    const server = createServer(({ url = '' }, response) => {
      const [, batchId, hash = ''] = /^\/v1\/audit\/batches\/([^/]+)\/telemetry\/chunks\/([0-9a-f]{64})$/.exec(url) ?? [];
      const isNamed = RECORDED.some(({ stream, event }) => stream.id === batchId && JSON.stringify(event).includes(hash));
      const bytes = isNamed ? byHash.get(hash) : undefined;
      response.writeHead(bytes === undefined ? 404 : 200).end(state.isAltered && hash === altered ? Buffer.from('altered') : bytes);
    });
    await new Promise<void>((done) => { server.listen(0, '127.0.0.1', done); });
    try {
      const words = [join(folder, 'alone'), ...KEYS, '--chunks', `http://127.0.0.1:${(server.address() as { port: number }).port}/v1/audit`];
      const { code, out } = await runVerify(words, NOW);
      expect([code, out.includes(`${CHUNKS.size} of ${CHUNKS.size} named`)]).toEqual([0, true]);
      state.isAltered = true;
      expect((await runVerify(words, NOW)).out).toMatch(new RegExp(`DAMAGE +http.*/telemetry/chunks/${altered} · entry`));
    } finally {
      server.close();
    }
  });

  it('reads a log over HTTP', async () => {
    const server = createServer(({ url = '' }, response) => {
      const bytes = SOUND.get(url.slice('/north/'.length));
      response.writeHead(bytes === undefined ? 404 : 200).end(bytes);
    });
    await new Promise<void>((done) => { server.listen(0, '127.0.0.1', done); });
    try {
      const { port } = server.address() as { port: number };
      const { code, out } = await runVerify([`http://127.0.0.1:${port}/north`, ...KEYS], NOW);
      expect(out).toContain('OK  ');
      expect(code).toBe(0);
    } finally {
      server.close();
    }
  });
});

describe('the verifier as one file', () => {
  it('is the same bytes each time, and verifies in an empty folder with nothing installed', async () => {
    const bytes = await bundleVerifier();
    expect(Buffer.from(await bundleVerifier()).equals(bytes)).toBe(true);
    const place = join(folder, 'pack');
    mkdirSync(place);
    writeFileSync(join(place, 'verify.mjs'), bytes);
    const words = [join(place, 'verify.mjs'), log, '--key', LOG.vkey];
    expect(execFileSync(process.execPath, words, { cwd: place, env: {}, encoding: 'utf8' })).toContain('OK  ');
    appendFileSync(join(log, 'tile/entries/000'), 'x');
    const { status, stdout } = spawnSync(process.execPath, words, { cwd: place, env: {}, encoding: 'utf8' });
    expect(status).toBe(1);
    expect(stdout).toContain('DAMAGE       tile/entries/000');
  });
});
