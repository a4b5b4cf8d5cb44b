import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { CellTraits, Conditions } from '../../../models/twin/culture/conditions.ts';
import { startOf } from '../../../models/twin/culture/culture.ts';
import { KINETICS, type KineticName } from '../../../models/twin/culture/kinetics.ts';
import { cultureRates } from '../../../models/twin/culture/rates.ts';
import { STATE_NAMES, STATE_SIZE, type StateName } from '../../../models/twin/culture/state.ts';
import { quietBatch, worldNamed } from './worlds.ts';

const K = Object.fromEntries(Object.entries(KINETICS).map(([name, { value }]) => [name, value])) as Readonly<Record<KineticName, number>>;
type Amounts = Readonly<Record<StateName, number>>;
const square = (x: number): number => x * x;

/** What settles at once, as docs/twin.md has it. Oxygen by bisection on its balance, not by its root. */
const surroundingsOf = (y: Amounts, c: Conditions, hour: number) => {
  const load = c.contaminantPerHour > 0 ? Math.min(1, 2 ** (y.contaminantDoublings - K.contaminantDoublings)) : 0;
  const pressure = c.supplyTargetBar + (c.supplyFromBar - c.supplyTargetBar) * Math.exp(-(hour - c.supplyFromHour) / K.supplyFallHours);
  const most = Math.min(c.oxygenHighestPercentAir, K.oxygenAtRegulatorPercentAir * Math.min(1, pressure / K.regulatorPressureBar));
  const breath = (K.oxygenUptakeMmolPerHourPerBillion / K.oxygenSolubilityMmolPerLPerPercentAir) * (y.restingCellsMillionPerMl + y.cyclingCellsMillionPerMl + y.otherCellsMillionPerMl + (K.contaminantOxygenMmolPerLPerHour / K.oxygenUptakeMmolPerHourPerBillion) * load);
  const lack = (oxygen: number): number => (breath * oxygen) / (K.oxygenUptakeHalfPercentAir + oxygen) - K.oxygenTransferPerHour * c.transferFactor * (most - oxygen);
  let [low, high] = [0, most];
  for (let i = 0; i < 80; i += 1) {
    const middle = (low + high) / 2;
    if (lack(middle) < 0) low = middle; else high = middle;
  }
  const oxygen = Math.min(c.oxygenSetPointPercentAir, low);
  const bicarbonate = Math.max(K.bicarbonateLowestMmolPerL, K.bicarbonateMmolPerL - y.lactateMmolPerL + y.ammoniaMmolPerL);
  const probe = c.phOffset + c.phOffsetPerHour * (hour - c.phOffsetFromHour);
  const wanted = bicarbonate / (K.carbonDioxideSolubilityMmolPerLPerMmHg * 10 ** (c.phSetPoint - probe - K.acidConstant));
  const given = Math.min(K.carbonDioxideHighestMmHg, Math.max(K.carbonDioxideLowestMmHg, wanted));
  const ph = K.acidConstant + Math.log10(bicarbonate / (K.carbonDioxideSolubilityMmolPerLPerMmHg * given));
  const temperature = c.temperatureTargetCelsius + (c.temperatureFromCelsius - c.temperatureTargetCelsius) * Math.exp(-(hour - c.temperatureFromHour) / K.temperatureLagHours);
  return { load, oxygen, ph, temperature };
};

/** dy/dt, line by line as docs/twin.md writes it. */
const equationsOf = (t: CellTraits, c: Conditions, hour: number, y: Amounts): Amounts => {
  const { restingCellsMillionPerMl: R, cyclingCellsMillionPerMl: X, deadCellsMillionPerMl: D, otherCellsMillionPerMl: O, stimulusShare: S, interleukin2IuPerMl: I, glucoseMmolPerL: G, glutamineMmolPerL: Q, lactateMmolPerL: L, ammoniaMmolPerL: A, vectorMillionTuPerMl: V, copies, doublings: n, memoryShare: m, volumeMl: W } = y;
  const { load, oxygen, ph, temperature } = surroundingsOf(y, c, hour);
  const [gG, gI, gQ] = [G / (K.glucoseHalfMmolPerL + G), I / (K.interleukin2HalfIuPerMl + I), K.glutamineSpareShare + ((1 - K.glutamineSpareShare) * Q) / (K.glutamineHalfMmolPerL + Q)];
  const [gL, gA, gO] = [1 / (1 + square(L / K.lactateHalfMmolPerL)), 1 / (1 + square(A / K.ammoniaHalfMmolPerL)), oxygen / (K.oxygenHalfPercentAir + oxygen)];
  const [gP, gT] = [Math.exp(-square((ph - K.phOptimum) / K.phWidth)), Math.exp(-square((temperature - 37) / (temperature < 37 ? K.temperatureWidthBelowCelsius : K.temperatureWidthAboveCelsius)))];
  const spent = Math.min(1, (n / t.doublingLimit) ** K.exhaustionPower);
  const room = Math.max(0, 1 - (R + X + O) / K.crowdingMillionPerMl);
  const health = gG * gQ * gL * gA * gO * gP * gT;
  const mu = t.growthPerHour * c.growthFactor * health * gI * (1 - spent) * room;
  const harms: readonly (readonly [number, number])[] = [[K.starvationKillsPerHour, gG], [K.lactateKillsPerHour, gL], [K.ammoniaKillsPerHour, gA], [K.oxygenKillsPerHour, gO], [K.phKillsPerHour, gP], [K.temperatureKillsPerHour, gT], [K.interleukin2KillsPerHour, gI]];
  const harm = harms.reduce((sum, [kills, g]) => sum + kills * square(1 - g), K.exhaustionKillsPerHour * spent);
  const more = 1 + K.contaminantDeathFactor * load;
  const [death, deathR, deathO] = [(t.deathPerHour + t.sensitivityFactor * harm) * more, K.restingDeathPerHour * t.frailtyFactor * more, t.otherDeathPerHour * more];
  const muO = t.otherGrowthPerHour * health * (K.otherInterleukin2SpareShare + (1 - K.otherInterleukin2SpareShare) * gI) * room;
  const r = (K.activationPerHour * S * R) / (1 + Math.exp(-(hour - K.activationDelayHours) / K.activationSpreadHours));
  const [d, k] = [c.feedMlPerHour / W, (c.feedMlPerHour - c.wasteMlPerHour) / W];
  const u = t.glucoseUptakeMmolPerHourPerBillion * gG * (X * (K.maintenanceShare + ((1 - K.maintenanceShare) * mu) / t.growthPerHour) + K.restingUptakeShare * R + K.maintenanceShare * O);
  const b = K.contaminantGlucoseMmolPerLPerHour * load * gG;
  const a = ((K.glutamineUptakeMmolPerHourPerBillion * Q) / (K.glutamineHalfMmolPerL + Q)) * (X + K.maintenanceShare * (R + O));
  const e = K.vectorUptakeMlPerHourPerMillion * t.permissivenessFactor * V;
  const grown = c.contaminantPerHour * gG * (1 - load) - d / Math.LN2;
  return {
    restingCellsMillionPerMl: -r - R * (deathR + k), cyclingCellsMillionPerMl: r + X * (mu - death - k), deadCellsMillionPerMl: X * death + R * deathR + O * deathO - D * (K.lysisPerHour + k), otherCellsMillionPerMl: O * (muO - deathO - k),
    stimulusShare: -S * (K.stimulusDecayPerHour + d), interleukin2IuPerMl: d * (c.feedInterleukin2IuPerMl - I) - K.interleukin2UptakeIuPerHourPerMillion * X * gI - K.interleukin2DecayPerHour * I,
    glucoseMmolPerL: d * (c.feedGlucoseMmolPerL - G) - u - b, lactateMmolPerL: -d * L + (K.lactateYieldMolPerMol + (K.lactateYieldAnoxicMolPerMol - K.lactateYieldMolPerMol) * (1 - gO)) * u + K.contaminantAcidMolPerMol * b,
    glutamineMmolPerL: d * (c.feedGlutamineMmolPerL - Q) - a - K.glutamineBreakdownPerHour * Q, ammoniaMmolPerL: -d * A + K.ammoniaYieldMolPerMol * a + K.glutamineBreakdownPerHour * Q,
    vectorMillionTuPerMl: -V * (K.vectorDecayPerHour + d) - e * (R + X), copies: K.integratedCopiesPerTu * e - (r / X) * copies, doublings: mu / Math.LN2 - (r / X) * n,
    memoryShare: -K.memoryLossPerDoubling * (mu / Math.LN2) * m * (1 + K.memoryLossStressShare * (1 - health)) + (r / X) * (t.startingMemoryShare - m),
    volumeMl: c.feedMlPerHour - c.wasteMlPerHour, contaminantDoublings: y.contaminantDoublings > 0 ? grown : Math.max(0, grown),
  };
};

const between = (min: number, max: number): fc.Arbitrary<number> => fc.double({ min, max, noNaN: true });
const STATE_RANGE: Readonly<Record<StateName, readonly [number, number]>> = {
  restingCellsMillionPerMl: [0, 3], cyclingCellsMillionPerMl: [0.01, 30], deadCellsMillionPerMl: [0, 8], otherCellsMillionPerMl: [0, 8], stimulusShare: [0, 1], interleukin2IuPerMl: [0, 1200], glucoseMmolPerL: [0, 40], glutamineMmolPerL: [0, 6], lactateMmolPerL: [0, 60], ammoniaMmolPerL: [0, 12], vectorMillionTuPerMl: [0, 8], copies: [0, 4],
  doublings: [0, 14], memoryShare: [0, 1], volumeMl: [60, 400], contaminantDoublings: [0, 27],
};
const states = fc.record(Object.fromEntries(STATE_NAMES.map((name) => [name, between(...STATE_RANGE[name])])) as Record<StateName, fc.Arbitrary<number>>);
const traits: fc.Arbitrary<CellTraits> = fc.record({
  growthPerHour: between(0.004, 0.09), deathPerHour: between(0.0001, 0.02), frailtyFactor: between(0.2, 4), sensitivityFactor: between(0, 8), glucoseUptakeMmolPerHourPerBillion: between(0.03, 0.15), doublingLimit: between(3, 16), otherGrowthPerHour: between(0, 0.06),
  otherDeathPerHour: between(0.003, 0.03), permissivenessFactor: between(0.3, 3), startingMemoryShare: between(0.2, 0.95),
});
const changed: fc.Arbitrary<Partial<Conditions>> = fc.record({
  feedMlPerHour: between(0, 40), wasteMlPerHour: between(0, 40), feedGlucoseMmolPerL: between(5, 40), feedGlutamineMmolPerL: between(0, 6), feedInterleukin2IuPerMl: between(0, 500), oxygenSetPointPercentAir: between(1, 100), oxygenHighestPercentAir: between(5, 300), supplyTargetBar: between(0.05, 4),
  supplyFromBar: between(0.05, 4), supplyFromHour: between(0, 20), transferFactor: between(0.2, 1.5), phSetPoint: between(6.9, 7.4), phOffset: between(-0.5, 0.5), phOffsetPerHour: between(-0.02, 0.02), phOffsetFromHour: between(0, 20),
  temperatureTargetCelsius: between(28, 41), temperatureFromCelsius: between(28, 41), temperatureFromHour: between(0, 20), contaminantPerHour: fc.oneof(fc.constant(0), between(0.2, 1.5)), growthFactor: between(0.5, 1.5),
});

describe('the rates of a culture', () => {
  const { conditions } = startOf(worldNamed('stress'), quietBatch());
  it('are the equations of docs/twin.md, in every state, for all cells and under all conditions', () => {
    fc.assert(fc.property(states, traits, changed, between(20, 240), (y, cells, change, hour) => {
      const now = { ...conditions, ...change };
      const dy = new Float64Array(STATE_SIZE);
      cultureRates(cells, now)(hour, Float64Array.from(STATE_NAMES, (name) => y[name]), dy);
      const wanted = equationsOf(cells, now, hour, y);
      STATE_NAMES.forEach((name, i) => {
        // without a contaminant its doublings are 0 and stay there: washing is not told of it
        if (name === 'contaminantDoublings' && now.contaminantPerHour === 0) return;
        expect(Math.abs((dy[i] ?? Number.NaN) - wanted[name]), `${name}: got ${dy[i]}, want ${wanted[name]}`).toBeLessThanOrEqual(1e-9 * (1 + Math.abs(wanted[name])));
      });
    }), { numRuns: 2000 });
  });
});
