import { STATES, type Item, type Page, type State } from './document.ts';
import { testNamesOf } from './test-names.ts';

export type Checklist = Readonly<{ items: readonly Readonly<{ source: string; clause: string }>[] }>;
/** Paths of the test files that are run, each with its text. */
export type TestFiles = ReadonlyMap<string, string>;
export type Counts = Readonly<Record<string, Readonly<Record<State | 'left out', number>>>>;

/** Sources that are about records and signatures from end to end: nothing of them may be left out. */
const WHOLE: ReadonlySet<string> = new Set(['21CFR11', 'EU-Annex11(2011)', 'ALCOA++']);

const idOf = ({ source, clause }: Readonly<{ source: string; clause: string }>): string => `${source} ${clause}`;

const faultsOfItem = (item: Item): readonly string[] => {
  const { state, asks, bedside, missing, hospital, tests } = item;
  const faults: string[] = [];
  if (!(STATES as readonly string[]).includes(state)) faults.push(`got state ${state}, want ${STATES.join(', ')}`);
  if (asks === '') faults.push('does not say what it asks');
  if (state === 'met' && (tests.length === 0 || bedside === '')) faults.push('is met: say how, and name a test that shows it');
  if (state === 'met' && missing !== '') faults.push('is met and yet something is missing');
  if (state === 'open' && missing === '') faults.push('is open: say what is missing');
  if (state === 'hospital\'s duty' && hospital === '') faults.push('is the hospital\'s duty: say which');
  if (bedside !== '' && tests.length === 0) faults.push('says what Bedside does without a test that shows it');
  return faults.map((fault) => `${idOf(item)}: ${fault}`);
};

const faultsOfTests = ({ items }: Page, files: TestFiles): readonly string[] => {
  const namesOf = new Map(Array.from(new Set(items.flatMap(({ tests }) => tests.map(({ file }) => file))), (file) => [file, files.has(file) ? testNamesOf(file, files.get(file) ?? '') : undefined]));
  return items.flatMap((item) => item.tests.flatMap(({ file, name }, i) => {
    const names = namesOf.get(file);
    if (names === undefined) return [`${idOf(item)}: no test file ${file}`];
    if (!names.has(name)) return [`${idOf(item)}: ${file} has no test "${name}"`];
    return item.tests.findIndex((each) => each.file === file && each.name === name) < i ? [`${idOf(item)}: "${name}" is named twice`] : [];
  }));
};

/** What is wrong with the page: items missing, doubled or invented, tests that are not there, claims without a test. */
export const faultsOf = (checklist: Checklist, page: Page, files: TestFiles): readonly string[] => {
  const wanted = checklist.items.map(idOf);
  const listed = [...page.items, ...page.leftOut].map(idOf);
  return [
    ...wanted.filter((id, i) => wanted.indexOf(id) !== i).map((id) => `${id}: stands in the checklist twice`),
    ...wanted.filter((id) => !listed.includes(id)).map((id) => `${id}: not on the page`),
    ...listed.filter((id) => !wanted.includes(id)).map((id) => `${id}: not in the checklist`),
    ...listed.filter((id, i) => listed.indexOf(id) !== i).map((id) => `${id}: on the page twice`),
    ...page.leftOut.filter(({ source }) => WHOLE.has(source)).map((item) => `${idOf(item)}: concerns records and signatures, and is left out`),
    ...page.unread.map((line) => `got "${line}", want an item, a field or a test`),
    ...page.items.flatMap(faultsOfItem), ...faultsOfTests(page, files),
  ];
};

/** How many items of each source stand where. */
export const countsOf = ({ items, leftOut }: Page): Counts => Object.fromEntries(
  Array.from(new Set([...items, ...leftOut].map(({ source }) => source)), (source) => {
    const inState = (state: State): number => items.filter((item) => item.source === source && item.state === state).length;
    return [source, { met: inState('met'), open: inState('open'), 'hospital\'s duty': inState('hospital\'s duty'), 'left out': leftOut.filter((each) => each.source === source).length }];
  }),
);
