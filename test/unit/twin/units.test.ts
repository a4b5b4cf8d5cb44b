import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import * as z from 'zod';
import { KINETICS, type Constant } from '../../../models/twin/culture/kinetics.ts';
import { startOf } from '../../../models/twin/culture/culture.ts';
import { STATE_NAMES } from '../../../models/twin/culture/state.ts';
import { correctivePlans } from '../../../models/twin/assist/plans.ts';
import { shownBy } from '../../../models/twin/assist/evidence.ts';
import { AIM } from '../../../models/twin/control/cost.ts';
import { GAINS } from '../../../models/twin/control/pid.ts';
import { LIMITS, recipeSetPoints } from '../../../models/twin/control/set-points.ts';
import { productOf } from '../../../models/twin/outcome/product.ts';
import { measure } from '../../../models/twin/outcome/verdict.ts';
import { MINUTE_SERIES } from '../../../models/twin/parameters/catalogue/catalogue.ts';
import type { Signal } from '../../../models/twin/parameters/run.ts';
import * as cultureTruth from '../../../models/twin/parameters/truth/culture.ts';
import * as equipmentTruth from '../../../models/twin/parameters/truth/equipment.ts';
import * as roomTruth from '../../../models/twin/parameters/truth/room.ts';
import { createGenerator } from '../../../models/random/generator.ts';
import { knownOf } from '../../../models/twin/seen/known.ts';
import { SENSORS } from '../../../models/twin/seen/sensors.ts';
import { Distribution } from '../../../models/twin/draw/distribution.ts';
import { WORLD_SOURCES } from '../../../models/twin/worlds/provenance.ts';
import { FAULT_NAMES, World } from '../../../models/twin/worlds/world.ts';
import { quietBatch, worldNamed } from './worlds.ts';

const LONGEST_NAME = 40;
/** Bare names that are the whole of a quantity without dimension: of the culture, of a sample, of a product. */
const CELLS = ['viability', 'startingViability', 'carPositive', 'cd3Positive'] as const;

/** The list of docs/twin.md, "Units in names": unit by ending. Cells with several endings have as many units, or one for all; what follows a comma then explains. */
const unitsByEnding = (): ReadonlyMap<string, string> => {
  const [, section = ''] = readFileSync(new URL('../../../docs/twin.md', import.meta.url), 'utf8').split('### Units in names');
  const rows = section.split('### ')[0]!.split('\n').filter((line) => line.startsWith('| `…')).flatMap((line) => {
    const [, a = '', unitOfA = '', b = '', unitOfB = ''] = line.split('|');
    return [[a, unitOfA], [b, unitOfB]] as const;
  });
  return new Map(rows.flatMap(([names, units]) => {
    const endings = [...names.matchAll(/`…(\w+)`/g)].map(([, ending]) => ending!);
    const each = units.split(',').map((unit) => unit.trim());
    return endings.map((ending, i): readonly [string, string] => [ending, each[i] ?? each[0]!]);
  }));
};
const UNIT_BY_ENDING = unitsByEnding();
const WITHOUT_UNIT = ['Share', 'Factor', 'Power', 'Doublings', 'Copies'] as const;
const capitalised = (name: string): string => name.charAt(0).toUpperCase() + name.slice(1);

/** The unit a name says: that of its longest ending, 1 for what has none; undefined when it says none. */
const unitSaidBy = (name: string): string | undefined => {
  const [ending] = [...UNIT_BY_ENDING.keys(), ...WITHOUT_UNIT].filter((each) => capitalised(name).endsWith(each)).sort((a, b) => b.length - a.length);
  return ending === undefined ? undefined : UNIT_BY_ENDING.get(ending) ?? '1';
};

/** Names that say no unit, and are not of those that need none. */
const unsaid = (names: readonly string[], dimensionless: readonly string[]): readonly string[] => names.filter((name) => unitSaidBy(name) === undefined && !dimensionless.includes(name));

describe('units in names', () => {
  it('are read from the list of docs/twin.md', () => {
    expect(UNIT_BY_ENDING.size).toBeGreaterThan(25);
    expect([unitSaidBy('harvestHour'), unitSaidBy('lagHours'), unitSaidBy('volumeMl'), unitSaidBy('feedMlPerHour'), unitSaidBy('uptakeMmolPerHourPerBillion'), unitSaidBy('hour'), unitSaidBy('otherShare')])
      .toEqual(['h', 'h', 'mL', 'mL/h', 'mmol/h per 10^9 cells', 'h', '1']);
  });
  it('are missed where a field says none', () => {
    expect(unsaid(['temperature', 'pressure', 'glucose', 'volume', 'temperatureCelsius'], [])).toEqual(['temperature', 'pressure', 'glucose', 'volume']);
  });
});

describe('every constant of the mechanism', () => {
  const DIMENSIONLESS = ['phOptimum', 'phWidth', 'copyDispersion', 'acidConstant'] as const;
  it.each(Object.entries(KINETICS) as readonly (readonly [string, Constant])[])('%s has in its name the unit of its column', (name, { unit }) => {
    expect(unitSaidBy(name) ?? (DIMENSIONLESS.some((each) => each === name) ? '1' : undefined)).toBe(unit);
    expect(name.length).toBeLessThanOrEqual(LONGEST_NAME);
  });
});

describe('every quantity of a culture', () => {
  const [world, batch] = [worldNamed('stress'), quietBatch()];
  const product = productOf(world, batch, startOf(world, batch).state, 0, 0);
  const OF_PRODUCT = [...CELLS, 'vectorCopyNumber', 'contaminated', 'sampleContaminated', 'sterile'];
  it.each([
    ['of its state', STATE_NAMES, CELLS],
    ['that is read of it', Object.keys(SENSORS), ['phProbe', 'phPatch']],
    ['that the record says', Object.keys(knownOf(world, batch)), [...CELLS, 'attributes', 'priorBendamustine']],
    ['of its conditions', Object.keys(startOf(world, batch).conditions), ['phSetPoint', 'phOffset']],
    ['that was asked of its equipment', Object.keys(startOf(world, batch).control), []],
    ['of its cells', Object.keys(batch.donor.traits), ['doublingLimit']],
    ['that an action changes', correctivePlans(80).flatMap(({ actions }) => actions.flatMap((action) => Object.keys(action))), ['type']],
    ['that a controller sets', [...Object.keys(recipeSetPoints(world)), ...Object.keys(LIMITS)], []],
    ['that a controller is after', [...Object.keys(GAINS), ...Object.keys(AIM)], CELLS],
    ['of a product', Object.keys(product), OF_PRODUCT],
    ['that is measured of a product', Object.keys(measure(world, product, createGenerator(1))), OF_PRODUCT],
    ['that a guess shows', Object.keys(shownBy(startOf(world, batch))), CELLS],
  ] as const)('%s has its unit in its name', (_, names, dimensionless) => {
    expect(unsaid(names, dimensionless)).toEqual([]);
    expect(names.filter((name) => name.length > LONGEST_NAME)).toEqual([]);
  });
});

describe('every true quantity behind a sensor', () => {
  const isSignal = (value: unknown): value is Signal => typeof value === 'object' && value !== null && 'of' in value && 'cause' in value;
  const signals = [cultureTruth, equipmentTruth, roomTruth].flatMap((module) => Object.entries(module).filter((entry): entry is [string, Signal] => isSignal(entry[1])));
  const PH = ['ph', 'phOfController'];
  it('has its unit in its name', () => {
    expect(signals.length).toBeGreaterThan(60);
    expect(unsaid(signals.map(([name]) => name), PH)).toEqual([]);
  });
  it('is shown in that unit where a sensor shows it as it is', () => {
    const nameOf = new Map(signals.map(([name, signal]) => [signal, name]));
    const plain = MINUTE_SERIES.flatMap(({ signal, gain, offset, unit }) => { const name = nameOf.get(signal); return gain === 1 && offset === 0 && name !== undefined && !PH.includes(name) ? [{ name, unit }] : []; });
    expect(plain.length).toBeGreaterThan(40);
    const shown = (name: string): string | undefined => unitSaidBy(name)?.replace('% air saturation', '%').replace('mmol/(L h)', 'mmol/L/h');
    expect(plain.filter(({ name, unit }) => shown(name) !== unit)).toEqual([]);
  });
});

/** Dotted paths of what a schema holds: down to numbers, texts and distributions. */
const pathsIn = (schema: z.core.$ZodType, path = ''): readonly string[] => {
  if (schema === Distribution) return [path];
  if (schema instanceof z.ZodObject) return Object.entries(schema.shape as Readonly<Record<string, z.core.$ZodType>>).flatMap(([key, inner]) => pathsIn(inner, path === '' ? key : `${path}.${key}`));
  if (schema instanceof z.ZodOptional) return pathsIn(schema.unwrap(), path);
  if (schema instanceof z.ZodArray) return pathsIn(schema.element, path);
  if (schema instanceof z.ZodRecord) return pathsIn(schema.valueType, `${path}.*`);
  return [path];
};

describe('every field of a world', () => {
  /** What has no dimension and no ending that says so, with what it is. Standard deviations of assays are of shares, or relative. */
  const BARE = new Map([
    ['name', 'a name'], ['about', 'a text'], ['donor.cd4Cd8Ratio', '1'], ['donor.doublingLimit', '1'], ['donor.startingViability', '1'], ['donor.bendamustine.fitnessLoss', 'standard scores'], ['donor.poor.fitnessLoss', 'standard scores'],
    ['recipe.phSetPoint', '1'], ...FAULT_NAMES.map((name) => [`faults.${name}.chance`, '1'] as const), ['faults.*.chance', '1'], ['criteria.viability', '1'], ['criteria.carPositive', '1'], ['criteria.cd3Positive', '1'], ['criteria.vectorCopyNumber', 'copies per CAR+ cell'],
    ...['viability', 'carPositive', 'cd3Positive', 'vectorCopyNumber', 'cellCount', 'potency', 'endotoxin'].map((name) => [`assays.${name}`, '1'] as const), ['potency.residualSigma', '1'],
  ]);
  /** Of the release process: how many there are, on which days of the week, and what is no quantity. */
  const COUNTED = ['sites', 'startWeekdays', 'capacity', 'places', 'phases', 'entriesPerPhase', 'valuesPerRound', 'resultEntries', 'summaryEntries', 'entriesPerDeviation', 'entriesPerIntervention', 'manualAwaitsResults', '*'] as const;
  const paths = pathsIn(World);
  const nameOf = (path: string): string => path.split('.').at(-1)!;
  it('has its unit in its name', () => {
    expect(paths.length).toBeGreaterThan(60);
    const isCounted = (path: string): boolean => path.startsWith('release.') && COUNTED.some((name) => name === nameOf(path));
    expect(paths.filter((path) => !BARE.has(path) && !isCounted(path) && unitSaidBy(nameOf(path)) === undefined)).toEqual([]);
    expect(paths.filter((path) => nameOf(path).length > LONGEST_NAME)).toEqual([]);
  });
  it('and no exception is of a field that there is not', () => { expect([...BARE.keys()].filter((path) => !path.startsWith('faults.*') && !paths.includes(path))).toEqual([]); });
  it('says the unit that docs/twin-constants.md has of it', () => {
    const one = Object.entries(WORLD_SOURCES).filter(([, { unit }]) => !unit.includes(';'));
    expect(one.length).toBeGreaterThan(50);
    expect(one.filter(([path, { unit }]) => (BARE.get(path) ?? unitSaidBy(nameOf(path))) !== unit)).toEqual([]);
  });
});
