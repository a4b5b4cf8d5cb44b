import type { SimulatedBatch } from '../../models/expansion/simulate.ts';
import type { PersonalFields } from '../../shared/personal-data/fields.ts';
import type { ValueSpecification } from '../../shared/master-batch-record/model.ts';

const round = (value: number): number => Math.round(value * 100) / 100;
const MINUTES_A_DAY = 1440;

/** A patient that does not exist: what the hospital records of them at collection. */
export const EXAMPLE_PATIENT: PersonalFields = {
  patientReference: 'EXAMPLE-000-17', yearOfBirth: 1961, sex: 'female', bodyWeightKilograms: 64.5, treatingPhysician: 'Dr Example Novak',
  priorTherapies: { bendamustineWithinSixMonths: 'no', allogeneicTransplant: 'no', cd19DirectedTherapy: 'no' },
};

/** What the people of the example write down: the simulated donor and culture where they say something, else a plausible reading. */
export const valueFor = (specification: ValueSpecification, batch: SimulatedBatch): number | string | boolean => {
  if (specification.type === 'boolean') return true;
  const { donor, outcome } = batch;
  const density = (day: number): number => batch.metric('Bioreactor/Viable Cell Density')[Math.min(day * MINUTES_A_DAY, batch.minutes - 1)] ?? 0;
  const known: Readonly<Record<string, number>> = {
    'transport-temperature': 19.5, 'hours-since-collection': round(donor.hoursSinceCollection), 'starting-viability': round(donor.startingViabilityPercent), 'starting-t-cells': 1850, 'cd4-cd8-ratio': round(donor.cd4Cd8Ratio),
    'selected-cells': 640, 'selected-purity': 95.2, 'seeded-cells': 120, 'multiplicity-of-infection': 5, 'minutes-thawed': 25, 'culture-days': 9,
    'viability-day-three': 88, 'density-day-three': round(density(3)), 'viability-day-six': 91, 'car-positive-day-six': round(outcome.carPositivePercent),
    'harvested-cells': round(outcome.totalViableCells), 'harvest-viability': round(outcome.viabilityPercent), 'dose-volume': 100, 'dose-car-positive-cells': 180, 'storage-temperature': 5,
  };
  const value = known[specification.id];
  if (value === undefined) throw new Error(`the example has no value for ${specification.id}`);
  return value;
};
