import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { FEATURE_NAMES, HORIZON_HOURS } from '../../../../models/early-prediction/features.ts';
import { advance, recordFor, startOf } from '../../../../models/twin/culture/culture.ts';
import { drawBatch, type Batch } from '../../../../models/twin/draw/batch.ts';
import { batchRunOf } from '../../../../models/twin/parameters/run.ts';
import { timelineOf } from '../../../../models/twin/recipe/timeline.ts';
import { seriesAt, worldAt } from '../../../../models/twin/site/at-site.ts';
import { COLUMN_NAMES, SAMPLE_COLUMNS, SENSOR_COLUMNS } from '../../../../models/twin/site/columns.ts';
import { drawSite, type SiteEffects } from '../../../../models/twin/site/effects.ts';
import { datasetRow, featuresOf, siteOf } from '../../../../models/twin/site/row.ts';
import { worldOf } from '../../../../models/twin/worlds/load.ts';
import { World } from '../../../../models/twin/worlds/world.ts';

const WORLD = World.parse(JSON.parse(readFileSync('models/twin/worlds/stress.json', 'utf8')));
const NONE: SiteEffects = {
  sensors: {}, lots: { growth: 1, vectorTitre: 1, interleukin2: 1, glucose: 1 }, donors: { bendamustineShare: 1, poorShare: 1, ageYears: 1, weightKg: 1, hoursSinceCollection: 1 },
  operators: { seeding: 1, recovery: 1, additionDelayHours: 1 }, equipment: { transfer: 1, pump: 1 },
};
const mean = (values: readonly number[]): number => values.reduce((sum, value) => sum + value, 0) / values.length;
const featuresIn = (world: World, batch: Batch): readonly number[] => {
  const [culture, record] = [startOf(world, batch), recordFor(HORIZON_HOURS)];
  advance(culture, batch.donor.traits, timelineOf(world, batch, []), HORIZON_HOURS, record);
  return featuresOf(batchRunOf(world, batch, [], record), siteOf(world, NONE));
};

describe('a site', () => {
  it('is the same for a seed however many there are, and another for another seed or place', () => {
    expect(drawSite(1, 2)).toEqual(drawSite(1, 2));
    expect(drawSite(1, 2).lots).not.toEqual(drawSite(1, 3).lots);
    expect(drawSite(1, 2).sensors).not.toEqual(drawSite(2, 2).sensors);
  });
  it('without effects is the world, and shows it as the catalogue does', () => {
    expect(worldAt(WORLD, NONE)).toEqual(WORLD);
    expect(datasetRow(siteOf(WORLD, NONE), 1, 0).features).toEqual(featuresIn(WORLD, drawBatch(WORLD, 1, 0)));
  });
  it('has patients, lots, hands and equipment of its own: the middle moves as its effect says, and nothing else', () => {
    const effects: SiteEffects = { ...NONE, donors: { ...NONE.donors, ageYears: 1.1 }, lots: { ...NONE.lots, vectorTitre: 0.8 }, operators: { ...NONE.operators, additionDelayHours: 2 } };
    const [here, there] = [worldAt(WORLD, effects), WORLD];
    const over = (world: World, pick: (batch: Batch) => number): number => mean(Array.from({ length: 400 }, (_, i) => pick(drawBatch(world, 1, i))));
    expect(over(here, ({ lots }) => lots.vectorTitreFactor) / over(there, ({ lots }) => lots.vectorTitreFactor)).toBeCloseTo(0.8, 5);
    expect(over(here, ({ operator }) => operator.additionDelayHours) / over(there, ({ operator }) => operator.additionDelayHours)).toBeCloseTo(2, 5);
    expect(over(here, ({ donor }) => donor.ageYears)).toBeGreaterThan(1.06 * over(there, ({ donor }) => donor.ageYears));
    expect(over(here, ({ donor }) => donor.traits.growthPerHour)).toBe(over(there, ({ donor }) => donor.traits.growthPerHour));
  });
  const leavesOf = (tree: unknown, path: string): readonly (readonly [string, unknown])[] => (typeof tree === 'object' && tree !== null ? Object.entries(tree).flatMap(([key, value]) => leavesOf(value, `${path}.${key}`)) : [[path, tree]]);
  const PLACES = { lots: 'lots', donors: 'donor', operators: 'operator', equipment: 'equipment' } as const;
  /** The world's field an effect moves: named as the effect and a factor, where nothing else is said. */
  const FIELD_OF: Readonly<Record<string, string>> = { bendamustineShare: 'bendamustine', poorShare: 'poor', ageYears: 'ageYears', weightKg: 'weightKg', hoursSinceCollection: 'sinceCollectionHours', recovery: 'recoveryShare', additionDelayHours: 'additionDelayHours' };
  const EFFECTS = (Object.keys(PLACES) as (keyof typeof PLACES)[]).flatMap((part) => Object.keys(NONE[part]).map((name) => [part, name] as const));
  it.each(EFFECTS)('meets by the effect %s.%s one quantity of the world, and no other', (part, name) => {
    const other = new Map(leavesOf(worldAt(WORLD, { ...NONE, [part]: { ...NONE[part], [name]: 1.1 } }), ''));
    const moved = leavesOf(WORLD, '').filter(([path, value]) => other.get(path) !== value).map(([path]) => path);
    expect(moved).toHaveLength(1);
    expect(moved[0]).toMatch(new RegExp(`^\\.${PLACES[part]}\\.${FIELD_OF[name] ?? `${name}Factor`}\\.(mean|median|high|share)$`));
  });
  it('stays a world that can be', () => { for (let i = 0; i < 50; i += 1) expect(worldOf(worldAt(WORLD, drawSite(5, i)), 'stress')).toBeDefined(); });
  it('has sensors that are off as its effects say, within their range', () => {
    const effects = { ...NONE, sensors: { 'Bioreactor/Temperature': { gain: 1, offset: 0.5, noise: 2 } } };
    const own = seriesAt(effects).get('Bioreactor/Temperature')!;
    const usual = seriesAt(NONE).get('Bioreactor/Temperature')!;
    expect([own.offset - usual.offset, own.sensor.noise / usual.sensor.noise, own.signal]).toEqual([0.5, 2, usual.signal]);
    const at = COLUMN_NAMES.indexOf('bioreactor-temperature-mean-24-48');
    const shown = (sensors: SiteEffects['sensors']): number => datasetRow(siteOf(WORLD, { ...NONE, sensors }), 1, 3).features[at]!;
    expect(shown(effects.sensors) - shown({})).toBeCloseTo(0.5, 2);
  });
});

describe('a row of a data set', () => {
  it('has the features of the deployed prediction first, each column once, more than 50', () => {
    expect(COLUMN_NAMES.slice(0, FEATURE_NAMES.length)).toEqual(FEATURE_NAMES);
    expect(new Set(COLUMN_NAMES).size).toBe(COLUMN_NAMES.length);
    expect(COLUMN_NAMES.length).toBeGreaterThan(50);
    expect(COLUMN_NAMES.filter((name) => !/^[a-z0-9]+(-[a-z0-9]+)*$/.test(name))).toEqual([]);
    expect(datasetRow(siteOf(WORLD, drawSite(1, 0)), 1, 5).features).toHaveLength(COLUMN_NAMES.length);
  });
  it('has something of nearly every column, and sensors that see the culture', () => {
    const rows = Array.from({ length: 12 }, (_, i) => datasetRow(siteOf(WORLD, drawSite(1, 0)), 1, i).features);
    COLUMN_NAMES.forEach((name, i) => { expect(rows.some((row) => Number.isFinite(row[i])), name).toBe(true); });
    expect(mean(rows.map((row) => row[FEATURE_NAMES.indexOf('density-mean-48-72')]!))).toBeGreaterThan(0.3);
  });
  it('knows nothing of what happens after hour 72', () => {
    const batch = drawBatch(WORLD, 1, 0);
    const late = { ...batch, dailyGrowthFactors: batch.dailyGrowthFactors.map((factor, day) => (day < 3 ? factor : 3 * factor)), faults: [{ name: 'gas-supply', onsetHour: 72.1, pressureBar: 0.1, repairHour: 300 }, { name: 'temperature', onsetHour: 80, offsetCelsius: -7, repairHour: 300 }] } as const;
    const before = { ...batch, faults: [] };
    const other: World = { ...WORLD, recipe: { ...WORLD.recipe, additions: [], perfusion: [{ fromHour: 72.5, mlPerHour: 40 }], shakenFromHour: 73, harvestHour: 150 } };
    expect(featuresIn(other, late)).toEqual(featuresIn({ ...WORLD, recipe: { ...WORLD.recipe, shakenFromHour: 96 } }, before));
    expect(SENSOR_COLUMNS.every(({ window }) => window.toHour <= HORIZON_HOURS)).toBe(true);
    expect(SAMPLE_COLUMNS.every(({ hour, sample }) => hour + sample.method.resultAfterHours <= HORIZON_HOURS)).toBe(true);
  });
  it('does see what happens before: the same fault at hour 50', () => {
    const batch = { ...drawBatch(WORLD, 1, 0), faults: [{ name: 'temperature', onsetHour: 50, offsetCelsius: -5, repairHour: 300 }] } as const;
    expect(featuresIn(WORLD, batch)).not.toEqual(featuresIn(WORLD, { ...batch, faults: [] }));
  });
  it('fails for a cause, and only then', () => {
    const rows = Array.from({ length: 40 }, (_, i) => datasetRow(siteOf(WORLD, drawSite(1, 0)), 1, i));
    expect(rows.every(({ failed, cause }) => (failed === 1) === (cause !== ''))).toBe(true);
    expect(new Set(rows.map(({ failed }) => failed)).size).toBe(2);
  });
});
