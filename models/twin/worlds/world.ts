import * as z from 'zod';
import { Distribution } from '../draw/distribution.ts';
import { ReleaseProcess } from '../release/process.ts';

const share = z.number().min(0).max(1);
const positive = z.number().positive();
const notNegative = z.number().nonnegative();

const Donor = z.strictObject({
  growthPerHour: Distribution, deathPerHour: Distribution, frailtyFactor: Distribution, sensitivityFactor: Distribution, glucoseUptakeMmolPerHourPerBillion: Distribution, doublingLimit: Distribution, permissivenessFactor: Distribution, startingMemoryShare: Distribution,
  otherGrowthPerHour: Distribution, otherDeathPerHour: Distribution, otherShare: Distribution, startingViability: Distribution, cd4Cd8Ratio: Distribution, weightKg: Distribution, ageYears: Distribution, sinceCollectionHours: Distribution,
  /** How strongly the one hidden fitness of a patient moves growth and survival, and how strongly what can be found at admission follows it, 0 to 1. */
  fitnessShare: share, findingShare: share,
  /** Share of patients, and standard scores of fitness they lose. */
  bendamustine: z.strictObject({ share, fitnessLoss: notNegative }),
  poor: z.strictObject({ share, fitnessLoss: notNegative }),
});

export const FAULT_NAMES = ['feed-pump', 'ph-probe', 'gas-supply', 'temperature', 'contamination', 'transduction'] as const;
export type FaultName = (typeof FAULT_NAMES)[number];
const happening = { chance: share, onsetHour: Distribution };
/** When each fault happens, and how large it is then: what is left of the flow, of the pressure, of the vector; how fast the probe drifts, the contaminant doubles; how far the chamber is off. */
const Faults = z.strictObject({
  'feed-pump': z.strictObject({ ...happening, flowShare: Distribution }), 'ph-probe': z.strictObject({ ...happening, driftPerHour: Distribution }), 'gas-supply': z.strictObject({ ...happening, pressureBar: Distribution }),
  temperature: z.strictObject({ ...happening, offsetCelsius: Distribution }), contamination: z.strictObject({ ...happening, doublingsPerHour: Distribution }), transduction: z.strictObject({ ...happening, activeShare: Distribution }),
} satisfies Record<FaultName, unknown>);

/** One hospital-made process as it is run: who comes, what varies, what breaks, how it is grown, tested and reviewed. Shape of `<name>.json`. */
export const World = z.strictObject({
  name: z.string().min(1),
  about: z.string().min(1),
  recipe: z.strictObject({
    seedCellsMillion: positive, startVolumeMl: positive, interleukin2IuPerMl: notNegative, vectorHour: notNegative, vectorDoseMillionTuPerMl: notNegative,
    additions: z.array(z.strictObject({ hour: notNegative, volumeMl: positive })), exchanges: z.array(z.strictObject({ hour: notNegative, share })),
    perfusion: z.array(z.strictObject({ fromHour: notNegative, mlPerHour: notNegative })),
    feedGlucoseMmolPerL: positive, feedGlutamineMmolPerL: notNegative, feedInterleukin2IuPerMl: notNegative, shakenFromHour: notNegative, oxygenSetPointPercentAir: positive, oxygenHighestPercentAir: positive, phSetPoint: z.number().min(6).max(8),
    temperatureCelsius: z.number().min(30).max(40), harvestHour: z.number().min(72).max(480),
  }),
  donor: Donor,
  lots: z.strictObject({ growthFactor: Distribution, vectorTitreFactor: Distribution, interleukin2Factor: Distribution, glucoseFactor: Distribution }),
  operator: z.strictObject({ seedingFactor: Distribution, recoveryShare: Distribution, additionDelayHours: Distribution }),
  equipment: z.strictObject({ transferFactor: Distribution, pumpFactor: Distribution, temperatureOffsetCelsius: Distribution }),
  /** What no one measures: a factor on growth drawn anew each day. */
  unknown: z.strictObject({ dailyGrowthFactor: Distribution }),
  faults: Faults,
  /** Hours from a fault's onset to its repair by ordinary alarms and rounds, when nobody predicts anything. */
  repairHours: Distribution,
  criteria: z.strictObject({ doseMillionPerKg: positive, reserveFactor: z.number().min(1), viability: share, carPositive: share, cd3Positive: share, vectorCopyNumber: positive, endotoxinEuPerMl: positive }),
  assays: z.strictObject({ viability: notNegative, carPositive: notNegative, cd3Positive: notNegative, vectorCopyNumber: notNegative, cellCount: notNegative, potency: notNegative, endotoxin: notNegative }),
  release: ReleaseProcess,
  potency: z.strictObject({ memoryReferenceShare: share, memoryPower: notNegative, copyPower: notNegative, residualSigma: notNegative }),
});
export type World = z.infer<typeof World>;

/** The field, in the world and in a fault that was drawn, that says how large a fault is; in the order in which faults are drawn. */
export const FAULT_FIELDS = { 'feed-pump': 'flowShare', 'ph-probe': 'driftPerHour', 'gas-supply': 'pressureBar', temperature: 'offsetCelsius', contamination: 'doublingsPerHour', transduction: 'activeShare' } as const satisfies Record<FaultName, string>;

/** How large each fault is. */
export const faultSizesOf = ({ faults }: Pick<World, 'faults'>): readonly Readonly<{ name: FaultName; field: string; size: Distribution }>[] => ([
  { name: 'feed-pump', size: faults['feed-pump'].flowShare }, { name: 'ph-probe', size: faults['ph-probe'].driftPerHour }, { name: 'gas-supply', size: faults['gas-supply'].pressureBar },
  { name: 'temperature', size: faults.temperature.offsetCelsius }, { name: 'contamination', size: faults.contamination.doublingsPerHour }, { name: 'transduction', size: faults.transduction.activeShare },
] as const).map((each) => ({ ...each, field: FAULT_FIELDS[each.name] }));
