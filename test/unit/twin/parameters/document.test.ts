import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { CATALOGUE } from '../../../../models/twin/parameters/catalogue/catalogue.ts';
import type { Parameter } from '../../../../models/twin/parameters/parameter.ts';

const OFTEN = { 'minute-series': 'minute', 'daily-sample': 'day', attribute: 'batch', 'release-test': 'harvest' } as const;

/** One row of the table in docs/twin-parameters.md. */
const rowOf = (parameter: Parameter): string => {
  const { name, unit, group, type } = parameter;
  const figures = type === 'minute-series' ? parameter.sensor : parameter.method;
  const noise = [figures.noise === 0 ? '' : String(figures.noise), figures.relativeNoise === 0 ? '' : `${Number((100 * figures.relativeNoise).toFixed(3))} %`].filter((text) => text !== '').join(' + ');
  const late = type === 'minute-series' ? parameter.sensor.latencyMinutes : 60 * parameter.method.resultAfterHours;
  return `| ${[name, unit === '' ? '1' : unit, group, OFTEN[type], noise === '' ? '0' : noise, figures.step, late, type === 'minute-series' ? parameter.signal.cause : ''].join(' | ')} |`;
};

describe('docs/twin-parameters.md', () => {
  it('lists every parameter of the catalogue as it is, and no other', () => {
    const text = readFileSync(new URL('../../../../docs/twin-parameters.md', import.meta.url), 'utf8');
    expect(text.split('\n').filter((line) => /^\| \S+.*\//.test(line))).toEqual(CATALOGUE.map(rowOf));
  });
});
