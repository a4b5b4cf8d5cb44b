import { MINUTES_AN_HOUR } from '../../culture/culture.ts';
import { gasShareOf, supplyPressureAt } from '../../culture/environment.ts';
import { KINETICS } from '../../culture/kinetics.ts';
import { momentary, piecewise, signal, type BatchRun, type Signal } from '../run.ts';
import { allCellsMillionPerMl, carbonDioxideMmHg, each, oxygenDemandPercent, temperatureCelsius } from './culture.ts';
import { barometerKPa, mainsV, roomTemperatureCelsius } from './room.ts';

/** Figures of a usual small bioreactor skid; assumed. */
const SKID = { agitationRpm: 100, airMlPerMinute: 95, carbonDioxideMlPerMinute: 5, oxygenMlPerMinute: 10, rpmPerMlPerHour: 1.5, handlingMlPerMinute: 5, feedBagMl: 1900, wasteBagMl: 1900, bagTareG: 60, mediumGPerMl: 1.005, heaterWPerCelsius: 1.6, airPerOxygenFactor: 1.5 } as const;
const [CO2_HIGHEST_MMHG, CO2_LOWEST_MMHG] = [KINETICS.carbonDioxideHighestMmHg.value, KINETICS.carbonDioxideLowestMmHg.value];

export const agitationRpm = piecewise('the recipe shakes from its hour on', ({ conditions }, { batch }) => (conditions.transferFactor > 0.5 * batch.equipment.transferFactor ? SKID.agitationRpm : 0));
export const feedAskedMlPerHour = piecewise('perfusion of the recipe and corrections of its rate', ({ control }) => control.perfusionMlPerHour * control.feedFactor);
export const feedFlowMlPerHour = piecewise('what really flows: pump gain, feed-pump fault', ({ conditions }) => conditions.feedMlPerHour);
export const wasteFlowMlPerHour = piecewise('the level controller takes what the feed brings', ({ conditions }) => conditions.wasteMlPerHour);
/** Pressure in the oxygen line, bar: what the gas supply holds, and falls with it. */
export const oxygenSupplyBar = momentary('gas supply: full, or running empty by the gas-supply fault', (run) => each(run, (_, { conditions }, hour) => supplyPressureAt(conditions, hour)));
/** Share of its full flow that the line still drives through the chamber. */
export const gasShare = momentary('pressure of the gas line below the regulator', (run) => oxygenSupplyBar.of(run).map(gasShareOf));
/** Degrees between the chamber's target and the recipe: what a failing heater or controller does. */
export const heatingCelsius = piecewise('temperature fault', ({ conditions }, { world }) => conditions.temperatureTargetCelsius - world.recipe.temperatureCelsius);

/** mL through a pump since activation, additions and exchanges counted. */
const moved = (cause: string, side: 'fed' | 'wasted'): Signal => signal(cause, ({ points, stretches }) => {
  const out = new Float64Array(points);
  for (const { fromMinute, toMinute, fromHour, conditions, fedMl, wastedMl } of stretches) {
    const [start, rate] = side === 'fed' ? [fedMl, conditions.feedMlPerHour] : [wastedMl, conditions.wasteMlPerHour];
    for (let minute = fromMinute; minute < toMinute; minute += 1) out[minute] = start + rate * (minute / MINUTES_AN_HOUR - fromHour);
  }
  return out;
});
export const fedMl = moved('integral of the feed that really flowed, additions, exchanges', 'fed');
export const wastedMl = moved('integral of the waste that really flowed, exchanges', 'wasted');

const mapped = (cause: string, of: (run: BatchRun) => readonly Float64Array[], value: (a: number, b: number) => number): Signal => momentary(cause, (run) => {
  const [a = new Float64Array(), b = a] = of(run);
  const out = new Float64Array(run.points);
  for (let i = 0; i < run.points; i += 1) out[i] = value(a[i] ?? 0, b[i] ?? 0);
  return out;
});
/** A bag that runs empty (or full) is changed for the next. */
export const feedBagG = mapped('feed bag: full weight less what was fed; changed when empty', (run) => [fedMl.of(run)], (ml) => SKID.bagTareG + SKID.mediumGPerMl * (SKID.feedBagMl - (ml % SKID.feedBagMl)));
export const wasteBagG = mapped('waste bag: what was wasted; changed when full', (run) => [wastedMl.of(run)], (ml) => SKID.bagTareG + SKID.mediumGPerMl * (ml % SKID.wasteBagMl));
/** Runs while an addition or exchange is made: mL moved in a minute beyond the perfusion. */
export const handlingPumpRpm = signal('additions and exchanges', (run) => {
  const out = new Float64Array(run.points);
  run.stretches.forEach(({ fromMinute, fromHour, fedMl }, i) => {
    const before = run.stretches[i - 1];
    const jump = before === undefined ? 0 : fedMl - before.fedMl - before.conditions.feedMlPerHour * (fromHour - before.fromHour);
    if (jump > 0.01) out.fill(SKID.rpmPerMlPerHour * MINUTES_AN_HOUR, fromMinute, Math.min(run.points, fromMinute + Math.ceil(jump / SKID.handlingMlPerMinute)));
  });
  return out;
});

export const airFlowMlPerMinute = mapped('air to the chamber, gas-supply fault', (run) => [gasShare.of(run)], (share) => SKID.airMlPerMinute * share);
export const oxygenValvePercent = mapped('output of the oxygen controller: uptake and supply; full open when the supply fails', (run) => [oxygenDemandPercent.of(run), gasShare.of(run)], (demandPercent, share) => Math.min(100, Math.max(0, demandPercent / Math.max(share, 0.01))));
export const oxygenFlowMlPerMinute = mapped('oxygen valve and what the supply gives', (run) => [oxygenValvePercent.of(run), gasShare.of(run)], (valvePercent, share) => (SKID.oxygenMlPerMinute * valvePercent * share) / 100);
/** 0 at what the cells make themselves, 100 at the most the controller may give. */
export const carbonDioxideValvePercent = mapped('output of the pH controller: lactate, ammonia, drift of its probe', (run) => [carbonDioxideMmHg.of(run)], (pressureMmHg) => (100 * (pressureMmHg - CO2_LOWEST_MMHG)) / (CO2_HIGHEST_MMHG - CO2_LOWEST_MMHG));
export const carbonDioxideFlowMlPerMinute = mapped('CO2 valve', (run) => [carbonDioxideValvePercent.of(run)], (valvePercent) => (SKID.carbonDioxideMlPerMinute * valvePercent) / 100);
export const totalGasMlPerMinute = mapped('air and oxygen', (run) => [airFlowMlPerMinute.of(run), oxygenFlowMlPerMinute.of(run)], (airMlPerMinute, pureMlPerMinute) => airMlPerMinute + pureMlPerMinute);
export const headspaceKPa = mapped('barometer and gas flow, kPa', (run) => [barometerKPa.of(run), totalGasMlPerMinute.of(run)], (outsideKPa, flowMlPerMinute) => outsideKPa + 0.003 * flowMlPerMinute);
export const heaterPercent = mapped('heat lost to the room; falls when heating fails, %', (run) => [temperatureCelsius.of(run), roomTemperatureCelsius.of(run)], (insideCelsius, outsideCelsius) => SKID.heaterWPerCelsius * Math.max(0, insideCelsius - outsideCelsius));
export const filterPressureKPa = mapped('waste flow through the cell retention filter, and the cells on it, kPa', (run) => [wasteFlowMlPerHour.of(run), allCellsMillionPerMl.of(run)], (flowMlPerHour, cellsMillionPerMl) => 0.5 + 0.35 * flowMlPerHour * (1 + 0.02 * cellsMillionPerMl));
export const pumpCurrentMa = mapped('load of the feed pump: what really flows', (run) => [feedFlowMlPerHour.of(run), mainsV.of(run)], (flowMlPerHour, volts) => (flowMlPerHour > 0 ? 90 : 35) + 4 * flowMlPerHour + 0.05 * (volts - 230));
export const shakerCurrentMa = mapped('shaker motor', (run) => [agitationRpm.of(run), mainsV.of(run)], (rpm, volts) => 40 + 3.2 * rpm + 0.1 * (volts - 230));
export const heaterCurrentMa = mapped('heater power', (run) => [heaterPercent.of(run)], (percent) => 20 + 28 * percent);
export const valveCurrentMa = mapped('gas valves', (run) => [oxygenValvePercent.of(run), carbonDioxideValvePercent.of(run)], (purePercent, acidPercent) => 12 + 0.3 * purePercent + 0.3 * acidPercent);
/** Both lines hang behind one shut-off, air at one and a half times the pressure, bar. The CO2 cylinder empties with what is used. */
export const airSupplyBar = mapped('air line: falls with the oxygen line', (run) => [oxygenSupplyBar.of(run)], (pressureBar) => SKID.airPerOxygenFactor * pressureBar);
export const carbonDioxideUsedL = signal('CO2 used since activation, L', (run) => {
  let litres = 0;
  return carbonDioxideFlowMlPerMinute.of(run).map((flow) => { litres += flow / 1000; return litres; });
});
