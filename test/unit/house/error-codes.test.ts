import { globSync, readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { ERROR_KIND_BY_CODE } from '../../../shared/errors.ts';

const textOf = (...patterns: readonly string[]): string => globSync([...patterns]).map((file) => readFileSync(file, 'utf8')).join('\n');
const CODES = Object.keys(ERROR_KIND_BY_CODE);

describe('error codes', () => {
  const tests = textOf('test/**/*.test.ts');
  const source = textOf('functions/**/*.ts', 'shared/*/**/*.ts', 'models/**/*.ts');
  /** As a code, or as the type of the problem it becomes. */
  const names = (text: string, code: string): boolean => text.includes(`'${code}'`) || text.includes(`/problems/${code}'`);
  it.each(CODES)('%s has a test that provokes it', (code) => { expect(names(tests, code)).toBe(true); });
  it.each(CODES)('%s can happen', (code) => { expect(names(source, code)).toBe(true); });
  it('are thrown by name only, so that these tests see each', () => {
    const thrown = Array.from(source.matchAll(/new DomainError\(\s*([^,]+),/g), ([, first = '']) => first);
    expect(thrown.length).toBeGreaterThan(100);
    // The one place that passes a code on: a lost condition of a transaction names its own.
    expect(thrown.filter((first) => !/^'[a-z-]+'$/.test(first))).toEqual(['lost.conflict']);
  });
});
