import { spawnSync } from 'node:child_process';
import { join } from 'node:path';
import { row, type Row } from './row.ts';

const BATCHES = 500;
const LIMIT_SECONDS = 60;

/** Whole trial by the command a person runs: both arms, every sensor of every culture each minute. */
export const measureTwinTrial = (): readonly Row[] => {
  const startMs = performance.now();
  const { status, stderr } = spawnSync(process.execPath, [join(import.meta.dirname, '..', '..', 'scripts', 'simulate.ts'), '--world', 'stress', '--batches', String(BATCHES), '--seed', '1', '--arms', 'baseline,assisted', '--series'], { encoding: 'utf8' });
  if (status !== 0) throw new Error(`simulate ended with ${String(status)}\n${stderr}`);
  const seconds = (performance.now() - startMs) / 1000;
  const readings = Number(/([\d,]+) readings/.exec(stderr)?.[1]?.replaceAll(',', ''));
  return [
    row(`trial of ${BATCHES} batches, two arms, all sensors`, seconds, 's', LIMIT_SECONDS, 'limit'),
    row('readings in it', readings / seconds / 1e6, '10^6/s', readings / LIMIT_SECONDS / 1e6, 'what the limit asks'),
  ];
};
