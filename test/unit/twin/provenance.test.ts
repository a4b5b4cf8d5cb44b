import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { KINETICS, type Constant } from '../../../models/twin/culture/kinetics.ts';
import { STATE_NAMES } from '../../../models/twin/culture/state.ts';
import { TARGETS } from '../../../models/twin/fit/targets.ts';
import { sourceOf, WORLD_SOURCES } from '../../../models/twin/worlds/provenance.ts';
import { jsonOf, SHIPPED } from './worlds.ts';

const textOf = (path: string): string => readFileSync(new URL(`../../../${path}`, import.meta.url), 'utf8');

/** Dotted paths of every number in a world's file, but the release process, which carries its own notes. */
const figuresOf = (json: unknown, path = ''): readonly string[] => {
  if (typeof json === 'number') return [path];
  if (typeof json !== 'object' || json === null) return [];
  return Object.entries(json).filter(([key]) => path !== '' || key !== 'release').flatMap(([key, value]) => figuresOf(value, path === '' ? key : `${path}.${key}`));
};
const fitted = [...new Set(Object.values(TARGETS).flatMap((knobs) => knobs.map(({ path }) => path.join('.'))))];

describe('every constant of the mechanism', () => {
  it.each(Object.entries(KINETICS) as readonly (readonly [string, Constant])[])('%s has a value, a unit, an origin and a note', (_, { value, unit, provenance, note }) => {
    expect(value).toBeGreaterThan(0);
    expect(Number.isFinite(value)).toBe(true);
    expect(unit).not.toBe('');
    expect(['published', 'assumed']).toContain(provenance);
    expect(note.length).toBeGreaterThan(5);
  });
  // what is left in equations: powers, halves, signs, a base of ten, and the three that the file explains where they stand
  const PLAIN = new Set(['0', '1', '2', '0.5', '4', '10', '37', '40', '1e-12']);
  it.each(['rates', 'environment', 'conditions', 'state'])('stands in the table, and not bare in %s.ts', (file) => {
    const code = textOf(`models/twin/culture/${file}.ts`).replaceAll(/\/\*[\s\S]*?\*\//g, '').replaceAll(/\/\/.*$/gm, '');
    const figures = [...code.matchAll(/(?<![\w.$\]])\d+(?:\.\d+)?(?:e-?\d+)?(?![\w.])/g)].map(([figure]) => figure);
    const indices = file === 'state' ? new Set(STATE_NAMES.map((_, i) => String(i))) : file === 'rates' ? new Set(['3', '5', '6', '7', '8', '9', '11', '12', '13', '14', '15']) : new Set<string>();
    expect(figures.filter((figure) => !PLAIN.has(figure) && !indices.has(figure))).toEqual([]);
  });
});

describe('every figure of a world', () => {
  it.each(SHIPPED)('has a unit and an origin: %s', (name) => {
    const figures = figuresOf(jsonOf(name));
    expect(figures.length).toBeGreaterThan(100);
    expect(figures.filter((path) => { const source = sourceOf(path); return source === undefined || source.unit === '' || source.note.length < 5; })).toEqual([]);
  });
  it.each(SHIPPED)('that the fit may set is there: %s', (name) => {
    const figures = new Set(figuresOf(jsonOf(name)));
    expect(TARGETS[name].map(({ path }) => path.join('.')).filter((path) => !figures.has(path))).toEqual([]);
  });
  it('and no entry is of a figure that no world has', () => {
    const figures = SHIPPED.flatMap((name) => figuresOf(jsonOf(name)));
    const places = figures.flatMap((path) => [path, path.replace(/^faults\.[^.]+/, 'faults.*')]);
    expect(Object.keys(WORLD_SOURCES).filter((place) => !places.some((path) => path === place || path.startsWith(`${place}.`)))).toEqual([]);
  });
  it('is unaccounted for when nobody has', () => { expect(sourceOf('donor.shoeSize.mean')).toBeUndefined(); });
});

describe('docs', () => {
  /** Write docs/twin-constants.md anew: `vitest run test/unit/twin/provenance.test.ts -u`. */
  it('twin-constants.md is what the code has', async () => {
    const constants = (Object.entries(KINETICS) as readonly (readonly [string, Constant])[]).map(([name, { value, unit, provenance, note }]) => `| ${name} | ${value} | ${unit} | ${provenance} | ${note} |`);
    const figures = Object.entries(WORLD_SOURCES).map(([path, { unit, origin, note }]) => {
      const set = fitted.filter((each) => each.startsWith(`${path}.`)).map((each) => each.slice(path.length + 1));
      return `| ${path} | ${unit} | ${origin}${set.length > 0 ? `; fitted: ${set.join(', ')}` : ''} | ${note} |`;
    });
    await expect([
      '# Constants of the digital twin', '',
      'Written by a test from `models/twin/culture/kinetics.ts`, `models/twin/worlds/provenance.ts` and `models/twin/fit/targets.ts`, and held to them: change those, then run',
      '`npx vitest run test/unit/twin/provenance.test.ts -u`. What the equations are: [twin.md](twin.md).', '',
      '## The mechanism, the same in every batch', '',
      '*published*: the note names where it, or its range, is reported. *assumed*: our judgement. Nothing here was fitted.', '',
      '| constant | value | unit | origin | note |', '|---|---|---|---|---|', ...constants, '',
      '## What a world chooses and draws', '',
      'Values are in `models/twin/worlds/*.json`. *chosen*: how the simulated process is run, a choice and not a claim. *fitted*: set by the fit of the untouched baseline alone, per world; the',
      'rest of the quantity keeps its origin. The release process has its notes in the file.', '',
      '| quantity | unit | origin | note |', '|---|---|---|---|', ...figures, '',
    ].join('\n')).toMatchFileSnapshot('../../../docs/twin-constants.md');
  });
  it('twin.md tells of every state, in order', () => {
    const [, section = ''] = textOf('docs/twin.md').split('### States');
    expect([...section.matchAll(/^\| `(\w+)` \|/gm)].map(([, name]) => name)).toEqual(STATE_NAMES);
  });
  it('twin.md names in its equations only constants there are', () => {
    const [, section = ''] = textOf('docs/twin.md').split('### Equations');
    const named = [...(section.split('### ')[0] ?? '').matchAll(/(?<!\*)\*(\w+)\*(?!\*)/g)].map(([, name]) => name!);
    expect(named.length).toBeGreaterThan(30);
    expect(named.filter((name) => !(name in KINETICS))).toEqual([]);
    expect(Object.keys(KINETICS).filter((name) => !named.includes(name))).toEqual([]);
  });
});
