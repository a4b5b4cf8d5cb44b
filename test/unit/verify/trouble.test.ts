import { spawn } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { main } from '../../../scripts/verify/main.ts';
import { ENTRIES, LOG, NOW, SOUND, WITNESSES } from '../../support/verify/damages.ts';
import { tilesOf, writeFiles, type Files } from '../../support/verify/naive-log.ts';
import { runVerify, verifyFiles, type Outcome } from '../../support/verify/run.ts';
import { whileListening } from '../../support/while-listening.ts';

const KEYS = ['--key', LOG.vkey, ...WITNESSES.flatMap(({ vkey }) => ['--witness', vkey])];
type Answer = Readonly<{ status: number; type?: string; body?: string; retryAfter?: string }>;

/** Serves the sound log; `answer` says what happens to the n-th request instead, from 1. */
const whileServed = <Value>(answer: (n: number) => Answer | undefined, run: (address: string) => Promise<Value>): Promise<Value> => {
  let count = 0;
  return whileListening(({ url = '' }, response) => {
    count += 1;
    const instead = answer(count), bytes = SOUND.get(url.slice(1));
    if (instead !== undefined) response.writeHead(instead.status, { 'content-type': instead.type ?? 'text/plain', ...(instead.retryAfter === undefined ? {} : { 'retry-after': instead.retryAfter }) }).end(instead.body);
    else response.writeHead(bytes === undefined ? 404 : 200).end(bytes);
  }, run);
};
const served = (answer: (n: number) => Answer | undefined): Promise<Outcome> => whileServed(answer, (address) => runVerify([address, ...KEYS], NOW));

const REFUSED: Answer = { status: 403, type: 'application/problem+json', body: '{"type":"/problems/audit-grant-missing","detail":"no grant covers this"}' };
const withCheckpoint = (size: string): Files => new Map([...SOUND, ['checkpoint', Buffer.from(SOUND.get('checkpoint')!.toString('utf8').replace('\n600\n', `\n${size}\n`))]]);

describe('trouble that is not the log\'s', () => {
  it.each<[string, (n: number) => Answer | undefined]>([
    ['from the first request', () => REFUSED], ['that ends on the way', (n) => (n > 3 ? REFUSED : undefined)],
  ])('a right to read that is missing %s ends with 2 and the problem\'s code, and names no damage', async (_, answer) => {
    const { code, error, out } = await served(answer);
    expect([code, out]).toEqual([2, '']);
    expect(error).toMatch(/got status 403 \(\/problems\/audit-grant-missing: no grant covers this\).*nothing is said of the log/);
  });
  it('a server that is down for a while is waited for, and as long as it says', async () => {
    const { code, out } = await served((n) => (n === 2 || n === 5 ? { status: 503 } : n === 7 ? { status: 429, retryAfter: '0' } : undefined));
    expect(out).toContain('OK  ');
    expect(code).toBe(0);
  });
  it('a server that stays down ends the program with 2, and not with a crash, also while files are asked for ahead', async () => {
    const { code, error } = await whileServed((n) => (n > 3 ? { status: 503, retryAfter: '0' } : undefined), (address) => new Promise<Readonly<{ code: number | null; error: string }>>((resolve) => {
      const child = spawn(process.execPath, [join(import.meta.dirname, '../../../scripts/verify.ts'), address, '--key', LOG.vkey]);
      let said = '';
      child.stderr.on('data', (piece: Buffer) => { said += piece.toString(); });
      child.on('close', (status) => { resolve({ code: status, error: said }); });
    }));
    expect(code).toBe(2);
    expect(error).toMatch(/^http:.*got status 503, want 200; try again later\n\nsee --help\n$/);
  });
  it('a fault of the program itself ends with 2 and says that it is none of the log\'s', async () => {
    let error = '';
    expect(await main(['.'], { out: () => undefined, error: (text) => { error += text; }, isTerminal: false, get nowEpochMs(): never { throw new Error('a fault'); } })).toBe(2);
    expect(error).toMatch(/^This program failed, which says nothing of the log[^]*a fault/);
  });
});

describe('a size that nobody signed', () => {
  it.each(['9007199254740991', '60000000000', '6000000'])('of %s is refused soon, and named at the checkpoint', async (size) => {
    const { code, report } = await verifyFiles(withCheckpoint(size), KEYS, NOW);
    expect(code).toBe(1);
    expect(report.damages).toContainEqual(expect.objectContaining({ file: 'checkpoint' }));
  });
});

describe('damage in many places', () => {
  it('is all named to a machine, and so much of it to a reader that he sees the kinds', async () => {
    const altered = ENTRIES.map((entry, i) => (i % 12 === 0 ? Buffer.from(entry.toString('utf8').replace('"version"', '"versiom"')) : entry));
    const files: Files = new Map([...SOUND].filter(([path]) => !path.includes('.p/') || path.includes('.p/88')));
    for (const [path, bytes] of tilesOf(altered)) if (path.startsWith('tile/entries/')) files.set(path, bytes);
    const { report } = await verifyFiles(files, KEYS, NOW);
    expect(ENTRIES.flatMap((_, i) => (i % 12 === 0 ? [i] : []))).toHaveLength(50);
    expect(report.damages.flatMap(({ entry }) => (entry === undefined ? [] : [entry])).filter((entry) => entry % 12 === 0)).toHaveLength(50);
    const folder = mkdtempSync(join(tmpdir(), 'bedside-verify-'));
    writeFiles(folder, files);
    const { out } = await runVerify([folder, ...KEYS], NOW);
    rmSync(folder, { recursive: true, force: true });
    expect(out.match(/^DAMAGE .*entry/gm)).toHaveLength(20);
    expect(out).toMatch(/^DAMAGE +and \d+ more places; --json names them all$/m);
  });
});
