import { JOINT } from './test-names.ts';

export const STATES = ['met', 'open', 'hospital\'s duty'] as const;
export type State = (typeof STATES)[number];
export type NamedTest = Readonly<{ file: string; name: string }>;
export type Item = Readonly<{ source: string; clause: string; state: string; asks: string; bedside: string; missing: string; hospital: string; tests: readonly NamedTest[] }>;
/** What the page says, and lines of it that say nothing a reader of the page knows. */
export type Page = Readonly<{ items: readonly Item[]; leftOut: readonly Readonly<{ source: string; clause: string }>[]; unread: readonly string[] }>;

const SECTION = /^## .*\(`(.+)`\)$/;
const ITEM = /^### (.+): (.+)$/;
const FIELD = /^- (Asks|Bedside|Missing|Hospital): (.+)$/;
const TEST = new RegExp(`^- \`([^\`]+)\`${JOINT}(.+)$`);
const LEFT_OUT = /^Left out: (.+)\.$/;

type Writable = { -readonly [Key in keyof Item]: Item[Key] } & { tests: NamedTest[] };

const readLine = (item: Writable, line: string): boolean => {
  const [, label = '', text = ''] = FIELD.exec(line) ?? [];
  const [, file = '', name = ''] = TEST.exec(line) ?? [];
  if (file !== '') item.tests.push({ file, name });
  const field = label.toLowerCase();
  if (field === 'asks' || field === 'bedside' || field === 'missing' || field === 'hospital') item[field] = text;
  return file !== '' || field !== '';
};

/** Read `docs/compliance.md`: a section for each source, in it an item for each clause with its fields and its tests. */
export const readPage = (text: string): Page => {
  const items: Writable[] = [];
  const leftOut: { source: string; clause: string }[] = [];
  const unread: string[] = [];
  let source = '';
  let item: Writable | undefined;
  for (const line of text.split('\n').filter((each) => each !== '')) {
    const [, clause = '', state = ''] = ITEM.exec(line) ?? [];
    const [, left] = LEFT_OUT.exec(line) ?? [];
    if (line.startsWith('## ')) {
      source = SECTION.exec(line)?.[1] ?? '';
      item = undefined;
    } else if (clause !== '') {
      item = { source, clause, state, asks: '', bedside: '', missing: '', hospital: '', tests: [] };
      items.push(item);
    } else if (left !== undefined) leftOut.push(...left.split(', ').map((each) => ({ source, clause: each })));
    else if (line.startsWith('#') ? source !== '' : item !== undefined && !readLine(item, line)) unread.push(line);
  }
  return { items, leftOut, unread };
};
