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
const contaminantGrowth = (doublings: number, netPerHour: number): number => (doublings <= 0 ? Math.max(0, netPerHour) : netPerHour);

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
    const restingMillionPerMl = y[0]!, cyclingMillionPerMl = y[1]!, deadMillionPerMl = y[2]!, otherMillionPerMl = y[3]!, stimulusShare = y[4]!, copies = y[11]!, doublings = y[12]!, memoryShare = y[13]!, volumeMl = y[14]!, contaminantDoublings = y[15]!;
    /* eslint-enable @typescript-eslint/no-non-null-assertion */
    const il2IuPerMl = Math.max(0, y[5] ?? 0), glucoseMmolPerL = Math.max(0, y[6] ?? 0), glutamineMmolPerL = Math.max(0, y[7] ?? 0), lactateMmolPerL = Math.max(0, y[8] ?? 0), ammoniaMmolPerL = Math.max(0, y[9] ?? 0), vectorMillionTuPerMl = Math.max(0, y[10] ?? 0);
    const viableMillionPerMl = restingMillionPerMl + cyclingMillionPerMl + otherMillionPerMl;
    const loadShare = contaminantLoad(contaminantDoublings, conditions);
    const oxygenPercentAir = oxygenOf(breathing(viableMillionPerMl, loadShare), conditions, hour);

    const onGlucose = glucoseMmolPerL / (glucoseHalfMmolPerL + glucoseMmolPerL);
    const onGlutamine = glutamineSpareShare + (1 - glutamineSpareShare) * (glutamineMmolPerL / (glutamineHalfMmolPerL + glutamineMmolPerL));
    const onIl2 = il2IuPerMl / (interleukin2HalfIuPerMl + il2IuPerMl);
    const onLactate = 1 / (1 + (lactateMmolPerL / lactateHalfMmolPerL) ** 2);
    const onAmmonia = 1 / (1 + (ammoniaMmolPerL / ammoniaHalfMmolPerL) ** 2);
    const onOxygen = oxygenPercentAir / (oxygenHalfPercentAir + oxygenPercentAir);
    const onPh = onPhOf(phAtRatio(bufferRatioOf(lactateMmolPerL, ammoniaMmolPerL, wantedRatioAt(conditions.phSetPoint - phOffsetAt(conditions, hour)))));
    const onWarmth = onWarmthAt(temperatureAt(conditions, hour) - HOME_CELSIUS);
    const spent = Math.min(1, (doublings / traits.doublingLimit) ** exhaustionPower);
    const room = Math.max(0, 1 - viableMillionPerMl / crowdingMillionPerMl);

    const health = onGlucose * onGlutamine * onLactate * onAmmonia * onOxygen * onPh * onWarmth;
    const growthPerHour = traits.growthPerHour * conditions.growthFactor * health * onIl2 * (1 - spent) * room;
    const harmPerHour = starvationKillsPerHour * (1 - onGlucose) ** 2 + lactateKillsPerHour * (1 - onLactate) ** 2 + ammoniaKillsPerHour * (1 - onAmmonia) ** 2 + oxygenKillsPerHour * (1 - onOxygen) ** 2
      + phKillsPerHour * (1 - onPh) ** 2 + temperatureKillsPerHour * (1 - onWarmth) ** 2 + interleukin2KillsPerHour * (1 - onIl2) ** 2 + exhaustionKillsPerHour * spent;
    const killing = 1 + contaminantDeathFactor * loadShare;
    const deathPerHour = (traits.deathPerHour + traits.sensitivityFactor * harmPerHour) * killing;
    const restingLossPerHour = restingDeathPerHour * traits.frailtyFactor * killing;
    const recruitedMillionPerMlPerHour = activationPerHour * stimulusShare * steepness(hour) * restingMillionPerMl;
    const newcomersPerHour = cyclingMillionPerMl > EMPTY_MILLION_PER_ML ? recruitedMillionPerMlPerHour / cyclingMillionPerMl : 0;
    const otherGrowthPerHour = traits.otherGrowthPerHour * health * (otherInterleukin2SpareShare + (1 - otherInterleukin2SpareShare) * onIl2) * room;
    const otherLossPerHour = traits.otherDeathPerHour * killing;

    const uptakeMmolPerLPerHour = traits.glucoseUptakeMmolPerHourPerBillion * onGlucose * (cyclingMillionPerMl * (maintenanceShare + (1 - maintenanceShare) * (growthPerHour / traits.growthPerHour)) + restingUptakeShare * restingMillionPerMl + maintenanceShare * otherMillionPerMl);
    const takenMmolPerLPerHour = glutamineUptakeMmolPerHourPerBillion * (glutamineMmolPerL / (glutamineHalfMmolPerL + glutamineMmolPerL)) * (cyclingMillionPerMl + maintenanceShare * (restingMillionPerMl + otherMillionPerMl));
    const brokenMmolPerLPerHour = glutamineBreakdownPerHour * glutamineMmolPerL;
    const enteringTuPerHour = vectorUptakeMlPerHourPerMillion * traits.permissivenessFactor * vectorMillionTuPerMl;
    const eatenMmolPerLPerHour = contaminantGlucoseMmolPerLPerHour * loadShare * onGlucose;
    const dilutionPerHour = conditions.feedMlPerHour / volumeMl;
    const thinningPerHour = (conditions.feedMlPerHour - conditions.wasteMlPerHour) / volumeMl;

    dy[0] = -recruitedMillionPerMlPerHour - restingMillionPerMl * (restingLossPerHour + thinningPerHour);
    dy[1] = recruitedMillionPerMlPerHour + cyclingMillionPerMl * (growthPerHour - deathPerHour - thinningPerHour);
    dy[2] = cyclingMillionPerMl * deathPerHour + restingMillionPerMl * restingLossPerHour + otherMillionPerMl * otherLossPerHour - deadMillionPerMl * (lysisPerHour + thinningPerHour);
    dy[3] = otherMillionPerMl * (otherGrowthPerHour - otherLossPerHour - thinningPerHour);
    dy[4] = -stimulusShare * (stimulusDecayPerHour + dilutionPerHour);
    dy[5] = dilutionPerHour * (conditions.feedInterleukin2IuPerMl - il2IuPerMl) - interleukin2UptakeIuPerHourPerMillion * cyclingMillionPerMl * onIl2 - interleukin2DecayPerHour * il2IuPerMl;
    dy[6] = dilutionPerHour * (conditions.feedGlucoseMmolPerL - glucoseMmolPerL) - uptakeMmolPerLPerHour - eatenMmolPerLPerHour;
    dy[7] = dilutionPerHour * (conditions.feedGlutamineMmolPerL - glutamineMmolPerL) - takenMmolPerLPerHour - brokenMmolPerLPerHour;
    dy[8] = -dilutionPerHour * lactateMmolPerL + (lactateYieldMolPerMol + (lactateYieldAnoxicMolPerMol - lactateYieldMolPerMol) * (1 - onOxygen)) * uptakeMmolPerLPerHour + contaminantAcidMolPerMol * eatenMmolPerLPerHour;
    dy[9] = -dilutionPerHour * ammoniaMmolPerL + ammoniaYieldMolPerMol * takenMmolPerLPerHour + brokenMmolPerLPerHour;
    dy[10] = -vectorMillionTuPerMl * (vectorDecayPerHour + dilutionPerHour) - enteringTuPerHour * (restingMillionPerMl + cyclingMillionPerMl);
    dy[11] = integratedCopiesPerTu * enteringTuPerHour - newcomersPerHour * copies;
    dy[12] = growthPerHour / Math.LN2 - newcomersPerHour * doublings;
    dy[13] = -memoryLossPerDoubling * growthPerHour / Math.LN2 * memoryShare * (1 + memoryLossStressShare * (1 - health)) + newcomersPerHour * (traits.startingMemoryShare - memoryShare);
    dy[14] = conditions.feedMlPerHour - conditions.wasteMlPerHour;
    dy[15] = contaminantGrowth(contaminantDoublings, conditions.contaminantPerHour * onGlucose * (1 - loadShare) - dilutionPerHour / Math.LN2);
  };
};
