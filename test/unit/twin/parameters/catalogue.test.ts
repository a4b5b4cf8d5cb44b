import { describe, expect, it } from 'vitest';
import { CATALOGUE, MINUTE_SERIES, minuteSeriesNamed } from '../../../../models/twin/parameters/catalogue/catalogue.ts';
import { GROUPS } from '../../../../models/twin/parameters/parameter.ts';
import { FEATURE_METRICS } from '../../../../models/early-prediction/features.ts';
import { EXAMPLE_METRICS } from '../../../../scripts/example/example-culture.ts';
import { CD19_CAR_T } from '../../../../shared/master-batch-record/cd19-car-t/content.ts';

const figuresOf = (parameter: (typeof CATALOGUE)[number]) => (parameter.type === 'minute-series' ? { ...parameter.sensor, missedShare: 0 } : { ...parameter.method, gapMinutes: 0 });

describe('catalogue of parameters', () => {
  it('names more than 200 parameters, each once', () => {
    expect(CATALOGUE.length).toBeGreaterThan(200);
    expect(new Set(CATALOGUE.map(({ name }) => name)).size).toBe(CATALOGUE.length);
  });
  it('reads about 120 of them once a minute', () => { expect(MINUTE_SERIES.length).toBeGreaterThanOrEqual(120); });
  it.each(GROUPS)('has at least 20 in the group %s', (group) => { expect(CATALOGUE.filter((parameter) => parameter.group === group).length).toBeGreaterThanOrEqual(20); });
  it('has every kind of parameter', () => { expect(new Set(CATALOGUE.map(({ type }) => type))).toEqual(new Set(['minute-series', 'daily-sample', 'attribute', 'release-test'])); });
  it('names as Sparkplug metrics: parts with a slash, no wildcard, no blank at an end', () => {
    for (const { name } of CATALOGUE) expect(name).toMatch(/^[A-Z][\p{L}\d .-]*(\/[\p{L}\d][\p{L}\d .-]*)+$/u);
  });
  it('gives every parameter a unit, or is a pH', () => {
    expect(CATALOGUE.filter(({ name, unit }) => unit === '' && !/pH/.test(name)).map(({ name }) => name)).toEqual([]);
  });
  it('has what the shipped master batch record watches, in its units', () => {
    for (const { metric, unit } of CD19_CAR_T.parameters) expect({ metric, unit: minuteSeriesNamed(metric).unit }).toEqual({ metric, unit });
  });
  it('has what the example gateway reports, and that is what the prediction and the master batch record look at', () => {
    expect(EXAMPLE_METRICS.map((name) => minuteSeriesNamed(name).name)).toEqual([...EXAMPLE_METRICS]);
    expect([...FEATURE_METRICS, ...CD19_CAR_T.parameters.map(({ metric }) => metric)].filter((metric) => !(EXAMPLE_METRICS as readonly string[]).includes(metric))).toEqual([]);
  });
  it('gives every series a cause', () => { expect(MINUTE_SERIES.filter(({ signal }) => signal.cause.trim() === '').map(({ name }) => name)).toEqual([]); });
  it('has only figures that mean something', () => {
    for (const parameter of CATALOGUE) {
      const { noise, relativeNoise, step, low, high, missedShare, gapMinutes } = figuresOf(parameter);
      expect(Math.min(noise, relativeNoise, missedShare, gapMinutes), parameter.name).toBeGreaterThanOrEqual(0);
      expect(low, parameter.name).toBeLessThan(high);
      expect(missedShare, parameter.name).toBeLessThan(0.2);
      expect(step > 0 && (step >= 1 ? Number.isInteger(step) : Math.abs(1 / step - Math.round(1 / step)) < 1e-9), `${parameter.name}: step ${step}`).toBe(true);
    }
  });
  it('has latencies of whole minutes and interruptions within one block', () => {
    for (const { name, sensor } of MINUTE_SERIES) {
      expect(Number.isInteger(sensor.latencyMinutes) && sensor.latencyMinutes >= 0, name).toBe(true);
      expect(sensor.gapMinutes, name).toBeLessThanOrEqual(360);
      expect(sensor.gapsPerDay, name).toBeLessThanOrEqual(4);
    }
  });
  it('refuses a name it does not have', () => {
    expect(() => minuteSeriesNamed('Bioreactor/Glukose')).toThrow('got Bioreactor/Glukose, want a minute series of the catalogue');
    expect(() => minuteSeriesNamed('Sample/Viability')).toThrow(RangeError);
  });
});
