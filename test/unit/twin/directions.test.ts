import { describe, expect, it } from 'vitest';
import { grow } from '../../../models/twin/culture/culture.ts';
import { phOf, phOffsetAt, temperatureAt } from '../../../models/twin/culture/environment.ts';
import { valueOf, type StateName } from '../../../models/twin/culture/state.ts';
import type { Batch } from '../../../models/twin/draw/batch.ts';
import { faultOf, type Fault } from '../../../models/twin/draw/fault.ts';
import { streamOf } from '../../../models/random/streams.ts';
import { productOf } from '../../../models/twin/outcome/product.ts';
import { judge, measure } from '../../../models/twin/outcome/verdict.ts';
import type { Action, Repairable } from '../../../models/twin/recipe/action.ts';
import { quietBatch, worldNamed } from './worlds.ts';

const world = worldNamed('stress');
const NEVER = 1e4;
const fault = (name: Fault['name'], onsetHour: number, size: number, repairHour = NEVER): Partial<Batch> => ({ faults: [faultOf(name, size, onsetHour, repairHour)] });

/** What is looked at in a culture. */
const looks = {
  ...Object.fromEntries((['cyclingCellsMillionPerMl', 'deadCellsMillionPerMl', 'glucoseMmolPerL', 'lactateMmolPerL', 'interleukin2IuPerMl', 'ammoniaMmolPerL', 'copies', 'memoryShare', 'volumeMl', 'doublings', 'vectorMillionTuPerMl', 'stimulusShare', 'restingCellsMillionPerMl', 'otherCellsMillionPerMl'] as const satisfies readonly StateName[]).map((name) => [name, (_: Batch, state: Float64Array) => valueOf(state, name)])),
  viability: (batch: Batch, state: Float64Array, hour: number) => productOf(world, batch, state, hour, 0).viability,
  cd3Positive: (batch: Batch, state: Float64Array, hour: number) => productOf(world, batch, state, hour, 0).cd3Positive,
  carPositive: (batch: Batch, state: Float64Array, hour: number) => productOf(world, batch, state, hour, 0).carPositive,
  carPositiveCells: (batch: Batch, state: Float64Array, hour: number) => productOf(world, batch, state, hour, 0).carPositiveCellsMillion,
  potency: (batch: Batch, state: Float64Array, hour: number) => productOf(world, batch, state, hour, 0).potencyPercent,
} as Readonly<Record<string, (batch: Batch, state: Float64Array, hour: number) => number>>;

const seen = (look: string, hour: number, change: Partial<Batch>, actions: readonly Action[] = []): number => {
  const batch = quietBatch(change);
  return looks[look]!(batch, grow(world, batch, actions, hour).state, hour);
};
type Way = 'up' | 'down';
const expectMoved = (value: number, from: number, way: Way): void => {
  expect(Number.isFinite(value) && Number.isFinite(from)).toBe(true);
  // further than solving twice could tell apart
  const far = 1e-3 * Math.abs(from);
  if (way === 'up') expect(value).toBeGreaterThan(from + far);
  else expect(value).toBeLessThan(from - far);
};

describe('a fault moves what its cause says', () => {
  it.each<[string, Partial<Batch>, number, string, Way]>([
    ['a feed pump that stops starves the cells', fault('feed-pump', 130, 0), 200, 'glucoseMmolPerL', 'down'],
    ['a feed pump that stops leaves lactate in the chamber', fault('feed-pump', 130, 0), 200, 'lactateMmolPerL', 'up'],
    ['a feed pump that stops costs cells', fault('feed-pump', 130, 0), 240, 'cyclingCellsMillionPerMl', 'down'],
    ['little oxygen slows growth', fault('gas-supply', 100, 0.08), 240, 'cyclingCellsMillionPerMl', 'down'],
    ['little oxygen kills', fault('gas-supply', 100, 0.08), 240, 'viability', 'down'],
    ['a cold chamber slows growth', fault('temperature', 60, -5), 160, 'cyclingCellsMillionPerMl', 'down'],
    ['a hot chamber slows growth', fault('temperature', 60, 2.5), 160, 'cyclingCellsMillionPerMl', 'down'],
    ['a cold chamber spares glucose', fault('temperature', 60, -5), 96, 'glucoseMmolPerL', 'up'],
    ['a probe that reads ever lower has CO2 taken away until the culture is too alkaline to grow', fault('ph-probe', 20, -0.015), 160, 'cyclingCellsMillionPerMl', 'down'],
    ['a probe that reads ever higher has CO2 given to a culture full of lactate', fault('ph-probe', 60, 0.012), 240, 'cyclingCellsMillionPerMl', 'down'],
    ['a contaminant kills', fault('contamination', 100, 1), 200, 'viability', 'down'],
    ['a contaminant eats the glucose of the cells', fault('contamination', 100, 1), 130, 'glucoseMmolPerL', 'down'],
    ['a contaminant makes acid', fault('contamination', 100, 1), 130, 'lactateMmolPerL', 'up'],
    ['bad vector leaves fewer copies', fault('transduction', 20, 0.1), 96, 'copies', 'down'],
    ['bad vector leaves fewer CAR+ cells', fault('transduction', 20, 0.1), 240, 'carPositive', 'down'],
  ])('%s', (_, change, hour, look, way) => { expectMoved(seen(look, hour, change), seen(look, hour, {}), way); });

  it('that has ended lets the culture recover: the sooner the better', () => {
    for (const [name, size] of [['feed-pump', 0], ['gas-supply', 0.08], ['temperature', -5]] as const) {
      const [never, late, soon] = [NEVER, 200, 140].map((repair) => seen('cyclingCellsMillionPerMl', 240, fault(name, 130, size, repair))) as [number, number, number];
      expectMoved(late, never, 'up');
      expectMoved(soon, late, 'up');
    }
  });
  it('that has not begun changes nothing', () => {
    for (const [name, size] of [['feed-pump', 0], ['gas-supply', 0.08], ['temperature', -5], ['ph-probe', 0.02], ['contamination', 1]] as const) expect(seen('cyclingCellsMillionPerMl', 150, fault(name, 151, size))).toBe(seen('cyclingCellsMillionPerMl', 150, {}));
  });
  it('of a probe moves true pH the other way, through what the controller gives', () => {
    const batch = quietBatch(fault('ph-probe', 20, 0.01));
    const { conditions } = grow(world, batch, [], 30);
    expect(phOffsetAt(conditions, 30)).toBeCloseTo(0.1, 9);
    expect(phOf(15, 1, 7.25, 0)).toBeCloseTo(7.25, 9);
    expect(phOf(15, 1, 7.25, 0.1)).toBeCloseTo(7.15, 9);
    expect(phOf(15, 1, 7.25, -0.1)).toBeCloseTo(7.35, 9);
  });
  it('of a probe can do no more than the CO2 there is', () => {
    expect(phOf(0, 0, 7.25, 0.3)).toBe(phOf(0, 0, 7.25, 0));
    expect(phOf(15, 1, 7.25, 3)).toBe(phOf(15, 1, 7.25, 2));
    expect(phOf(15, 1, 7.25, -3)).toBe(phOf(15, 1, 7.25, -2));
  });
  it('of temperature reaches its size in hours, and goes back after repair', () => {
    const batch = quietBatch(fault('temperature', 50, -4, 80));
    const home = world.recipe.temperatureCelsius + batch.equipment.temperatureOffsetCelsius;
    const temperature = (hour: number): number => temperatureAt(grow(world, batch, [], hour).conditions, hour);
    expect(temperature(50.4)).toBeCloseTo(home - 4 * (1 - Math.exp(-1)), 6);
    expect(temperature(79)).toBeCloseTo(home - 4, 6);
    expect(temperature(100)).toBeCloseTo(home, 6);
  });
  it('of sterility is in the product once it has begun, and in the sample that release rests on when it began before that was taken', () => {
    const batch = quietBatch(fault('contamination', 150, 1));
    const { beforeHarvestHours } = world.release.tests.inProcessSample;
    const at = (hour: number): readonly boolean[] => {
      const { contaminated, sampleContaminated } = productOf(world, batch, grow(world, batch, [], hour).state, hour, 0);
      return [contaminated, sampleContaminated];
    };
    expect([149, 151, 149 + beforeHarvestHours, 151 + beforeHarvestHours].map(at)).toEqual([[false, false], [true, false], [true, false], [true, true]]);
  });
  it('of sterility fails the verdict by that sample', () => {
    const random = streamOf(1, 1, 'test');
    const sterile = (onsetHour: number): boolean => {
      const batch = quietBatch(fault('contamination', onsetHour, 1));
      return measure(world, productOf(world, batch, grow(world, batch, [], 240).state, 240, 0), random).sterile;
    };
    expect([sterile(239.99), sterile(193), sterile(191)]).toEqual([true, true, false]);
  });
  it('of sterility that began after the sample fails the batch by endotoxin, once it has grown', () => {
    const failing = (onsetHour: number): readonly string[] => {
      const batch = quietBatch(fault('contamination', onsetHour, 1));
      return judge(world, batch, measure(world, productOf(world, batch, grow(world, batch, [], 240).state, 240, 0), streamOf(1, 1, 'test'))).causes;
    };
    expect(failing(235)).toEqual([]);
    expect(failing(210)).toContain('sterility');
  });
});

describe('an action moves what its mechanism says', () => {
  it.each<[string, Action, number, string, Way]>([
    ['exchange brings glucose', { type: 'exchange-medium', hour: 110, share: 0.8 }, 110.1, 'glucoseMmolPerL', 'up'],
    ['exchange takes lactate', { type: 'exchange-medium', hour: 110, share: 0.8 }, 110.1, 'lactateMmolPerL', 'down'],
    ['exchange takes ammonia', { type: 'exchange-medium', hour: 110, share: 0.8 }, 110.1, 'ammoniaMmolPerL', 'down'],
    ['exchange during transduction takes vector', { type: 'exchange-medium', hour: 30, share: 0.8 }, 96, 'copies', 'down'],
    ['more feed brings glucose', { type: 'set-feed-rate', hour: 150, factor: 3 }, 200, 'glucoseMmolPerL', 'up'],
    ['no feed starves', { type: 'set-feed-rate', hour: 150, factor: 0 }, 200, 'glucoseMmolPerL', 'down'],
    ['no feed keeps lactate', { type: 'set-feed-rate', hour: 150, factor: 0 }, 200, 'lactateMmolPerL', 'up'],
    ['IL-2 is there at once', { type: 'add-interleukin-2', hour: 80, iuPerMl: 200 }, 80.1, 'interleukin2IuPerMl', 'up'],
    ['oxygen set low slows growth', { type: 'set-oxygen', hour: 100, setPointPercentAir: 3, highestPercentAir: 3 }, 240, 'cyclingCellsMillionPerMl', 'down'],
  ])('%s', (_, action, hour, look, way) => { expectMoved(seen(look, hour, {}, [action]), seen(look, hour, {}), way); });

  it('oxygen on top helps a chamber whose supply is short, and a failed gas supply limits it', () => {
    const short = { ...world, recipe: { ...world.recipe, oxygenSetPointPercentAir: 10, oxygenHighestPercentAir: 10 } };
    const cells = (change: Partial<Batch>, actions: readonly Action[]): number => valueOf(grow(short, quietBatch(change), actions, 240).state, 'cyclingCellsMillionPerMl');
    const more: readonly Action[] = [{ type: 'set-oxygen', hour: 100, setPointPercentAir: 80, highestPercentAir: 300 }];
    expectMoved(cells({}, more), cells({}, []), 'up');
    expect(cells(fault('gas-supply', 50, 0.1), more)).toBeCloseTo(cells(fault('gas-supply', 50, 0.1), []), 2);
  });
  it('IL-2 saves cells that had none', () => {
    const without = { ...world, recipe: { ...world.recipe, feedInterleukin2IuPerMl: 0, interleukin2IuPerMl: 20 } };
    const cells = (actions: readonly Action[]): number => valueOf(grow(without, quietBatch(), actions, 200).state, 'cyclingCellsMillionPerMl');
    expectMoved(cells([{ type: 'add-interleukin-2', hour: 90, iuPerMl: 300 }]), cells([]), 'up');
  });
  it('repair ends a fault from its hour on, and no fault that begins later', () => {
    const repair: readonly Action[] = [{ type: 'repair-equipment', fault: 'gas-supply', hour: 140 }];
    expectMoved(seen('cyclingCellsMillionPerMl', 240, fault('gas-supply', 130, 0.08), repair), seen('cyclingCellsMillionPerMl', 240, fault('gas-supply', 130, 0.08)), 'up');
    expect(seen('cyclingCellsMillionPerMl', 240, fault('gas-supply', 141, 0.08), repair)).toBe(seen('cyclingCellsMillionPerMl', 240, fault('gas-supply', 141, 0.08)));
    expect(seen('viability', 240, fault('contamination', 100, 1), repair)).toBe(seen('viability', 240, fault('contamination', 100, 1)));
  });
  it('repair ends the fault it was asked for, and no other that lasts', () => {
    const both: Partial<Batch> = { faults: [{ name: 'gas-supply', onsetHour: 130, pressureBar: 0.08, repairHour: NEVER }, { name: 'temperature', onsetHour: 130, offsetCelsius: -5, repairHour: NEVER }] };
    const mended = (...names: readonly Repairable[]): number => seen('cyclingCellsMillionPerMl', 240, both, names.map((name) => ({ type: 'repair-equipment', fault: name, hour: 140 })));
    expect(mended('feed-pump', 'ph-probe')).toBe(mended());
    expect(mended('gas-supply')).toBe(seen('cyclingCellsMillionPerMl', 240, { faults: [{ ...both.faults![0]!, repairHour: 140 }, both.faults![1]!] }));
    expectMoved(mended('gas-supply', 'temperature'), mended('gas-supply'), 'up');
    expectMoved(mended('gas-supply', 'temperature'), mended('temperature'), 'up');
  });
  it('never sets what it is judged by: at its own hour no cell, copy or phenotype moves', () => {
    const actions: readonly Action[] = [{ type: 'exchange-medium', hour: 110, share: 0.8 }, { type: 'set-feed-rate', hour: 110, factor: 2 }, { type: 'add-interleukin-2', hour: 110, iuPerMl: 200 }, { type: 'set-oxygen', hour: 110, setPointPercentAir: 80, highestPercentAir: 200 }, { type: 'repair-equipment', fault: 'gas-supply', hour: 110 }];
    for (const look of ['cyclingCellsMillionPerMl', 'restingCellsMillionPerMl', 'deadCellsMillionPerMl', 'otherCellsMillionPerMl', 'copies', 'memoryShare', 'doublings', 'volumeMl']) expect(seen(look, 110 + 1e-6, {}, actions)).toBeCloseTo(seen(look, 110 + 1e-6, {}), 5);
  });
});

describe('what varies moves what its cause says', () => {
  const base = quietBatch();
  const donor = (traits: Partial<Batch['donor']['traits']>, other: Partial<Batch['donor']> = {}): Partial<Batch> => ({ donor: { ...base.donor, ...other, traits: { ...base.donor.traits, ...traits } } });
  const { traits } = base.donor;
  it.each<[string, Partial<Batch>, number, string, Way]>([
    ['growth makes cells', donor({ growthPerHour: traits.growthPerHour * 1.2 }), 200, 'cyclingCellsMillionPerMl', 'up'],
    ['growth costs memory', donor({ growthPerHour: traits.growthPerHour * 1.2 }), 200, 'memoryShare', 'down'],
    ['death costs viability', donor({ deathPerHour: traits.deathPerHour * 5 }), 200, 'viability', 'down'],
    ['frail cells die before they are active', donor({ frailtyFactor: traits.frailtyFactor * 4 }), 48, 'viability', 'down'],
    ['sensitive cells suffer under the same harm', donor({ sensitivityFactor: traits.sensitivityFactor * 4 }), 240, 'viability', 'down'],
    ['hungry cells leave less glucose', donor({ glucoseUptakeMmolPerHourPerBillion: traits.glucoseUptakeMmolPerHourPerBillion * 1.5 }), 90, 'glucoseMmolPerL', 'down'],
    ['spent cells stop dividing', donor({ doublingLimit: 4 }), 240, 'doublings', 'down'],
    ['permissive cells take more copies', donor({ permissivenessFactor: traits.permissivenessFactor * 1.5 }), 96, 'copies', 'up'],
    ['memory at the start is memory at the end', donor({ startingMemoryShare: traits.startingMemoryShare * 0.5 }), 240, 'memoryShare', 'down'],
    ['memory is potency', donor({ startingMemoryShare: traits.startingMemoryShare * 0.5 }), 240, 'potency', 'down'],
    ['other cells cost purity', donor({}, { otherShare: 0.5 }), 240, 'cd3Positive', 'down'],
    ['other cells that grow cost purity', donor({ otherGrowthPerHour: traits.otherGrowthPerHour + 0.02 }), 240, 'cd3Positive', 'down'],
    ['dead cells at the start are seen', donor({}, { startingViability: 0.6 }), 24, 'viability', 'down'],
    ['a good medium lot makes cells', { lots: { ...base.lots, growthFactor: 1.2 }, dailyGrowthFactors: base.dailyGrowthFactors }, 200, 'cyclingCellsMillionPerMl', 'up'],
    ['more titre is more copies', { lots: { ...base.lots, vectorTitreFactor: base.lots.vectorTitreFactor * 1.5 } }, 96, 'copies', 'up'],
    ['a weak IL-2 lot is less IL-2', { lots: { ...base.lots, interleukin2Factor: 0.5 } }, 24, 'interleukin2IuPerMl', 'down'],
    ['a rich lot is more glucose', { lots: { ...base.lots, glucoseFactor: 1.2 } }, 24, 'glucoseMmolPerL', 'up'],
    ['more cells seeded are more cells', { operator: { ...base.operator, seedingFactor: base.operator.seedingFactor * 1.3 } }, 96, 'cyclingCellsMillionPerMl', 'up'],
    ['what the harvest loses is lost', { operator: { ...base.operator, recoveryShare: base.operator.recoveryShare * 0.7 } }, 240, 'carPositiveCells', 'down'],
    ['vector that comes late finds fewer hours', { operator: { ...base.operator, additionDelayHours: base.operator.additionDelayHours + 20 } }, 60, 'copies', 'down'],
    ['a pump that gives more brings more glucose', { equipment: { ...base.equipment, pumpFactor: 1.3 } }, 200, 'glucoseMmolPerL', 'up'],
    ['a chamber a degree and a half cold slows growth', { equipment: { ...base.equipment, temperatureOffsetCelsius: -1.5 } }, 160, 'cyclingCellsMillionPerMl', 'down'],
    ['poor days cost cells', { dailyGrowthFactors: base.dailyGrowthFactors.map((factor) => factor * 0.8) }, 200, 'cyclingCellsMillionPerMl', 'down'],
  ])('%s', (_, change, hour, look, way) => { expectMoved(seen(look, hour, change), seen(look, hour, {}), way); });
});
