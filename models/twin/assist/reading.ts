import type { Generator } from '../../random/generator.ts';
import { phOf, phOffsetAt, oxygenOf, temperatureAt, viableCellsOf } from '../culture/environment.ts';
import type { Culture } from '../culture/culture.ts';
import { valueOf } from '../culture/state.ts';
import { carPositiveShare } from '../outcome/product.ts';

/** What the assistant may see of a culture at one moment: instruments and the daily sample, each with its error. Never the state itself. */
export type Reading = Readonly<{
  hour: number;
  /** 10^6 viable cells/mL. */
  density: number;
  viability: number;
  glucose: number;
  lactate: number;
  glutamine: number;
  ammonia: number;
  /** % air saturation and its set-point. */
  oxygen: number;
  oxygenSetPoint: number;
  /** The most the gas supply was asked for, % air saturation; whether the chamber is shaken. */
  oxygenAsked: number;
  shaken: boolean;
  temperature: number;
  /** By the probe, and of the sample on a bench analyser. */
  phProbe: number;
  phSample: number;
  /** mL/h: asked of the pump; seen by the weight of bags. */
  feedAsked: number;
  feedWeighed: number;
  volumeMl: number;
  /** Shares, by flow cytometry on the sample; NaN before the vector can show. */
  carPositive: number;
  cd3Positive: number;
  /** Share of memory phenotype among T cells, from the same tube. */
  memory: number;
}>;

/** Standard deviations of what is read: relative for density, in the unit otherwise. Typical of the instruments, assumed. */
export const READING_NOISE = { density: 0.06, viability: 0.02, glucose: 0.3, lactate: 0.4, glutamine: 0.15, ammonia: 0.15, oxygen: 0.8, temperature: 0.05, phProbe: 0.015, phSample: 0.03, feed: 0.06, carPositive: 0.03, cd3Positive: 0.01, memory: 0.03 } as const;
/** Factor on gas transfer above which a chamber counts as shaken. */
const SHAKEN_ABOVE = 0.55;
const CAR_SHOWS_FROM_HOUR = 72;

const share = (value: number): number => Math.min(1, Math.max(0, value));

/** Read a culture now. Draws the same number of times whatever is read, so that arms keep common noise. */
export const readCulture = ({ hour, state, conditions, control }: Culture, random: Generator): Reading => {
  const noise = READING_NOISE;
  const viable = viableCellsOf(state);
  const tCells = valueOf(state, 'restingCells') + valueOf(state, 'cyclingCells');
  const [lactate, ammonia] = [valueOf(state, 'lactate'), valueOf(state, 'ammonia')];
  const offset = phOffsetAt(conditions, hour);
  const ph = phOf(lactate, ammonia, conditions.phSetPoint, offset);
  const car = carPositiveShare(valueOf(state, 'copies')) * (valueOf(state, 'cyclingCells') / tCells);
  const asked = control.perfusionMlPerHour * control.feedFactor;
  return {
    hour,
    density: viable * Math.exp(noise.density * random.normal()),
    viability: share(viable / (viable + valueOf(state, 'deadCells')) + noise.viability * random.normal()),
    glucose: Math.max(0, valueOf(state, 'glucose') + noise.glucose * random.normal()),
    lactate: Math.max(0, lactate + noise.lactate * random.normal()),
    glutamine: Math.max(0, valueOf(state, 'glutamine') + noise.glutamine * random.normal()),
    ammonia: Math.max(0, ammonia + noise.ammonia * random.normal()),
    oxygen: oxygenOf(viable, conditions) + noise.oxygen * random.normal(), oxygenSetPoint: control.oxygenSetPoint, oxygenAsked: control.oxygenHighest, shaken: conditions.transferFactor > SHAKEN_ABOVE,
    temperature: temperatureAt(conditions, hour) + noise.temperature * random.normal(),
    phProbe: ph + offset + noise.phProbe * random.normal(), phSample: ph + noise.phSample * random.normal(),
    feedAsked: asked, feedWeighed: Math.max(0, conditions.feedMlPerHour * (1 + noise.feed * random.normal())), volumeMl: valueOf(state, 'volume'),
    carPositive: share((hour >= CAR_SHOWS_FROM_HOUR ? car : Number.NaN) + noise.carPositive * random.normal()),
    cd3Positive: share(tCells / viable + noise.cd3Positive * random.normal()),
    memory: share(valueOf(state, 'memory') + noise.memory * random.normal()),
  };
};
