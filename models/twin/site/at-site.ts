import type { Distribution } from '../draw/distribution.ts';
import { MINUTE_SERIES } from '../parameters/catalogue/catalogue.ts';
import type { MinuteSeries } from '../parameters/parameter.ts';
import type { World } from '../worlds/world.ts';
import type { SiteEffects } from './effects.ts';

/** The middle of a distribution moved by a factor; its spread beside it and its bounds stay. */
const moved = (distribution: Distribution, factor: number): Distribution => {
  switch (distribution.kind) {
    case 'normal': return { ...distribution, mean: distribution.mean * factor };
    case 'lognormal': return { ...distribution, median: distribution.median * factor };
    case 'uniform': return { ...distribution, high: distribution.low + (distribution.high - distribution.low) * factor };
    default: return distribution satisfies never;
  }
};
const share = (value: number): number => Math.min(1, value);

/** The world as one hospital meets it: same recipe, criteria and faults; its own patients, lots, operators and equipment. */
export const worldAt = (world: World, { lots, donors, operators, equipment }: SiteEffects): World => {
  const { donor } = world;
  return {
    ...world,
    donor: {
      ...donor, ageYears: moved(donor.ageYears, donors.ageYears), weightKg: moved(donor.weightKg, donors.weightKg), sinceCollectionHours: moved(donor.sinceCollectionHours, donors.hoursSinceCollection),
      bendamustine: { ...donor.bendamustine, share: share(donor.bendamustine.share * donors.bendamustineShare) }, poor: { ...donor.poor, share: share(donor.poor.share * donors.poorShare) },
    },
    lots: { growthFactor: moved(world.lots.growthFactor, lots.growth), vectorTitreFactor: moved(world.lots.vectorTitreFactor, lots.vectorTitre), interleukin2Factor: moved(world.lots.interleukin2Factor, lots.interleukin2), glucoseFactor: moved(world.lots.glucoseFactor, lots.glucose) },
    operator: { seedingFactor: moved(world.operator.seedingFactor, operators.seeding), recoveryShare: moved(world.operator.recoveryShare, operators.recovery), additionDelayHours: moved(world.operator.additionDelayHours, operators.additionDelayHours) },
    equipment: { ...world.equipment, transferFactor: moved(world.equipment.transferFactor, equipment.transfer), pumpFactor: moved(world.equipment.pumpFactor, equipment.pump) },
  };
};

/** The catalogue's minute series as one hospital's instruments show them. */
export const seriesAt = ({ sensors }: SiteEffects): ReadonlyMap<string, MinuteSeries> => new Map(MINUTE_SERIES.map((parameter) => {
  const { gain, offset, noise } = sensors[parameter.name] ?? { gain: 1, offset: 0, noise: 1 };
  const { sensor } = parameter;
  return [parameter.name, { ...parameter, gain: parameter.gain * gain, offset: parameter.offset * gain + offset, sensor: { ...sensor, noise: sensor.noise * noise, relativeNoise: sensor.relativeNoise * noise } }];
}));
