import { recordedValue } from '../../models/twin/site/columns.ts';
import type { PersonalFields } from '../../shared/personal-data/fields.ts';
import type { ValueSpecification } from '../../shared/master-batch-record/model.ts';
import type { ExampleCulture } from './example-culture.ts';

const HOURS_A_DAY = 24;
const round = (value: number): number => Math.round(value * 100) / 100;

/** A patient that does not exist: what the hospital records of them at collection. */
export const EXAMPLE_PATIENT: PersonalFields = {
  patientReference: 'EXAMPLE-000-17', yearOfBirth: 1961, sex: 'female', bodyWeightKilograms: 64.5, treatingPhysician: 'Dr Example Novak',
  priorTherapies: { bendamustineWithinSixMonths: 'no', allogeneicTransplant: 'no', cd19DirectedTherapy: 'no' },
};

/** What the people of the example write down: the simulated batch where it says something, else a plausible reading. */
export const valueFor = (specification: ValueSpecification, { attributes, samples, release, hours }: Pick<ExampleCulture, 'attributes' | 'samples' | 'release' | 'hours'>): number | string | boolean => {
  if (specification.type === 'boolean') return true;
  // After an early harvest the last sample stands for a day that did not come.
  const sample = (day: number, name: string): number => (samples[day - 1] ?? samples.at(-1))?.[`Sample/${name}`] ?? Number.NaN;
  const found = (name: string): number => release[`Release/${name}`] ?? Number.NaN;
  const known: Readonly<Record<string, number>> = {
    'transport-temperature': 19.5, 'selected-cells': 640, 'multiplicity-of-infection': 5, 'minutes-thawed': attributes['Vector/Thaw Minutes'] ?? Number.NaN, 'culture-days': hours / HOURS_A_DAY,
    'viability-day-three': sample(3, 'Viability'), 'density-day-three': sample(3, 'Viable Cells'), 'viability-day-six': sample(6, 'Viability'), 'car-positive-day-six': sample(6, 'CAR'),
    'harvested-cells': found('Viable T Cells'), 'harvest-viability': found('Viability'), 'dose-volume': found('Volume'), 'dose-car-positive-cells': found('CAR Cells'), 'storage-temperature': 5,
  };
  const value = known[specification.id] ?? recordedValue(attributes, specification.id);
  if (value === undefined) throw new Error(`the example has no value for ${specification.id}`);
  return round(value);
};

/** Results of quality control, by test of the release specification; staged tests come later. */
export const testResults = ({ release }: Pick<ExampleCulture, 'release'>): Readonly<Record<string, number | string>> => ({
  viability: release['Release/Viability'] ?? Number.NaN, 'car-positive': release['Release/CAR'] ?? Number.NaN, 'cd3-positive': release['Release/CD3'] ?? Number.NaN, 'vector-copy-number': release['Release/Vector Copy Number'] ?? Number.NaN,
  endotoxin: release['Release/Endotoxin'] ?? Number.NaN, mycoplasma: release['Release/Mycoplasma'] === 0 ? 'not detected' : 'detected',
});
