import fc from 'fast-check';
import { unzipSync } from 'fflate';
import { execFileSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { parseVerifierKey } from '../../scripts/verify/keys.ts';
import { verifyPack } from '../../scripts/verify/verify-pack.ts';
import { integrate } from '../../shared/audit-log/log-writer.ts';
import { publishCheckpoint } from '../../shared/audit-log/publish.ts';
import { entryOf } from '../../shared/audit-log/receipt.ts';
import { formatVerifierKey } from '../../shared/audit-log/verifier-key.ts';
import { advance, createJourney, equip, type Journey } from '../support/journey.ts';
import { createNode, type TestNode } from '../support/node.ts';
import { PEOPLE } from '../support/people.ts';
import { sealChunks } from '../support/telemetry/sealed.ts';
import { memorySource } from '../support/verify/memory-source.ts';

const bytes = (seed: number, length: number): Buffer => Buffer.from(Array.from({ length }, (_, i) => (seed * 31 + i * 7) % 256));
const folder = mkdtempSync(join(tmpdir(), 'bedside-pack-'));
let node: TestNode;
let journey: Journey;

/** Files of the pack, after everything on record was published. */
const packFiles = async (): Promise<Map<string, Buffer>> => {
  const people = [PEOPLE.operator, PEOPLE.second].map(({ id }) => ({ kind: 'person', id } as const));
  for (const stream of [...people, { kind: 'batch', id: journey.batchId } as const]) await integrate(node.log.store, (await node.store.load(stream)).map(entryOf));
  await publishCheckpoint(node.log.store, { key: node.log.key, signer: node.log.signer, witnesses: [], quorum: 0 });
  const { file } = await node.call(PEOPLE.regulator, 'GET /v1/audit/batches/{batchId}/inspection-pack', { path: { batchId: journey.batchId } });
  return new Map(Object.entries(unzipSync(file!)).map(([path, body]) => [path, Buffer.from(body)]));
};
const verify = (files: ReadonlyMap<string, Buffer>) => verifyPack({ source: memorySource(files as never), key: parseVerifierKey(formatVerifierKey(node.log.key), 1), witnesses: [], quorum: 0, nowEpochMs: node.time.epochMs + 60_000, progress: () => undefined });
const withoutSums = (files: ReadonlyMap<string, Buffer>): Map<string, Buffer> => new Map([...files].filter(([path]) => path !== 'SHA256SUMS'));
const chunkPaths = (files: ReadonlyMap<string, Buffer>): readonly string[] => [...files.keys()].filter((path) => path.startsWith('chunks/'));

beforeAll(async () => {
  node = createNode();
  node.packs.verifier = Buffer.from('// the verifier\n');
  await equip(node);
  journey = await advance(await createJourney(node), 'culturing');
  await sealChunks(node, journey.batchId, { 0: bytes(1, 300), 1: bytes(2, 200), 2: bytes(3, 100) });
  await sealChunks(node, journey.batchId, { 1: bytes(4, 250) });
});
afterAll(() => { rmSync(folder, { recursive: true, force: true }); });

describe('telemetry in an inspection pack', () => {
  it('is every chunk the record names, what it was before late messages too, and verifies with no network', async () => {
    const files = await packFiles();
    expect(chunkPaths(files)).toHaveLength(4);
    expect(await verify(files)).toMatchObject({ damages: [], chunksNamed: 4, chunksCompared: 4 });
    for (const [path, body] of files) {
      mkdirSync(dirname(join(folder, path)), { recursive: true });
      writeFileSync(join(folder, path), body);
    }
    expect(execFileSync('sha256sum', ['-c', 'chunks.sha256'], { cwd: folder, encoding: 'utf8' }).match(/OK/g)).toHaveLength(4);
    const instructions = files.get('INSTRUCTIONS.txt')!.toString();
    expect(instructions).toContain('sha256sum -c chunks.sha256');
    expect(instructions).not.toContain('curl');
    for (const line of instructions.split('\n')) expect(line.length).toBeLessThanOrEqual(80);
  });

  it('is found out by any single bit that is turned, with its event and batch, with the sums and without', async () => {
    const files = await packFiles();
    const flips = fc.tuple(fc.constantFrom(...chunkPaths(files)), fc.nat(), fc.boolean());
    await fc.assert(fc.asyncProperty(flips, async ([path, at, hasSums]) => {
      const damaged = hasSums ? new Map(files) : withoutSums(files);
      const body = Buffer.from(files.get(path)!);
      const bit = at % (body.length * 8);
      body[bit >> 3] = body[bit >> 3]! ^ (1 << (bit & 7));
      damaged.set(path, body);
      const { damages } = await verify(damaged);
      const named = damages.find(({ file, batch }) => file === path && batch !== undefined);
      const sealed = (await node.store.load<{ type: string; chunks?: readonly unknown[] }>({ kind: 'batch', id: journey.batchId })).filter(({ event }) => event.type === 'telemetry-sealed').map(({ version }) => version);
      if (named?.batch?.id !== journey.batchId || !sealed.includes(named.batch.version)) throw new Error(JSON.stringify(damages));
    }), { numRuns: 1000 });
  });

  it('is missed, with its event and batch, where a chunk was taken out', async () => {
    const files = await packFiles();
    for (const path of chunkPaths(files)) {
      const left = withoutSums(files);
      left.delete(path);
      expect((await verify(left)).damages).toMatchObject([{ file: 'SHA256SUMS' }, { file: path, batch: { id: journey.batchId } }]);
    }
  });

  it('that the store has altered does not keep the pack from being given out; the verifier names it', async () => {
    const [key = ''] = [...node.telemetryObjects.objects.keys()];
    const before = node.telemetryObjects.objects.get(key)!;
    node.telemetryObjects.objects.set(key, bytes(9, 50));
    const { damages } = await verify(await packFiles());
    node.telemetryObjects.objects.set(key, before);
    expect(damages).toMatchObject([{ file: `chunks/${key}`, batch: { id: journey.batchId } }]);
  });

  it('that finds no room is listed with its hashes, and how to fetch it', async () => {
    await sealChunks(node, journey.batchId, { 8: bytes(5, 1_500_001) });
    const files = await packFiles();
    expect(chunkPaths(files)).toEqual([]);
    expect(files.get('chunks.sha256')!.toString().trimEnd().split('\n')).toHaveLength(5);
    expect(files.get('INSTRUCTIONS.txt')!.toString()).toContain(`/v1/audit/batches/${journey.batchId}/telemetry/chunks/$sum`);
    const { damages, notices } = await verify(files);
    expect([damages, notices.join()]).toEqual([[], expect.stringMatching(/5 telemetry chunks are named by events, the first by batch .*; their bytes were not compared/) as unknown]);
  });
});
