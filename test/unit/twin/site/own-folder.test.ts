import { chmodSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeEach, describe, expect, it } from 'vitest';
import { ownFolder } from '../../../../scripts/simulate/own-folder.ts';

const ROOT = mkdtempSync(join(tmpdir(), 'own-folder-'));
let [folder, count] = ['', 0];
beforeEach(() => { folder = join(ROOT, String(count += 1), 'deep'); });
afterAll(() => { rmSync(ROOT, { recursive: true, force: true }); });

const manifestOf = (names: readonly string[]): string => JSON.stringify({ files: Object.fromEntries(names.map((name) => [name, {}])) });
const write = (names: readonly string[]): void => { ownFolder('out', folder, 'SOURCE.json').write({ ...Object.fromEntries(names.map((name) => [name, name])), 'SOURCE.json': manifestOf(names) }); };

describe('a folder for results', () => {
  it('is made, and holds what was written', () => {
    write(['a.csv', 'b.csv']);
    expect(readdirSync(folder).toSorted()).toEqual(['SOURCE.json', 'a.csv', 'b.csv']);
  });
  it('keeps no file of an earlier run', () => {
    write(['a.csv', 'test.csv']);
    write(['a.csv']);
    expect(readdirSync(folder).toSorted()).toEqual(['SOURCE.json', 'a.csv']);
  });
  it('is refused with a file that no earlier run names, and nothing is touched', () => {
    write(['a.csv']);
    writeFileSync(join(folder, 'mine.txt'), 'mine');
    expect(() => { write(['b.csv']); }).toThrow(`--out: ${folder} holds mine.txt, which no SOURCE.json there names`);
    expect(readdirSync(folder).toSorted()).toEqual(['SOURCE.json', 'a.csv', 'mine.txt']);
  });
  it.each([['no manifest', undefined], ['a broken manifest', '{'], ['a manifest without files', '{}'], ['a list', '[]'], ['null', 'null'], ['a manifest that names what is elsewhere', '{"files":{"../mine.txt":{}}}']])('is refused with files and %s', (_, text) => {
    mkdirSync(folder, { recursive: true });
    writeFileSync(join(folder, 'old.csv'), '1');
    writeFileSync(join(folder, '..', 'mine.txt'), 'mine');
    if (text !== undefined) writeFileSync(join(folder, 'SOURCE.json'), text);
    expect(() => { write(['b.csv']); }).toThrow('--out: ');
    expect([readFileSync(join(folder, 'old.csv'), 'utf8'), readFileSync(join(folder, '..', 'mine.txt'), 'utf8')]).toEqual(['1', 'mine']);
  });
  it('is refused when a file came while the trial ran', () => {
    const own = ownFolder('dataset', folder, 'SOURCE.json');
    writeFileSync(join(folder, 'late.csv'), '1');
    expect(() => { own.write({ 'SOURCE.json': '{}' }); }).toThrow('holds late.csv');
  });
  it('is refused at once where it can not be made, naming the option', () => {
    mkdirSync(join(folder, '..'), { recursive: true });
    writeFileSync(folder, 'a file');
    expect(() => ownFolder('out', folder, 'report.json')).toThrow(`--out: got ${folder}, want a folder that can be made and written to (EEXIST)`);
    expect(() => ownFolder('dataset', join(folder, 'below'), 'SOURCE.json')).toThrow(`--dataset: got ${join(folder, 'below')}, want a folder that can be made and written to (ENOTDIR)`);
  });
  it.skipIf(process.getuid?.() === 0)('is refused where nothing can be written (skipped for the superuser, who may)', () => {
    mkdirSync(folder, { recursive: true });
    chmodSync(folder, 0o500);
    expect(() => ownFolder('out', folder, 'report.json')).toThrow('(EACCES)');
  });
});
