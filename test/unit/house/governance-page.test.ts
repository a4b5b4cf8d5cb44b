import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { testNamesOf } from '../../../scripts/compliance/test-names.ts';

type Item = Readonly<{ source: string; clause: string }>;
const page = readFileSync('docs/governance.md', 'utf8');
const { items } = JSON.parse(readFileSync('test/vectors/regulatory/checklist.json', 'utf8')) as Readonly<{ items: readonly Item[] }>;
const rows = page.slice(page.indexOf('## Draft Annex 22')).split('\n').filter((line) => /^\| \d/.test(line)).map((line) => line.split('|').map((cell) => cell.trim()));

describe('the governance page', () => {
  it('has every item of the draft Annex 22 once, in order', () => {
    const wanted = items.filter(({ source }) => source.startsWith('EU-Annex22')).map(({ clause }) => clause);
    expect(wanted.length).toBeGreaterThan(15);
    expect(rows.map(([, clause]) => clause)).toEqual(wanted);
  });
  it.each(rows.map(([, clause = '', , shown = '']) => [clause, shown]))('names a test that exists for item %s', (_, shown) => {
    const [, file = '', name = ''] = /^`([^`]+)` › (.+)$/.exec(shown) ?? [];
    expect([...testNamesOf(file, readFileSync(file, 'utf8'))]).toContain(name);
  });
  it('has a row for each of the seven steps', () => { expect(Array.from(page.matchAll(/^\| ([1-7]) [a-z]/gm), ([, step]) => step)).toEqual(['1', '2', '3', '4', '5', '6', '7']); });
});
