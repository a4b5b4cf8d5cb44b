import { describe, expect, it } from 'vitest';
import { EXAMPLE_METRICS, exampleCulture } from '../../../scripts/example/example-culture.ts';
import { testResults, valueFor } from '../../../scripts/example/example-values.ts';
import { CD19_CAR_T } from '../../../shared/master-batch-record/cd19-car-t/content.ts';

describe('the example batch', () => {
  const culture = exampleCulture(1, 192);
  it('stays within every limit of the shipped master batch record, and passes every test', () => {
    for (const specification of CD19_CAR_T.procedure.flatMap(({ operations }) => operations).flatMap(({ phases }) => phases).flatMap(({ values }) => values)) {
      if (specification.source.kind === 'telemetry' || specification.type !== 'number') continue;
      const value = valueFor(specification, culture) as number;
      expect(value, specification.id).toBeGreaterThanOrEqual(specification.limits?.low ?? -Infinity);
      expect(value, specification.id).toBeLessThanOrEqual(specification.limits?.high ?? Infinity);
    }
    const tests = testResults(culture);
    for (const { id, timing, limits, equals } of CD19_CAR_T.releaseSpecification.filter((test) => test.timing === 'before-release')) {
      if (equals !== undefined) expect([id, timing, tests[id]]).toEqual([id, timing, equals]);
      else expect((tests[id] as number) >= (limits?.low ?? -Infinity) && (tests[id] as number) <= (limits?.high ?? Infinity), id).toBe(true);
    }
  });
  it('has every reading of its gateway, up to its last second and a little beyond', () => {
    for (const name of EXAMPLE_METRICS) expect([0, 7, 100_003, 691_199, 692_000].filter((second) => !Number.isFinite(culture.reading(name, second))).length, name).toBeLessThanOrEqual(1);
  });
  it('raises no alarm of the master batch record', () => {
    for (const { metric, alarm } of CD19_CAR_T.parameters) {
      for (let second = 0; second < 691_200; second += 3600) {
        const value = culture.reading(metric, second);
        if (Number.isFinite(value)) expect(value >= (alarm.low ?? -Infinity) && value <= (alarm.high ?? Infinity), `${metric} at ${second} s: ${value}`).toBe(true);
      }
    }
  });
  it('obeys a command by mechanism: what was reported before stays, what comes after and the product do not', () => {
    const [before, after] = [300_000, 500_000];
    const commanded = exampleCulture(1, 192);
    commanded.obey('Bioreactor/Feed Rate Factor', 2, 360_000);
    expect(commanded.setPoints['Bioreactor/Feed Rate Factor']).toBe(2);
    expect(commanded.reading('Bioreactor/Feed Rate Factor', after)).toBe(2);
    expect(Math.abs(commanded.reading('Bioreactor/Lactate', before) - culture.reading('Bioreactor/Lactate', before))).toBeLessThan(0.01);
    expect(commanded.reading('Bioreactor/Lactate', after)).toBeLessThan(culture.reading('Bioreactor/Lactate', after));
    expect(commanded.release['Release/CAR Cells']).not.toBe(culture.release['Release/CAR Cells']);
  });
  it('ends when a harvest is commanded, and has what the record asks for', () => {
    const harvested = exampleCulture(1, 192);
    harvested.obey('Bioreactor/Harvest', 1, 100.5 * 3600);
    expect(harvested.hours).toBe(100.5);
    for (const specification of CD19_CAR_T.procedure.flatMap(({ operations }) => operations).flatMap(({ phases }) => phases).flatMap(({ values }) => values)) {
      if (specification.source.kind !== 'telemetry' && specification.type === 'number') expect(valueFor(specification, harvested), specification.id).not.toBeNaN();
    }
  });
  it('does not take what its controller can not do, and changes nothing', () => {
    const same = exampleCulture(1, 192);
    for (const [name, value] of [['Bioreactor/Mood', 1], ['Bioreactor/Feed Rate Factor', 9], ['Bioreactor/Harvest', 2]] as const) expect(() => { same.obey(name, value, 360_000); }, name).toThrow(RangeError);
    expect([same.hours, same.setPoints]).toEqual([culture.hours, culture.setPoints]);
  });
});
