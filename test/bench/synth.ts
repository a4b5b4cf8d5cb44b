import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { NODES_FOLDER, synthesise } from '../../infra/synth.ts';
import { row, type Row } from './row.ts';

const FEW = 3;
const MANY = 50;

/** Seconds to synthesise a network of `count` hospitals, with every check. */
const secondsFor = (count: number): number => {
  const folder = mkdtempSync(join(tmpdir(), 'bedside-synth-'));
  try {
    const sample = JSON.parse(readFileSync(join(NODES_FOLDER, 'north.json'), 'utf8')) as Readonly<Record<string, unknown>>;
    for (let i = 1; i <= count; i += 1) writeFileSync(join(folder, `site-${i}.json`), JSON.stringify({ ...sample, id: `site-${i}`, name: `Hospital ${i}`, account: String(100_000_000_000 + i) }));
    const began = performance.now();
    synthesise({ outdir: join(folder, 'cdk.out'), nodesFolder: folder });
    return (performance.now() - began) / 1000;
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
};

/** Synthesis after the bundles are made: the first loads the CDK and is thrown away. */
export const measureSynth = (say: (text: string) => void): readonly Row[] => {
  secondsFor(1);
  const few = secondsFor(FEW);
  say(`${FEW} hospitals: ${few.toFixed(1)} s`);
  const many = secondsFor(MANY);
  return [row(`synth: ${FEW} hospitals`, few, 's', few, 'itself'), row(`synth: ${MANY} hospitals`, many, 's', few, `${FEW} hospitals`)];
};
