import type { Derivative } from '../../ode/solver.ts';
import type { CellTraits, Conditions } from './conditions.ts';
import { breathing, bufferRatioAt, bufferRatioOf, contaminantLoad, oxygenOf, phAtRatio, phOffsetAt, temperatureAt } from './environment.ts';
import { KINETICS } from './kinetics.ts';

const K = Object.fromEntries(Object.entries(KINETICS).map(([name, { value }]) => [name, value])) as { readonly [name in keyof typeof KINETICS]: number };
const {
  glucoseHalf, glutamineHalf, glutamineSpare, interleukin2Half, lactateHalf, ammoniaHalf, oxygenHalf, phOptimum, phWidth, temperatureWidthBelow, temperatureWidthAbove, crowdingDensity,
  stimulusDecay, activationRate, activationDelayHours, activationSpreadHours, exhaustionPower, restingDeath, lysis, interleukin2Uptake, interleukin2Decay, restingUptake, maintenance, lactateYield, lactateYieldAnoxic,
  glutamineUptake, ammoniaYield, glutamineBreakdown, vectorDecay, vectorUptake, integratedShare, memoryLoss, memoryLossStress, otherInterleukin2Spare,
  starvationKills, lactateKills, ammoniaKills, oxygenKills, phKills, temperatureKills, interleukin2Kills, exhaustionKills, contaminantDeath, contaminantGlucose, contaminantAcid,
} = K;
/** Cycling cells, 10^6/mL, too few for their averages to mean anything. */
const EMPTY = 1e-12;
/** °C at which the growth of a donor's cells is given. */
const HOME = 37;

/** Spreads after the delay from which the logistic is 1 to the last bit: exp(−40) is far below what 1 can tell. */
const ALL_ENTERED = 40;
const steepness = (hour: number): number => {
  const spreads = (hour - activationDelayHours) / activationSpreadHours;
  return spreads > ALL_ENTERED ? 1 : 1 / (1 + Math.exp(-spreads));
};
const onPhOf = (ph: number): number => Math.exp(-(((ph - phOptimum) / phWidth) ** 2));
const onWarmthOf = (warmth: number): number => Math.exp(-((warmth / (warmth < 0 ? temperatureWidthBelow : temperatureWidthAbove)) ** 2));

/** A function that is mostly asked what it was asked before, and then gives what it gave before. */
const remembering = (of: (x: number) => number): ((x: number) => number) => {
  const kept = Float64Array.of(Number.NaN, Number.NaN);
  return (x) => {
    if (x !== kept[0]) kept.set([x, of(x)]);
    return kept[1] ?? Number.NaN;
  };
};

/** Doublings of a contaminant an hour; one washed out down to what came in goes no lower. */
const contaminantGrowth = (doublings: number, net: number): number => (doublings <= 0 ? Math.max(0, net) : net);

/**
 * Balances of cells, substrates, products, vector and phenotype in a closed chamber whose cells are kept while medium flows.
 *
 * Monod limitation and product inhibition multiply growth; the same terms, each with its weight, raise death above the donor's own rate.
 * Feed dilutes, and with retention waste takes no cells: dC/dt = feed/V (C_feed − C) + reaction; cells: −X (feed − waste)/V.
 *
 * @param hour since activation; @see kinetics.ts for every constant, its unit and where it comes from
 */
export const cultureRates = (traits: CellTraits, conditions: Conditions): Derivative => {
  const [wantedRatioAt, onWarmthAt] = [remembering(bufferRatioAt), remembering(onWarmthOf)];
  return (hour, y, dy) => {
    /* eslint-disable @typescript-eslint/no-non-null-assertion -- fixed length; this function is the cost of a simulation */
    const resting = y[0]!, cycling = y[1]!, dead = y[2]!, other = y[3]!, stimulus = y[4]!, copies = y[11]!, doublings = y[12]!, memory = y[13]!, volume = y[14]!, contaminant = y[15]!;
    /* eslint-enable @typescript-eslint/no-non-null-assertion */
    const il2 = Math.max(0, y[5] ?? 0), glucose = Math.max(0, y[6] ?? 0), glutamine = Math.max(0, y[7] ?? 0), lactate = Math.max(0, y[8] ?? 0), ammonia = Math.max(0, y[9] ?? 0), vector = Math.max(0, y[10] ?? 0);
    const viable = resting + cycling + other;
    const load = contaminantLoad(contaminant, conditions);
    const oxygen = oxygenOf(breathing(viable, load), conditions, hour);

    const onGlucose = glucose / (glucoseHalf + glucose);
    const onGlutamine = glutamineSpare + (1 - glutamineSpare) * (glutamine / (glutamineHalf + glutamine));
    const onIl2 = il2 / (interleukin2Half + il2);
    const onLactate = 1 / (1 + (lactate / lactateHalf) ** 2);
    const onAmmonia = 1 / (1 + (ammonia / ammoniaHalf) ** 2);
    const onOxygen = oxygen / (oxygenHalf + oxygen);
    const onPh = onPhOf(phAtRatio(bufferRatioOf(lactate, ammonia, wantedRatioAt(conditions.phSetPoint - phOffsetAt(conditions, hour)))));
    const onWarmth = onWarmthAt(temperatureAt(conditions, hour) - HOME);
    const spent = Math.min(1, (doublings / traits.doublingLimit) ** exhaustionPower);
    const room = Math.max(0, 1 - viable / crowdingDensity);

    const health = onGlucose * onGlutamine * onLactate * onAmmonia * onOxygen * onPh * onWarmth;
    const growth = traits.growthPerHour * conditions.growthFactor * health * onIl2 * (1 - spent) * room;
    const harm = starvationKills * (1 - onGlucose) ** 2 + lactateKills * (1 - onLactate) ** 2 + ammoniaKills * (1 - onAmmonia) ** 2 + oxygenKills * (1 - onOxygen) ** 2
      + phKills * (1 - onPh) ** 2 + temperatureKills * (1 - onWarmth) ** 2 + interleukin2Kills * (1 - onIl2) ** 2 + exhaustionKills * spent;
    const killing = conditions.deathFactor * (1 + contaminantDeath * load);
    const death = (traits.deathPerHour + traits.sensitivity * harm) * killing;
    const restingLoss = restingDeath * traits.frailty * killing;
    const recruited = activationRate * stimulus * steepness(hour) * resting;
    const newcomers = cycling > EMPTY ? recruited / cycling : 0;
    const otherGrowth = traits.otherGrowthPerHour * health * (otherInterleukin2Spare + (1 - otherInterleukin2Spare) * onIl2) * room;
    const otherLoss = traits.otherDeathPerHour * killing;

    const uptake = traits.glucoseUptake * onGlucose * (cycling * (maintenance + (1 - maintenance) * (growth / traits.growthPerHour)) + restingUptake * resting + maintenance * other);
    const taken = glutamineUptake * (glutamine / (glutamineHalf + glutamine)) * (cycling + maintenance * (resting + other));
    const broken = glutamineBreakdown * glutamine;
    const entering = vectorUptake * traits.permissiveness * vector;
    const eaten = contaminantGlucose * load * onGlucose;
    const dilution = conditions.feedMlPerHour / volume;
    const thinning = (conditions.feedMlPerHour - conditions.wasteMlPerHour) / volume;

    dy[0] = -recruited - resting * (restingLoss + thinning);
    dy[1] = recruited + cycling * (growth - death - thinning);
    dy[2] = cycling * death + resting * restingLoss + other * otherLoss - dead * (lysis + thinning);
    dy[3] = other * (otherGrowth - otherLoss - thinning);
    dy[4] = -stimulus * (stimulusDecay + dilution);
    dy[5] = dilution * (conditions.feedInterleukin2 - il2) - interleukin2Uptake * cycling * onIl2 - interleukin2Decay * il2;
    dy[6] = dilution * (conditions.feedGlucose - glucose) - uptake - eaten;
    dy[7] = dilution * (conditions.feedGlutamine - glutamine) - taken - broken;
    dy[8] = -dilution * lactate + (lactateYield + (lactateYieldAnoxic - lactateYield) * (1 - onOxygen)) * uptake + contaminantAcid * eaten;
    dy[9] = -dilution * ammonia + ammoniaYield * taken + broken;
    dy[10] = -vector * (vectorDecay + dilution) - entering * (resting + cycling);
    dy[11] = integratedShare * entering - newcomers * copies;
    dy[12] = growth / Math.LN2 - newcomers * doublings;
    dy[13] = -memoryLoss * growth / Math.LN2 * memory * (1 + memoryLossStress * (1 - health)) + newcomers * (traits.memoryAtStart - memory);
    dy[14] = conditions.feedMlPerHour - conditions.wasteMlPerHour;
    dy[15] = contaminantGrowth(contaminant, conditions.contaminantPerHour * onGlucose * (1 - load) - dilution / Math.LN2);
  };
};
