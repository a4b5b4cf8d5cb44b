import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { checkWorldName, worldOf } from '../../../models/twin/worlds/load.ts';
import { readWorld } from '../../../scripts/simulate/worlds.ts';
import { jsonOf, SHIPPED, withValue, worldNamed } from './worlds.ts';

const stress = jsonOf('stress');
const normal = (change: object) => ({ kind: 'normal', mean: 1, sd: 0.1, ...change });

describe('a world from its file', () => {
  it.each(SHIPPED)('is read: %s', (name) => { expect(worldOf(jsonOf(name), name).name).toBe(name); });

  it.each<[string, string, unknown, string]>([
    ['a parameter missing', 'donor.growthPerHour', undefined, 'donor.growthPerHour: got nothing, want a group of fields'],
    ['a group missing', 'recipe', undefined, 'recipe: got nothing, want a group of fields'],
    ['a figure missing', 'recipe.seedCellsMillion', undefined, 'recipe.seedCellsMillion: got nothing, want a number'],
    ['a fault missing', 'faults.gas-supply', undefined, 'faults.gas-supply: got nothing, want a group of fields'],
    ['a text where a number belongs', 'recipe.interleukin2IuPerMl', '200 IU', 'recipe.interleukin2IuPerMl: got "200 IU", want a number'],
    ['a number that is none', 'recipe.feedGlucoseMmolPerL', NaN, 'recipe.feedGlucoseMmolPerL: got NaN, want a number'],
    ['no cells', 'recipe.seedCellsMillion', 0, 'recipe.seedCellsMillion: got 0, want above 0'],
    ['a chance above one', 'faults.temperature.chance', 1.2, 'faults.temperature.chance: got 1.2, want at most 1'],
    ['a field nobody knows', 'recipe.seedCell', 3, 'recipe.seedCell: got 3, want only fields of a world'],
    ['a distribution nobody knows', 'lots.growthFactor', { kind: 'cauchy' }, 'lots.growthFactor.kind: got "cauchy", want one of normal, lognormal, uniform'],
    ['a negative spread', 'lots.glucoseFactor', normal({ sd: -1 }), 'lots.glucoseFactor.sd: got -1, want at least 0'],
    ['a negative median', 'donor.deathPerHour', { kind: 'lognormal', median: -0.001, sigma: 0.1 }, 'donor.deathPerHour.median: got -0.001, want above 0'],
    ['a rate that may come out negative', 'donor.growthPerHour', normal({}), 'donor.growthPerHour.low: got no bound, want at least 0'],
    ['a bound below zero', 'unknown.dailyGrowthFactor', normal({ low: -0.5 }), 'unknown.dailyGrowthFactor.low: got -0.5, want at least 0'],
    ['a share that may pass one', 'operator.recoveryShare', normal({ low: 0 }), 'operator.recoveryShare.high: got no bound, want at most 1'],
    ['bounds the wrong way round', 'lots.growthFactor', normal({ low: 2, high: 1 }), 'lots.growthFactor: got low 2 above high 1, want low at most high'],
    ['a pump fault that pumps more', 'faults.feed-pump.flowShare', { kind: 'uniform', low: 0, high: 3 }, 'faults.feed-pump.flowShare.high: got 3, want at most 1'],
    ['a repair before its fault', 'repairHours', { kind: 'uniform', low: -3, high: 3 }, 'repairHours.low: got -3, want at least 0'],
    ['a negative flow', 'recipe.perfusion.0.mlPerHour', -5, 'recipe.perfusion.0.mlPerHour: got -5, want at least 0'],
    ['a harvest too early for any release', 'recipe.harvestHour', 24, 'recipe.harvestHour: got 24, want at least 72'],
    ['vector after the harvest', 'recipe.vectorHour', 300, 'recipe.vectorHour: got 300, want before recipe.harvestHour, 240'],
    ['an addition after the harvest', 'recipe.additions.1.hour', 240, 'recipe.additions.1.hour: got 240, want before recipe.harvestHour, 240'],
    ['an exchange of more than there is', 'recipe.exchanges.0.share', 1.5, 'recipe.exchanges.0.share: got 1.5, want at most 1'],
    ['oxygen set above the gas', 'recipe.oxygenSetPointPercentAir', 99, 'recipe.oxygenSetPointPercentAir: got 99, want at most recipe.oxygenHighestPercentAir, 95'],
    ['more cells than anybody collects', 'recipe.seedCellsMillion', 1e9, 'recipe.seedCellsMillion: got 1000000000, want at most 10000'],
    ['an addition that fits no chamber', 'recipe.additions.0.volumeMl', 1e9, 'recipe.startVolumeMl with recipe.additions: got 1000000160 mL, want at most 20000, the chamber'],
    ['a flow no pump gives', 'recipe.perfusion.0.mlPerHour', 1e9, 'recipe.perfusion.0.mlPerHour: got 1000000000, want at most 2000'],
    ['an exchange that leaves nothing', 'recipe.exchanges.0.share', 1, 'recipe.exchanges.0.share: got 1, want at most 0.95'],
    ['a harvest that leaves no room for its extension', 'recipe.harvestHour', 470, 'recipe.harvestHour with the longest extension: got 566, want at most 480'],
    ['a potency without a reference', 'potency.memoryReferenceShare', 0, 'potency.memoryReferenceShare: got 0, want above 0'],
    ['a chamber in the freezer', 'equipment.temperatureOffsetCelsius', { kind: 'uniform', low: -300, high: 0 }, 'equipment.temperatureOffsetCelsius.low: got -300, want at least -5'],
    ['a chamber in the oven', 'equipment.temperatureOffsetCelsius', { kind: 'uniform', low: 0, high: 300 }, 'equipment.temperatureOffsetCelsius.high: got 300, want at most 5'],
    ['a patient without weight', 'donor.weightKg', { kind: 'uniform', low: 0, high: 90 }, 'donor.weightKg.low: got 0, want at least 1'],
    ['dead cells to start with', 'donor.startingViability', { kind: 'uniform', low: 0, high: 0.9 }, 'donor.startingViability.low: got 0, want at least 0.01'],
    ['cells that never divide', 'donor.doublingLimit', { kind: 'uniform', low: 0, high: 12 }, 'donor.doublingLimit.low: got 0, want at least 1'],
    ['the name of another world', 'name', 'published', 'name: got published, want stress'],
  ])('is refused with %s', (_, path, value, message) => {
    expect(() => worldOf(withValue(withValue(withValue(stress, 'recipe.harvestHour', 240), 'recipe.oxygenHighestPercentAir', 95), path, value), 'stress')).toThrow(new RangeError(`world stress, ${message}`));
  });
  it('is refused with every fault at once', () => {
    const damaged = withValue(withValue(stress, 'recipe.seedCellsMillion', -1), 'donor.cd4Cd8Ratio', undefined);
    expect(() => worldOf(damaged, 'stress')).toThrow(/recipe\.seedCellsMillion: got -1, want above 0\nworld stress, donor\.cd4Cd8Ratio: got nothing/);
  });
  it.each([[null], [[]], ['text'], [7]])('is refused when it is no world at all: %j', (json) => { expect(() => worldOf(json, 'stress')).toThrow(/^world stress, world: got .*, want a group of fields$/); });
});

describe('the reading speed of the published world', () => {
  it('is not called a fit: its note says of which world it was, and what that world has now', () => {
    const [published, current] = [worldNamed('published').release, worldNamed('stress').release];
    const note = published.notes['review.minutesPerEntry'];
    expect(note).toContain(`now ${current.review.minutesPerEntry}`);
    expect(note).toContain(`here ${published.review.minutesPerEntry}`);
    expect(note).toContain('not to this world');
  });
});

describe('the name of a world', () => {
  it('that nobody knows is answered with those there are', () => { expect(() => { checkWorldName('moon', SHIPPED); }).toThrow(new RangeError('world: got moon, want one of published, stress')); });
  it('that is known passes', () => { expect(() => { checkWorldName('stress', SHIPPED); }).not.toThrow(); });
});

describe('the file of a world', () => {
  const folder = mkdtempSync(join(tmpdir(), 'worlds-'));
  writeFileSync(join(folder, 'own.json'), JSON.stringify(withValue(stress, 'name', 'own')));
  writeFileSync(join(folder, 'torn.json'), '{ "name": "torn", ');
  writeFileSync(join(folder, 'odd.json'), JSON.stringify(withValue(withValue(stress, 'name', 'odd'), 'donor.growthPerHour', undefined)));
  afterAll(() => { rmSync(folder, { recursive: true, force: true }); });
  it('is read by the name it bears', () => { expect(readWorld('own', folder).name).toBe('own'); });
  it('that is torn is named, and so is what is missing in one', () => {
    expect(() => readWorld('torn', folder)).toThrow(`world torn: ${join(folder, 'torn.json')} is no JSON (`);
    expect(() => readWorld('odd', folder)).toThrow('world odd, donor.growthPerHour: got nothing, want a group of fields');
  });
  it('is looked for among those there are', () => { expect(() => readWorld('moon', folder)).toThrow('world: got moon, want one of odd, own, torn'); });
});
