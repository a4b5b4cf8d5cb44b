import { globSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Checklist, TestFiles } from './check.ts';
import { readPage, type Page } from './document.ts';

const ROOT = join(import.meta.dirname, '..', '..');
const textOf = (path: string): string => readFileSync(join(ROOT, path), 'utf8');
/** The projects of `vitest.config.ts`: a file elsewhere is never run. */
const TEST_FILES = 'test/{unit,functions,local,infra,e2e}/**/{*.test,steps/*}.ts';

/** The page, the checklist it answers and every test that is run, from this checkout. */
export const readCompliance = (): Readonly<{ checklist: Checklist; page: Page; files: TestFiles }> => ({
  checklist: JSON.parse(textOf('test/vectors/regulatory/checklist.json')) as Checklist,
  page: readPage(textOf('docs/compliance.md')),
  files: new Map(globSync(TEST_FILES, { cwd: ROOT }).map((path) => [path, textOf(path)])),
});
