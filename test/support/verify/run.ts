import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { main } from '../../../scripts/verify/main.ts';
import type { Damage } from '../../../scripts/verify/damage.ts';
import { writeFiles, type Files } from './naive-log.ts';

export type Outcome = Readonly<{ code: number; out: string; error: string }>;

export const runVerify = async (words: readonly string[], nowEpochMs: number): Promise<Outcome> => {
  let out = '', error = '';
  const code = await main(words, { out: (text) => { out += text; }, error: (text) => { error += text; }, isTerminal: false, nowEpochMs: () => nowEpochMs });
  return { code, out, error };
};

export type Report = Readonly<{ ok: boolean; damages: readonly Damage[]; notices: readonly string[]; entries: number; streams: number; batches: number; signatures: number; partials: number; chunksCompared: number; size: number; root: string }>;

/** Write the files to a folder, verify it, and remove it. */
export const verifyFiles = async (files: Files, words: readonly string[], nowEpochMs: number, previous?: Buffer): Promise<Readonly<{ code: number; report: Report }>> => {
  const folder = mkdtempSync(join(tmpdir(), 'bedside-verify-'));
  try {
    writeFiles(join(folder, 'log'), files);
    if (previous !== undefined) writeFileSync(join(folder, 'previous'), previous);
    const { code, out } = await runVerify([join(folder, 'log'), ...words, ...(previous === undefined ? [] : ['--previous', join(folder, 'previous')]), '--json'], nowEpochMs);
    return { code, report: JSON.parse(out) as Report };
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
};
