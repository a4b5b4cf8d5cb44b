import type { Derivative } from '../../ode/solver.ts';
import type { CellTraits, Conditions } from './conditions.ts';
import { breathing, bufferRatioAt, bufferRatioOf, contaminantLoad, oxygenOf, phAtRatio, phOffsetAt, temperatureAt } from './environment.ts';
import { KINETICS } from './kinetics.ts';

const K = Object.fromEntries(Object.entries(KINETICS).map(([name, { value }]) => [name, value])) as { readonly [name in keyof typeof KINETICS]: number };
const {
  glucoseHalfMmolPerL, glutamineHalfMmolPerL, glutamineSpareShare, interleukin2HalfIuPerMl, lactateHalfMmolPerL, ammoniaHalfMmolPerL, oxygenHalfPercentAir, phOptimum, phWidth, temperatureWidthBelowCelsius, temperatureWidthAboveCelsius, crowdingMillionPerMl,
  stimulusDecayPerHour, activationPerHour, activationDelayHours, activationSpreadHours, exhaustionPower, restingDeathPerHour, lysisPerHour, interleukin2UptakeIuPerHourPerMillion, interleukin2DecayPerHour, restingUptakeShare, maintenanceShare, lactateYieldMolPerMol, lactateYieldAnoxicMolPerMol,
  glutamineUptakeMmolPerHourPerBillion, ammoniaYieldMolPerMol, glutamineBreakdownPerHour, vectorDecayPerHour, vectorUptakeMlPerHourPerMillion, integratedCopiesPerTu, memoryLossPerDoubling, memoryLossStressShare, otherInterleukin2SpareShare,
  starvationKillsPerHour, lactateKillsPerHour, ammoniaKillsPerHour, oxygenKillsPerHour, phKillsPerHour, temperatureKillsPerHour, interleukin2KillsPerHour, exhaustionKillsPerHour, contaminantDeathFactor, contaminantGlucoseMmolPerLPerHour, contaminantAcidMolPerMol,
} = K;
/** Cycling cells, 10^6/mL, too few for their averages to mean anything. */
const EMPTY_MILLION_PER_ML = 1e-12;
/** °C at which the growth of a donor's cells is given. */
const HOME_CELSIUS = 37;

/** Spreads after the delay from which the logistic is 1 to the last bit: exp(−40) is far below what 1 can tell. */
const ALL_ENTERED = 40;
const steepness = (hour: number): number => {
  const spreads = (hour - activationDelayHours) / activationSpreadHours;
  return spreads > ALL_ENTERED ? 1 : 1 / (1 + Math.exp(-spreads));
};
const onPhOf = (ph: number): number => Math.exp(-(((ph - phOptimum) / phWidth) ** 2));
const onWarmthOf = (warmthCelsius: number): number => Math.exp(-((warmthCelsius / (warmthCelsius < 0 ? temperatureWidthBelowCelsius : temperatureWidthAboveCelsius)) ** 2));

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

    const onGlucose = glucose / (glucoseHalfMmolPerL + glucose);
    const onGlutamine = glutamineSpareShare + (1 - glutamineSpareShare) * (glutamine / (glutamineHalfMmolPerL + glutamine));
    const onIl2 = il2 / (interleukin2HalfIuPerMl + il2);
    const onLactate = 1 / (1 + (lactate / lactateHalfMmolPerL) ** 2);
    const onAmmonia = 1 / (1 + (ammonia / ammoniaHalfMmolPerL) ** 2);
    const onOxygen = oxygen / (oxygenHalfPercentAir + oxygen);
    const onPh = onPhOf(phAtRatio(bufferRatioOf(lactate, ammonia, wantedRatioAt(conditions.phSetPoint - phOffsetAt(conditions, hour)))));
    const onWarmth = onWarmthAt(temperatureAt(conditions, hour) - HOME_CELSIUS);
    const spent = Math.min(1, (doublings / traits.doublingLimit) ** exhaustionPower);
    const room = Math.max(0, 1 - viable / crowdingMillionPerMl);

    const health = onGlucose * onGlutamine * onLactate * onAmmonia * onOxygen * onPh * onWarmth;
    const growth = traits.growthPerHour * conditions.growthFactor * health * onIl2 * (1 - spent) * room;
    const harm = starvationKillsPerHour * (1 - onGlucose) ** 2 + lactateKillsPerHour * (1 - onLactate) ** 2 + ammoniaKillsPerHour * (1 - onAmmonia) ** 2 + oxygenKillsPerHour * (1 - onOxygen) ** 2
      + phKillsPerHour * (1 - onPh) ** 2 + temperatureKillsPerHour * (1 - onWarmth) ** 2 + interleukin2KillsPerHour * (1 - onIl2) ** 2 + exhaustionKillsPerHour * spent;
    const killing = conditions.deathFactor * (1 + contaminantDeathFactor * load);
    const death = (traits.deathPerHour + traits.sensitivity * harm) * killing;
    const restingLoss = restingDeathPerHour * traits.frailty * killing;
    const recruited = activationPerHour * stimulus * steepness(hour) * resting;
    const newcomers = cycling > EMPTY_MILLION_PER_ML ? recruited / cycling : 0;
    const otherGrowth = traits.otherGrowthPerHour * health * (otherInterleukin2SpareShare + (1 - otherInterleukin2SpareShare) * onIl2) * room;
    const otherLoss = traits.otherDeathPerHour * killing;

    const uptake = traits.glucoseUptake * onGlucose * (cycling * (maintenanceShare + (1 - maintenanceShare) * (growth / traits.growthPerHour)) + restingUptakeShare * resting + maintenanceShare * other);
    const taken = glutamineUptakeMmolPerHourPerBillion * (glutamine / (glutamineHalfMmolPerL + glutamine)) * (cycling + maintenanceShare * (resting + other));
    const broken = glutamineBreakdownPerHour * glutamine;
    const entering = vectorUptakeMlPerHourPerMillion * traits.permissiveness * vector;
    const eaten = contaminantGlucoseMmolPerLPerHour * load * onGlucose;
    const dilution = conditions.feedMlPerHour / volume;
    const thinning = (conditions.feedMlPerHour - conditions.wasteMlPerHour) / volume;

    dy[0] = -recruited - resting * (restingLoss + thinning);
    dy[1] = recruited + cycling * (growth - death - thinning);
    dy[2] = cycling * death + resting * restingLoss + other * otherLoss - dead * (lysisPerHour + thinning);
    dy[3] = other * (otherGrowth - otherLoss - thinning);
    dy[4] = -stimulus * (stimulusDecayPerHour + dilution);
    dy[5] = dilution * (conditions.feedInterleukin2 - il2) - interleukin2UptakeIuPerHourPerMillion * cycling * onIl2 - interleukin2DecayPerHour * il2;
    dy[6] = dilution * (conditions.feedGlucose - glucose) - uptake - eaten;
    dy[7] = dilution * (conditions.feedGlutamine - glutamine) - taken - broken;
    dy[8] = -dilution * lactate + (lactateYieldMolPerMol + (lactateYieldAnoxicMolPerMol - lactateYieldMolPerMol) * (1 - onOxygen)) * uptake + contaminantAcidMolPerMol * eaten;
    dy[9] = -dilution * ammonia + ammoniaYieldMolPerMol * taken + broken;
    dy[10] = -vector * (vectorDecayPerHour + dilution) - entering * (resting + cycling);
    dy[11] = integratedCopiesPerTu * entering - newcomers * copies;
    dy[12] = growth / Math.LN2 - newcomers * doublings;
    dy[13] = -memoryLossPerDoubling * growth / Math.LN2 * memory * (1 + memoryLossStressShare * (1 - health)) + newcomers * (traits.memoryAtStart - memory);
    dy[14] = conditions.feedMlPerHour - conditions.wasteMlPerHour;
    dy[15] = contaminantGrowth(contaminant, conditions.contaminantPerHour * onGlucose * (1 - load) - dilution / Math.LN2);
  };
};
