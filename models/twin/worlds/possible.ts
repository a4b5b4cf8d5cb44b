import type { Distribution } from '../draw/distribution.ts';
import { KINETICS } from '../culture/kinetics.ts';
import { EXTENSION_HOURS, MOST_CULTURE_HOURS, MOST_EXCHANGED } from '../recipe/action.ts';
import { faultSizesOf, type FaultName, type World } from './world.ts';

/** What a quantity can be at all, whatever is drawn. */
type Range = Readonly<{ low: number; high: number }>;
const NOT_NEGATIVE: Range = { low: 0, high: Infinity };
const SHARE: Range = { low: 0, high: 1 };

/** What no hospital has. Bounds of what can be run at all, far from what is usual: a chamber of 20 L, ten thousand million cells, a patient of 300 kg. */
const LIMITS = { chamberMl: 20_000, seedCellsMillion: 10_000, perfusionMlPerHour: 2000, harvestPlusExtensionHours: MOST_CULTURE_HOURS } as const;
/** Drawn quantities with bounds of their own; a share of living cells or a weight of 0 makes no patient. */
const BOUNDS: Readonly<Record<string, Range>> = {
  'donor.startingViability': { low: 0.01, high: 1 }, 'donor.weightKg': { low: 1, high: 300 }, 'donor.doublingLimit': { low: 1, high: Infinity }, 'equipment.temperatureOffsetCelsius': { low: -5, high: 5 },
};

/** Quantities that are shares of something; every other drawn quantity without bounds of its own is, but for a fault's size, a rate, an amount or a factor, and not negative. */
const SHARES: ReadonlySet<string> = new Set(['donor.startingMemoryShare', 'donor.otherShare', 'operator.recoveryShare']);
const FAULT_SIZES: Readonly<Record<FaultName, Range>> = {
  'feed-pump': SHARE, 'ph-probe': { low: -Infinity, high: Infinity }, 'gas-supply': { low: 0, high: KINETICS.supplyPressureBar.value }, temperature: { low: -37, high: 20 }, contamination: NOT_NEGATIVE, transduction: SHARE,
};

/** The tails a distribution can reach. */
const reachOf = (distribution: Distribution): Range => {
  switch (distribution.kind) {
    case 'normal': return { low: distribution.sd === 0 ? distribution.mean : distribution.low ?? -Infinity, high: distribution.sd === 0 ? distribution.mean : distribution.high ?? Infinity };
    case 'lognormal': return { low: distribution.low ?? 0, high: distribution.high ?? Infinity };
    case 'uniform': return distribution;
    default: return distribution satisfies never;
  }
};

const faultsOfDraw = (path: string, distribution: Distribution, { low, high }: Range): readonly string[] => {
  const reach = reachOf(distribution);
  if (reach.low > reach.high) return [`${path}: got low ${reach.low} above high ${reach.high}, want low at most high`];
  return [
    ...(reach.low < low ? [`${path}.low: got ${reach.low === -Infinity ? 'no bound' : reach.low}, want at least ${low}`] : []),
    ...(reach.high > high ? [`${path}.high: got ${reach.high === Infinity ? 'no bound' : reach.high}, want at most ${high}`] : []),
  ];
};

const isDistribution = (value: unknown): value is Distribution => typeof value === 'object' && value !== null && 'kind' in value;

const drawFaultsOf = (world: World): readonly string[] => (['donor', 'lots', 'operator', 'equipment', 'unknown'] as const).flatMap((part) =>
  Object.entries(world[part]).flatMap(([name, value]: [string, unknown]) => {
    const path = `${part}.${name}`;
    return isDistribution(value) ? faultsOfDraw(path, value, BOUNDS[path] ?? (SHARES.has(path) ? SHARE : NOT_NEGATIVE)) : [];
  }));

/** A recipe that no one could run: something due after the harvest, or oxygen set above what the gas reaches. */
const recipeFaultsOf = ({ recipe }: World): readonly string[] => {
  const due: readonly (readonly [string, number])[] = [
    ['recipe.vectorHour', recipe.vectorHour], ['recipe.shakenFromHour', recipe.shakenFromHour],
    ...recipe.additions.map(({ hour }, i) => [`recipe.additions.${i}.hour`, hour] as const), ...recipe.exchanges.map(({ hour }, i) => [`recipe.exchanges.${i}.hour`, hour] as const),
    ...recipe.perfusion.map(({ fromHour }, i) => [`recipe.perfusion.${i}.fromHour`, fromHour] as const),
  ];
  return [
    ...due.filter(([, hour]) => hour >= recipe.harvestHour).map(([path, hour]) => `${path}: got ${hour}, want before recipe.harvestHour, ${recipe.harvestHour}`),
    ...(recipe.oxygenSetPointPercentAir > recipe.oxygenHighestPercentAir ? [`recipe.oxygenSetPointPercentAir: got ${recipe.oxygenSetPointPercentAir}, want at most recipe.oxygenHighestPercentAir, ${recipe.oxygenHighestPercentAir}`] : []),
  ];
};

const above = (path: string, value: number, limit: number): readonly string[] => (value > limit ? [`${path}: got ${value}, want at most ${limit}`] : []);

/** Amounts that fit no chamber, pump or culture, and a potency without a reference. */
const amountFaultsOf = ({ recipe, potency }: World): readonly string[] => {
  const volumeMl = recipe.additions.reduce((sum, addition) => sum + addition.volumeMl, recipe.startVolumeMl);
  return [
    ...above('recipe.seedCellsMillion', recipe.seedCellsMillion, LIMITS.seedCellsMillion),
    ...(volumeMl > LIMITS.chamberMl ? [`recipe.startVolumeMl with recipe.additions: got ${volumeMl} mL, want at most ${LIMITS.chamberMl}, the chamber`] : []),
    ...recipe.perfusion.flatMap(({ mlPerHour }, i) => above(`recipe.perfusion.${i}.mlPerHour`, mlPerHour, LIMITS.perfusionMlPerHour)),
    ...recipe.exchanges.flatMap(({ share }, i) => above(`recipe.exchanges.${i}.share`, share, MOST_EXCHANGED)),
    ...above('recipe.harvestHour with the longest extension', recipe.harvestHour + EXTENSION_HOURS, LIMITS.harvestPlusExtensionHours),
    ...(potency.memoryReferenceShare > 0 ? [] : [`potency.memoryReferenceShare: got ${potency.memoryReferenceShare}, want above 0`]),
  ];
};

/** What is wrong with a world of the right shape: rates that could come out negative, shares above one, a recipe that can not be run. Empty when nothing is. */
export const impossibilitiesOf = (world: World): readonly string[] => [
  ...recipeFaultsOf(world), ...amountFaultsOf(world), ...drawFaultsOf(world),
  ...faultSizesOf(world).flatMap(({ name, field, size }) => [...faultsOfDraw(`faults.${name}.onsetHour`, world.faults[name].onsetHour, NOT_NEGATIVE), ...faultsOfDraw(`faults.${name}.${field}`, size, FAULT_SIZES[name])]),
  ...faultsOfDraw('repairHours', world.repairHours, NOT_NEGATIVE),
];
