import { describe, expect, it } from 'vitest';
import { START, entryOf, sampleOf } from '../../support/verify/events.ts';
import { checkpointOf, createSigner, logOf, naiveRoot, type Files } from '../../support/verify/naive-log.ts';
import { verifyFiles } from '../../support/verify/run.ts';

const log = createSigner('bedside.network/north', 1);
const witnesses = [createSigner('bedside.network/witness/control', 4), createSigner('bedside.network/witness/south', 4)];
const NOW = START + 3_600_000_000;
const signers = { log, witnesses, epochSeconds: Math.floor(NOW / 1000) - 60 };
const WORDS = ['--key', log.vkey, ...witnesses.flatMap(({ vkey }) => ['--witness', vkey])];

const sizes = [0, 1, 2, 3, 255, 256, 257, 511, 512, 700];
const { recorded, chunks } = sampleOf(700);
const entries = recorded.map(entryOf);
const withChunks = (files: Files): Files => new Map([...files, ...[...chunks].map(([key, bytes]) => [`chunks/${key}`, bytes] as const)]);

describe('a sound log', () => {
  it.each(sizes)('of %i entries is found sound, and its root is that of the definition', async (size) => {
    const { code, report } = await verifyFiles(logOf(entries.slice(0, size), signers), [...WORDS, '--without-chunks'], NOW);
    expect(report.damages).toEqual([]);
    expect(code).toBe(0);
    expect(report).toMatchObject({ ok: true, size, entries: size, root: naiveRoot(entries.slice(0, size)).toString('base64') });
  });

  it('is sound with partial tiles of earlier checkpoints, its chunks, and an earlier checkpoint of any size', async () => {
    const files = withChunks(logOf(entries, signers, [1, 5, 100, 256, 300, 520]));
    for (const size of [0, 1, 5, 255, 256, 257, 512, 513, 699, 700]) {
      const { code, report } = await verifyFiles(files, WORDS, NOW, checkpointOf(entries.slice(0, size), { ...signers, epochSeconds: Math.ceil(Date.parse(recorded[Math.max(0, size - 1)]!.recordedAt) / 1000) + 1 }));
      expect(report.damages).toEqual([]);
      expect(code).toBe(0);
      expect(report.chunksCompared).toBe(chunks.size);
      expect(report.signatures).toBeGreaterThan(100);
      expect(report.batches).toBe(6);
      expect(report.partials).toBe(11);
    }
  });

  it('is sound when a full tile stands in for the partial one the checkpoint needs', async () => {
    const published = entries.slice(0, 400), later = entries.slice(0, 512);
    const files = new Map([...logOf(published, signers)].filter(([path]) => !/^tile\/(0|entries)\/001/.test(path)));
    for (const [path, bytes] of logOf(later, signers)) if (/^tile\/(0|entries)\/001$/.test(path)) files.set(path, bytes);
    const { code, report } = await verifyFiles(files, [...WORDS, '--without-chunks'], NOW);
    expect(report.damages).toEqual([]);
    expect(code).toBe(0);
  });
});
