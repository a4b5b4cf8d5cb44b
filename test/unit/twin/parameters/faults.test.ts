import { describe, expect, it } from 'vitest';
import type { Breakage } from '../../../../models/twin/draw/fault.ts';
import { MINUTE_SERIES } from '../../../../models/twin/parameters/catalogue/catalogue.ts';
import { samplesOf } from '../../../../models/twin/parameters/results.ts';
import { seriesOf } from '../../../../models/twin/parameters/series.ts';
import { ph } from '../../../../models/twin/parameters/truth/culture.ts';
import { batchWith, runOf } from './subject.ts';

const ONSET = 130;
const healthy = runOf(batchWith([]));
const runWith = (fault: Breakage, repairHour = 160) => runOf(batchWith([{ ...fault, onsetHour: ONSET, repairHour }]));
const RUNS = {
  'feed-pump': runWith({ name: 'feed-pump', flowShare: 0.1 }),
  'gas-supply': runWith({ name: 'gas-supply', pressureBar: 0.12 }),
  temperature: runWith({ name: 'temperature', offsetCelsius: -4 }),
  'ph-probe up': runWith({ name: 'ph-probe', driftPerHour: 0.02 }),
  'ph-probe down': runWith({ name: 'ph-probe', driftPerHour: -0.02 }),
  contamination: runWith({ name: 'contamination', doublingsPerHour: 1.2 }),
  transduction: runOf(batchWith([{ name: 'transduction', onsetHour: 22, activeShare: 0.1, repairHour: 60 }])),
} as const;
type Case = keyof typeof RUNS;

/** Mean change of a sensor against the healthy batch in hours [from, to); the noise is the same, so that any change is the truth's. */
const change = (name: string, of: Case, from = ONSET + 25, to = ONSET + 29): number => {
  const [seen, usual] = [seriesOf(RUNS[of], name, from * 60, to * 60), seriesOf(healthy, name, from * 60, to * 60)];
  const differences = Array.from(seen, (value, i) => value - (usual[i] ?? 0)).filter(Number.isFinite);
  return differences.reduce((sum, value) => sum + value, 0) / differences.length;
};
const stepOf = (name: string): number => MINUTE_SERIES.find((parameter) => parameter.name === name)?.sensor.step ?? Number.NaN;

describe.each<readonly [Case, Readonly<{ up: readonly string[]; down: readonly string[]; same: readonly string[] }>]>([
  ['feed-pump', {
    down: ['Feed/Flow', 'Feed/Pressure', 'Feed/Total', 'Waste/Flow', 'Bag/Waste Weight', 'Pump/1/Current', 'Pump/2/Speed', 'Bioreactor/Glucose'], up: ['Bag/Feed Weight', 'Bioreactor/Lactate'],
    same: ['Pump/1/Speed', 'Bioreactor/Perfusion Rate', 'Bioreactor/Volume', 'Bioreactor/Temperature', 'Supply/O2 Pressure', 'Bioreactor/Agitation'],
  }],
  ['gas-supply', {
    down: ['Bioreactor/Dissolved Oxygen', 'Bioreactor/Dissolved Oxygen Optical Patch', 'Bioreactor/Air Flow', 'Bioreactor/O2 Flow', 'Bioreactor/Gas Flow', 'Supply/O2 Pressure', 'Supply/Air Pressure'], up: ['Bioreactor/O2 Valve'],
    same: ['Feed/Flow', 'Bag/Feed Weight', 'Bioreactor/Temperature', 'Supply/CO2 Pressure', 'Bioreactor/Dissolved Oxygen Set-Point', 'Pump/1/Current'],
  }],
  ['temperature', {
    down: ['Bioreactor/Temperature', 'Bioreactor/Temperature Second Probe', 'Bioreactor/Wall Temperature', 'Bioreactor/Heater Output', 'Heater/Current'], up: [],
    same: ['Bioreactor/Temperature Set-Point', 'Incubator/Temperature', 'Feed/Flow', 'Room/Temperature 1', 'Controller/Temperature'],
  }],
  ['ph-probe up', { up: ['Bioreactor/CO2 Valve', 'Bioreactor/CO2 Flow'], down: ['Bioreactor/pH Optical Patch'], same: ['Feed/Flow', 'Bioreactor/pH Set-Point', 'Bioreactor/Temperature'] }],
  ['ph-probe down', { up: ['Bioreactor/pH Optical Patch'], down: ['Bioreactor/CO2 Valve', 'Bioreactor/CO2 Flow'], same: ['Feed/Flow', 'Bioreactor/pH Set-Point', 'Bioreactor/Temperature'] }],
  ['contamination', { up: ['Bioreactor/Turbidity', 'Bioreactor/Turbidity Back Scatter', 'Bioreactor/Oxygen Uptake Rate', 'Bioreactor/Lactate'], down: ['Bioreactor/CO2 Valve', 'Bioreactor/CO2 Flow', 'Bioreactor/Viable Cell Density', 'Bioreactor/Glucose', 'Bioreactor/Dissolved Oxygen'], same: ['Feed/Flow', 'Bioreactor/Temperature', 'Supply/Air Pressure'] }],
])('fault %s', (fault, { up, down, same }) => {
  it.each(up)('raises %s', (name) => { expect(change(name, fault)).toBeGreaterThan(0.2 * stepOf(name)); });
  it.each(down)('lowers %s', (name) => { expect(change(name, fault)).toBeLessThan(-0.2 * stepOf(name)); });
  it.each(same)('leaves %s', (name) => { expect(Math.abs(change(name, fault))).toBeLessThan(0.05 * stepOf(name)); });
  it('shows in no sensor before it begins', () => {
    for (const { name, sensor } of MINUTE_SERIES) expect(Math.abs(change(name, fault, ONSET - 4, ONSET)), name).toBeLessThan(0.05 * Math.max(sensor.step, sensor.noise));
  });
  it('shows in no sensor of the room', () => {
    for (const { name, group } of MINUTE_SERIES) if (group === 'environmental') expect(seriesOf(RUNS[fault], name, ONSET * 60, 165 * 60), name).toEqual(seriesOf(healthy, name, ONSET * 60, 165 * 60));
  });
});

describe('drift of the pH probe', () => {
  it.each([['ph-probe up', 1], ['ph-probe down', -1]] as const)('%s: reads wrong one way while the truth moves the other way', (fault, sign) => {
    const [truth, usual] = [ph.of(RUNS[fault]), ph.of(healthy)];
    const minute = (ONSET + 28) * 60;
    expect(sign * ((truth[minute] ?? 0) - (usual[minute] ?? 0))).toBeLessThan(-0.05);
    expect(sign * (change('Bioreactor/pH', fault) - change('Bioreactor/pH Optical Patch', fault))).toBeGreaterThan(0.4);
    expect(sign * change('Bioreactor/pH', fault)).toBeGreaterThan(-0.02);
  });
  it('ends with its repair', () => { expect(Math.abs(change('Bioreactor/pH', 'ph-probe up', 164, 167))).toBeLessThan(0.02); });
});

describe('failed transduction', () => {
  it('shows in no sensor', () => {
    for (const { name, sensor } of MINUTE_SERIES) expect(Math.abs(change(name, 'transduction')), name).toBeLessThan(0.05 * Math.max(sensor.step, sensor.noise));
  });
  it('shows in the samples: fewer CAR+ cells, fewer copies, as many cells', () => {
    const [ours, usual] = [samplesOf(RUNS.transduction), samplesOf(healthy)].map((samples) => samples[4]?.values ?? {});
    expect(ours!['Sample/Vector Copies']).toBeLessThan(0.3 * usual!['Sample/Vector Copies']!);
    expect(ours!['Sample/CAR']).toBeLessThan(usual!['Sample/CAR']! - 5);
    expect(ours!['Sample/Viable Cells']).toBeCloseTo(usual!['Sample/Viable Cells']!, 1);
  });
});

describe('contamination', () => {
  it('is held against by the pH controller, until there is no more CO2 to take away', () => {
    expect(Math.abs(change('Bioreactor/pH', 'contamination'))).toBeLessThan(0.005);
    const early = runOf(batchWith([{ name: 'contamination', onsetHour: 118, doublingsPerHour: 1.2, repairHour: 160 }]));
    for (const name of ['Bioreactor/pH', 'Bioreactor/pH Optical Patch']) expect(seriesOf(early, name, 166 * 60, 166 * 60 + 1)[0], name).toBeLessThan(seriesOf(healthy, name, 166 * 60, 166 * 60 + 1)[0]! - 0.5);
    expect(ph.of(early)[166 * 60]).toBeLessThan(6.8);
  });
  it('shows in the rapid bioburden of a sample', () => {
    const burden = (of: Case | undefined) => (of === undefined ? samplesOf(healthy) : samplesOf(RUNS[of])).map(({ values }) => values['Sample/Rapid Bioburden'] ?? Number.NaN);
    const [sick, well] = [burden('contamination'), burden(undefined)];
    expect(sick.slice(0, 5)).toEqual(well.slice(0, 5));
    expect(sick[6]).toBeGreaterThan(100 * well[6]!);
  });
});
