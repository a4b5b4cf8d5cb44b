import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { KINETICS, type Constant } from '../../../models/twin/culture/kinetics.ts';
import { startOf } from '../../../models/twin/culture/culture.ts';
import { STATE_NAMES } from '../../../models/twin/culture/state.ts';
import { shownBy } from '../../../models/twin/assist/evidence.ts';
import { knownOf } from '../../../models/twin/seen/known.ts';
import { SENSORS } from '../../../models/twin/seen/sensors.ts';
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
  it.each([
    ['of its state', STATE_NAMES, CELLS],
    ['that is read of it', Object.keys(SENSORS), ['phProbe', 'phPatch']],
    ['that the record says', Object.keys(knownOf(world, batch)), [...CELLS, 'attributes', 'priorBendamustine']],
    ['that a guess shows', Object.keys(shownBy(startOf(world, batch))), CELLS],
  ] as const)('%s has its unit in its name', (_, names, dimensionless) => {
    expect(unsaid(names, dimensionless)).toEqual([]);
    expect(names.filter((name) => name.length > LONGEST_NAME)).toEqual([]);
  });
});
