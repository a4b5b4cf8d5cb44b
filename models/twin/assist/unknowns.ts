import { copyOf, type Culture } from '../culture/culture.ts';
import { STATE } from '../culture/state.ts';
import type { Batch } from '../draw/batch.ts';

/** What a guess guesses that readings can tell: traits of the cells and states of the culture, as numbers that spread about evenly (logarithms, or as they are) and the least and most they may be. */
type Unknown = Readonly<{ low: number; high: number; isLog: boolean }>;
const logOf = (low: number, high: number): Unknown => ({ low, high, isLog: true });
const plain = (low: number, high: number): Unknown => ({ low, high, isLog: false });

/** Traits, within what a world may hold. Permissiveness and memory at the start have done their work by hour 72. */
const TRAITS = {
  growthPerHour: logOf(0.004, 0.09), deathPerHour: logOf(1e-4, 0.02), sensitivityFactor: logOf(0.02, 50), glucoseUptakeMmolPerHourPerBillion: logOf(0.02, 0.2), otherDeathPerHour: logOf(0.001, 0.05), frailtyFactor: logOf(0.1, 10),
  doublingLimit: plain(3, 18), otherGrowthPerHour: plain(0, 0.09),
} as const satisfies Partial<Record<keyof Batch['donor']['traits'], Unknown>>;
/** States; volume, stimulus and vector follow from the recipe, and a contaminant is not guessed. */
const STATES = {
  restingCellsMillionPerMl: logOf(1e-4, 200), cyclingCellsMillionPerMl: logOf(1e-4, 200), deadCellsMillionPerMl: logOf(1e-4, 200), otherCellsMillionPerMl: logOf(1e-4, 200), interleukin2IuPerMl: logOf(1e-4, 4000), glucoseMmolPerL: logOf(1e-4, 100), glutamineMmolPerL: logOf(1e-4, 50),
  lactateMmolPerL: logOf(1e-4, 200), ammoniaMmolPerL: logOf(1e-4, 50), copies: logOf(1e-4, 50), doublings: plain(0, 40), memoryShare: plain(0.01, 1),
} as const satisfies Partial<Record<keyof typeof STATE, Unknown>>;

const traitEntries = Object.entries(TRAITS) as readonly (readonly [keyof typeof TRAITS, Unknown])[];
const stateEntries = Object.entries(STATES) as readonly (readonly [keyof typeof STATES, Unknown])[];

const toNumber = (value: number, { low, isLog }: Unknown): number => (isLog ? Math.log(Math.max(value, low)) : value);
const fromNumber = (number: number, { low, high, isLog }: Unknown): number => Math.min(high, Math.max(low, isLog ? Math.exp(number) : number));

/** The unknowns of a guess, in a fixed order. */
export const unknownsOf = ({ donor }: Batch, { state }: Culture): Float64Array => Float64Array.from([
  ...traitEntries.map(([name, unknown]) => toNumber(donor.traits[name], unknown)),
  ...stateEntries.map(([name, unknown]) => toNumber(state[STATE[name]] ?? 0, unknown)),
]);

/** The same guess with other unknowns, each within what it may be; the guess itself is not changed. */
export const withUnknowns = (batch: Batch, culture: Culture, numbers: Float64Array): Readonly<{ batch: Batch; culture: Culture }> => {
  const copy = copyOf(culture);
  const traits = Object.fromEntries(traitEntries.map(([name, unknown], i) => [name, fromNumber(numbers[i] ?? 0, unknown)]));
  stateEntries.forEach(([name, unknown], i) => { copy.state[STATE[name]] = fromNumber(numbers[traitEntries.length + i] ?? 0, unknown); });
  return { batch: { ...batch, donor: { ...batch.donor, traits: { ...batch.donor.traits, ...traits } } }, culture: copy };
};
