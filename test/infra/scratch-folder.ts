import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { TestProject } from 'vitest/node';

declare module 'vitest' {
  export interface ProvidedContext {
    /** Gone when all tests of the project have ended: what one file made may be another's. */
    scratchFolder: string;
  }
}

/** A process of tests is ended, and does not end by itself: what its files share is cleared away from outside. */
export const setup = (project: TestProject): (() => void) => {
  const folder = mkdtempSync(join(tmpdir(), 'infra-'));
  project.provide('scratchFolder', folder);
  return () => { rmSync(folder, { recursive: true, force: true }); };
};
