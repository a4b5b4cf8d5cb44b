import { readFileSync } from 'node:fs';
import { dirname, resolve } from 'node:path';
import { describe, expect, it } from 'vitest';
import { baselineOf, type Baseline } from '../../../models/twin/fit/baseline.ts';
import { fitBaseline, withFigure, type Fitted, type Knob } from '../../../models/twin/fit/fit.ts';
import { meanManualRelease, RELEASE_KNOB, untouchedJobs } from '../../../models/twin/fit/release.ts';
import { TARGETS } from '../../../models/twin/fit/targets.ts';
import { OWN_SEEDS, SEED_LIMIT } from '../../../models/twin/seeds.ts';
import { playBatch } from '../../../models/twin/trial/play.ts';
import type { Setting } from '../../../models/twin/trial/setting.ts';
import type { World } from '../../../models/twin/worlds/world.ts';
import { SHIPPED, worldNamed } from './worlds.ts';

type FitReport = Readonly<{ world: string; batches: number; sweeps: number; window: number; seeds: Readonly<{ fit: number; check: number }>; fitted: readonly Fitted[]; baseline: Baseline; onOtherSeed: Baseline }>;
const ROOT = resolve(import.meta.dirname, '../../..');
const reportOf = (name: string): FitReport => JSON.parse(readFileSync(resolve(ROOT, `models/twin/worlds/${name}.fit.json`), 'utf8')) as FitReport;
const figureAt = (world: World, path: string): unknown => path.split('.').reduce<unknown>((tree, key) => (tree as Readonly<Record<string, unknown>>)[key], world);

/** Every file of ours that these files are made from, by what they import. Types alone bring nothing along. */
const madeFrom = (files: readonly string[], found = new Set<string>()): ReadonlySet<string> => {
  for (const file of files) {
    if (found.has(file)) continue;
    found.add(file);
    const imports = [...readFileSync(file, 'utf8').matchAll(/^(?:import|export)(?! type)[^;]*? from '(\.[^']+)';/gm)].map(([, path]) => resolve(dirname(file), path!));
    madeFrom(imports, found);
  }
  return found;
};

describe('what the fit of a world is made from', () => {
  it('is no arm that intervenes: no look-ahead, no controller, no trial, nothing that reads a culture to act on it', () => {
    // from the command on: what reads the world is loaded with it
    const files = [...madeFrom(['scripts/twin-fit.ts', ...['baseline', 'fit', 'release', 'targets'].map((name) => `models/twin/fit/${name}.ts`)].map((name) => resolve(ROOT, name)))].map((file) => file.slice(ROOT.length + 1));
    expect(files).toEqual(expect.arrayContaining(['models/twin/culture/rates.ts', 'models/twin/worlds/possible.ts', 'models/twin/recipe/action.ts']));
    expect(files.filter((file) => /^models\/twin\/(assist|control|trial|advice|seen)\//.test(file))).toEqual([]);
  });
  it('would be found if it were: a trial is made from all of them', () => {
    const files = [...madeFrom([resolve(ROOT, 'models/twin/trial/play.ts')])];
    for (const folder of ['assist', 'control', 'trial', 'seen']) expect(files.some((file) => file.includes(`/models/twin/${folder}/`)), folder).toBe(true);
  });
  it('is batches that no trial may take', () => { expect([OWN_SEEDS.fit, OWN_SEEDS.fitCheck].every((seed) => seed >= SEED_LIMIT)).toBe(true); });
});

describe.each(SHIPPED)('the fit report of the %s world', (name) => {
  const [world, report] = [worldNamed(name), reportOf(name)];
  it('has the figures the world has, one for each that is fitted', () => {
    expect(report.world).toBe(name);
    expect(report.fitted.map(({ path }) => path)).toEqual([...TARGETS[name].map(({ path }) => path.join('.')), ...(name === 'stress' ? [RELEASE_KNOB.path.join('.')] : [])]);
    for (const { path, value } of report.fitted) expect(figureAt(world, path), path).toBe(value);
  });
  it('says of which seeds it is, and from where each figure came: no farther off than its window lets it', () => {
    const { seeds, window, sweeps, fitted } = report;
    expect(seeds).toEqual({ fit: OWN_SEEDS.fit, check: OWN_SEEDS.fitCheck });
    const reach = Array.from({ length: sweeps }, (_, sweep) => window * 0.55 ** sweep).reduce((sum, each) => sum + each, 0);
    TARGETS[name].forEach(({ low, high }, i) => { expect(Math.abs(fitted[i]!.value - fitted[i]!.from)).toBeLessThanOrEqual((high - low) * reach * 1.001); });
    expect(fitted.every(({ from }) => from > 0)).toBe(true);
  });
  it('says what the mechanism of today does with them: no constant and no draw has changed since', () => {
    expect(baselineOf(world, OWN_SEEDS.fit, report.batches)).toEqual(report.baseline);
  });
  it('says of each figure what it was fitted to, and what was reached', () => {
    const { fitted, baseline } = report;
    TARGETS[name].forEach(({ read, target, statistic }, i) => { expect(fitted[i]).toMatchObject({ target, statistic, reached: read(baseline) }); });
    for (const { target, reached, path } of fitted) expect(Math.abs(reached / target - 1), path).toBeLessThan(0.01);
  });
});

describe('the fit report of the stress world', () => {
  it('has the mean release that its process gives', () => {
    const [world, { fitted, baseline, batches }] = [worldNamed('stress'), reportOf('stress')];
    expect(meanManualRelease(world.release, untouchedJobs(world, OWN_SEEDS.fit, batches, baseline.failureRate), OWN_SEEDS.fit)).toBe(fitted.at(-1)?.reached);
  });
});

describe('fitting', () => {
  const world = worldNamed('stress');
  const SMALL = { seed: 5, batches: 120, sweeps: 1, window: 1 } as const;
  const growth: Knob = { path: ['donor', 'growthPerHour', 'median'], low: 0.025, high: 0.07, statistic: 'fold', target: 35, read: ({ medianFold }) => medianFold, rising: true };
  const death: Knob = { path: ['donor', 'deathPerHour', 'median'], low: 0.0002, high: 0.02, statistic: 'viability', target: 0.85, read: ({ medianViability }) => medianViability, rising: false };
  const fit = (...knobs: readonly Knob[]) => fitBaseline(world, knobs, SMALL, () => undefined);

  it.each([['that rises with its figure', growth], ['that falls with its figure', death]])('brings a statistic %s to its target, and moves nothing else', (_, knob) => {
    const { fitted: [found], world: moved } = fit(knob);
    expect(Math.abs((found?.reached ?? 0) / knob.target - 1)).toBeLessThan(0.02);
    expect(found?.value).not.toBe(figureAt(world, knob.path.join('.')));
    expect(moved).toEqual(withFigure(world, knob.path, found?.value ?? 0));
  });
  it('gives the same figures again', () => { expect(fit(growth, death)).toEqual(fit(growth, death)); });
  it('refuses a figure that the world does not have', () => { expect(() => withFigure(world, ['donor', 'shoeSize', 'mean'], 1)).toThrow(new RangeError('path: got donor.shoeSize.mean, want a figure of the world')); });
});

describe('the baseline that is fitted', () => {
  it('is the baseline arm of a trial, batch by batch', () => {
    const [world, seed, count] = [worldNamed('stress'), 9, 40];
    const played = Array.from({ length: count }, (_, index) => playBatch({ world } as Setting, seed, index, 'baseline'));
    const { failureRate, causeRates } = baselineOf(world, seed, count);
    expect(failureRate).toBe(played.filter(({ failed }) => failed).length / count);
    expect(failureRate).toBeGreaterThan(0);
    for (const [cause, rate] of Object.entries(causeRates)) expect(rate, cause).toBe(played.filter(({ causes }) => causes[0] === cause).length / count);
  });
  it('counts expansion on day 12 from the cells that were seeded, whatever the harvest', () => {
    const world = worldNamed('stress');
    const late = { ...world, recipe: { ...world.recipe, harvestHour: 264 } };
    expect(baselineOf(late, 9, 30).medianFold).toBeCloseTo(baselineOf(world, 9, 30).medianFold, 1);
  });
});
