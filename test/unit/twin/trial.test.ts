import { describe, expect, it } from 'vitest';
import type { Report } from '../../../models/twin/trial/report.ts';
import { runTrial } from '../../../scripts/simulate/trial.ts';
import { worldNamed } from './worlds.ts';

const world = worldNamed('stress');
const SILENT = { step: (): void => undefined, played: (): void => undefined };
const reportWith = async (workers: number): Promise<Report> => (await runTrial({ world, seed: 3, batches: 11, arms: ['baseline', 'assisted', 'oracle', 'pid'], workers, series: false, policy: 'balanced' }, SILENT, 120)).report;

describe('a trial', () => {
  it('gives the same report, byte for byte, with one worker and with two', async () => {
    const [one, two] = [JSON.stringify(await reportWith(1)), JSON.stringify(await reportWith(2))];
    expect(two).toBe(one);
    expect(one.length).toBeGreaterThan(1000);
  });
});

