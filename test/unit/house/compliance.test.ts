import { describe, expect, it } from 'vitest';
import { countsOf, faultsOf, type Checklist } from '../../../scripts/compliance/check.ts';
import { readPage } from '../../../scripts/compliance/document.ts';
import { readCompliance } from '../../../scripts/compliance/read.ts';
import { testNamesOf } from '../../../scripts/compliance/test-names.ts';

describe('the compliance page', () => {
  const { checklist, page, files } = readCompliance();
  it('has every item of the checklist once, and every test it names exists', () => {
    expect(page.items.length).toBeGreaterThan(50);
    expect(faultsOf(checklist, page, files)).toEqual([]);
  });
  it('fails when any test it names is renamed', () => {
    for (const { file, name } of new Map(page.items.flatMap(({ tests }) => tests).map((test) => [`${test.file} ${test.name}`, test])).values()) {
      const title = name.split(' › ').at(-1)!.replaceAll('\'', String.raw`\'`);
      const source = files.get(file)!;
      expect(source, name).toContain(`'${title}'`);
      expect(faultsOf(checklist, page, new Map([[file, source.replaceAll(`'${title}'`, `'${title} or not'`)], ...[...files].filter(([path]) => path !== file)])).join('\n')).toContain(`${file} has no test "${name}"`);
    }
  });
  it('fails when a test file it names is gone', () => {
    for (const file of new Set(page.items.flatMap(({ tests }) => tests.map((test) => test.file)))) {
      expect(faultsOf(checklist, page, new Map([...files].filter(([path]) => path !== file))).join('\n')).toContain(`no test file ${file}`);
    }
  });
});

describe('a compliance page', () => {
  const CHECKLIST: Checklist = { items: [{ source: '21CFR11', clause: '1' }, { source: 'draft', clause: '2' }] };
  const FILES = new Map([['test/unit/a.test.ts', 'describe(\'a\', () => { it(\'is b\', () => undefined); });']]);
  const TEST = '- `test/unit/a.test.ts` › a › is b';
  const MET = `## Part 11 (\`21CFR11\`)\n\n### 1: met\n- Asks: this.\n- Bedside: that.\n${TEST}\n`;
  const REST = '\n## Draft (`draft`)\n\nWhat it is.\n\nLeft out: 2.\n';
  const faults = (text: string) => faultsOf(CHECKLIST, readPage(text), FILES);

  it('that is whole has no fault, and is counted', () => {
    expect(faults(`# Title\n\nSome words.\n\n${MET}${REST}`)).toEqual([]);
    expect(countsOf(readPage(MET + REST))).toEqual({ '21CFR11': { met: 1, open: 0, 'hospital\'s duty': 0, 'left out': 0 }, draft: { met: 0, open: 0, 'hospital\'s duty': 0, 'left out': 1 } });
  });
  it.each([
    ['lacks an item', REST, '21CFR11 1: not on the page'], ['has an item twice', MET + MET + REST, '21CFR11 1: on the page twice'], ['has an item of its own', MET + MET.replace('### 1', '### 3') + REST, '21CFR11 3: not in the checklist'],
    ['leaves out what concerns records', `## Part 11 (\`21CFR11\`)\nLeft out: 1.\n${REST}`, '21CFR11 1: concerns records and signatures, and is left out'],
    ['says an item is met without a test', MET.replace(TEST, '') + REST, '21CFR11 1: is met: say how, and name a test that shows it'],
    ['claims something of an open item without a test', MET.replace(TEST, '- Missing: more.').replace(': met', ': open') + REST, '21CFR11 1: says what Bedside does without a test that shows it'],
    ['does not say what is missing', MET.replace(': met', ': open') + REST, '21CFR11 1: is open: say what is missing'], ['says what is missing of what is met', `${MET}- Missing: more.\n${REST}`, '21CFR11 1: is met and yet something is missing'],
    ['does not say what the hospital does', MET.replace(': met', ': hospital\'s duty') + REST, '21CFR11 1: is the hospital\'s duty: say which'], ['does not say what is asked', MET.replace('- Asks: this.\n', '') + REST, '21CFR11 1: does not say what it asks'],
    ['has a state of its own', MET.replace(': met', ': fine') + REST, '21CFR11 1: got state fine, want met, open, hospital\'s duty'], ['names no test of the file', MET.replace('is b', 'is c') + REST, '21CFR11 1: test/unit/a.test.ts has no test "a › is c"'],
    ['names a file that is not there', MET.replace('a.test', 'b.test') + REST, '21CFR11 1: no test file test/unit/b.test.ts'], ['names a test twice', `${MET}${TEST}\n${REST}`, '21CFR11 1: "a › is b" is named twice'],
    ['has a line nobody reads', `${MET}And more.\n${REST}`, 'got "And more.", want an item, a field or a test'], ['has an item whose state nobody reads', `${MET}### 2 is met\n${REST}`, 'got "### 2 is met", want an item, a field or a test'],
  ])('that %s is at fault', (_, text, fault) => { expect(faults(text)).toContain(fault); });
});

describe('names of tests', () => {
  const names = (source: string) => [...testNamesOf('x.test.ts', source)];
  it('are joined titles, with their placeholders', () => {
    expect(names('describe(\'a\', () => { describe.each([1])("b %s", () => { it.each([\'x\'])(`c %s`, (x) => x); it.runIf(true)(\'d\\\'s\', () => 1); }); }); test(\'e\', () => 1);')).toEqual(['a › b %s › c %s', 'a › b %s › d\'s', 'e']);
    expect(names('it.each`a\n${1}`(\'f $a\', () => 1); it.skipIf(x)(\'g\', () => 1);')).toEqual(['f $a', 'g']);
  });
  it('are those of tests that run', () => {
    expect(names('// it(\'a\', f);\nconst text = "it(\'b\', f)"; it.skip(\'c\', f); it.todo(\'d\'); describe.skip(\'e\', () => { it(\'f\', f); }); it(name, f); describe(name, () => { it(\'g\', f); }); test.skip(!isThere); test.do(\'h\');')).toEqual([]);
  });
});
