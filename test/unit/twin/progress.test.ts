import { afterEach, describe, expect, it, vi } from 'vitest';
import { createProgress } from '../../../scripts/simulate/progress.ts';

const written = (isTerminal: boolean, total: number, done: readonly number[]): string => {
  const parts: string[] = [];
  vi.spyOn(process.stderr, 'write').mockImplementation((part) => { parts.push(String(part)); return true; });
  vi.stubGlobal('process', Object.create(process, { stderr: { value: Object.create(process.stderr, { isTTY: { value: isTerminal } }) as unknown } }) as unknown);
  const progress = createProgress('batches played', total);
  done.forEach(progress);
  return parts.join('');
};
afterEach(() => {
  vi.restoreAllMocks();
  vi.unstubAllGlobals();
});
const upTo = (total: number): readonly number[] => Array.from({ length: total }, (_, i) => i + 1);

describe('progress', () => {
  it('is a line every tenth where nobody looks at a terminal, and the last one says all', () => {
    const lines = written(false, 200, upTo(200)).trimEnd().split('\n');
    expect(lines).toEqual(['batches played 1 of 200', ...Array.from({ length: 10 }, (_, i) => `batches played ${20 * (i + 1)} of 200`)]);
  });
  it('is a bar on a terminal, full at the end', () => {
    const text = written(true, 10, upTo(10));
    expect(text.endsWith(`\rbatches played [${'█'.repeat(30)}] 10 of 10\u001b[K\n`)).toBe(true);
    expect(text.split('\n')).toHaveLength(2);
  });
});
