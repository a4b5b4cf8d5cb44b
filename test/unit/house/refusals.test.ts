import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { testNamesOf } from '../../../scripts/compliance/test-names.ts';

const HEADING = '## Every refusal, and the property that shows it';
const page = readFileSync('docs/federated.md', 'utf8');
const section = page.slice(page.indexOf(HEADING) + HEADING.length).split('\n## ')[0] ?? '';
const rows = section.split('\n').filter((line) => line.startsWith('| ')).slice(1).map((line) => line.split('|').slice(1, -1).map((cell) => cell.trim()))
  .map(([refused = '', code = '', shown = '']) => ({ refused, code, shown, file: /^`([^`]+)` › /.exec(shown)?.[1] ?? '', name: shown.slice(shown.indexOf(' › ') + 3) }));

/** What federated training must refuse: sums that tell too much, and input that does not fit. */
const REFUSALS = [
  'fewer than 3 sites', 'cohort below k', 'a second sum over S and S less one site', 'masks reused', 'overflow possible',
  'schema mismatch between sites', 'missing feature', 'constant feature', 'one-class site', 'NaN', 'a site that answers twice', 'a late answer', 'wrong length', 'stale round', 'tampered model file', 'budget overspent',
];
/** The text of a test: from its title to the next one, or the next group. */
const sourceOf = (text: string, name: string): string => {
  const title = (name.split(' › ').at(-1) ?? '').replaceAll('\'', String.raw`\'`);
  return (text.slice(text.indexOf(`'${title}'`) + title.length).split(/^ *(?:it|describe)(?:\.|\()/m)[0] ?? '');
};

describe('the table of refusals', () => {
  it.each(REFUSALS)('has a row for %s', (refusal) => { expect(rows.some(({ refused }) => refused === refusal || refused.startsWith(`${refusal}:`) || refused.startsWith(`${refusal},`))).toBe(true); });
  it.each(rows.map(({ refused, file, name }) => [refused, file, name]))('names for %s a test that exists, and draws what it shows it on', (_, file, name) => {
    const text = readFileSync(file, 'utf8');
    expect([...testNamesOf(file, text)]).toContain(name);
    expect(sourceOf(text, name)).toContain('fc.assert(fc.property(');
  });
  it('has each test once, with what comes of it', () => {
    expect(new Set(rows.map(({ shown }) => shown)).size).toBe(rows.length);
    for (const { code } of rows) expect(code).not.toBe('');
  });
});
