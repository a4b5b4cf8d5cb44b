import { mkdirSync, readFileSync, utimesSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeEach, describe, expect, it } from 'vitest';
import { bringUpToDate, stampOf, writeStamp } from '../../infra/bundle/up-to-date.ts';
import { temporaryFolder } from '../local/support/temporary-folder.ts';

let folder: string;
beforeEach(() => {
  folder = temporaryFolder();
  mkdirSync(join(folder, 'sources', 'deep'), { recursive: true });
  writeFileSync(join(folder, 'sources', 'a.ts'), 'a');
  writeFileSync(join(folder, 'sources', 'deep', 'b.ts'), 'b');
  writeFileSync(join(folder, 'lock.json'), '{}');
});

describe('a stamp of sources', () => {
  const stamp = (): string => stampOf([join(folder, 'sources'), join(folder, 'lock.json')]);

  it('is the same for the same files', () => { expect(stamp()).toBe(stamp()); });

  it.each([
    ['a file deep below is written', () => { writeFileSync(join(folder, 'sources', 'deep', 'b.ts'), 'bb'); }],
    ['a file keeps its size and changes later', () => { utimesSync(join(folder, 'sources', 'a.ts'), 1, 1); }],
    ['a file is new', () => { writeFileSync(join(folder, 'sources', 'c.ts'), ''); }],
    ['a single file changes', () => { writeFileSync(join(folder, 'lock.json'), '{ }'); }],
  ])('is another when %s', (_, change) => {
    const before = stamp();
    change();
    expect(stamp()).not.toBe(before);
  });
});

describe('a build', () => {
  const made = async (outdir: string, stamp: string, elsewhere = 'nowhere', isWhole = true) => bringUpToDate({
    outdir: join(folder, outdir), elsewhere: join(folder, elsewhere), stamp, make: () => {
      mkdirSync(join(folder, outdir), { recursive: true });
      writeFileSync(join(folder, outdir, 'index.mjs'), stamp);
      if (isWhole) writeStamp(join(folder, outdir), stamp);
      return Promise.resolve();
    },
  });

  it('is made once for the same sources, and again for others', async () => {
    expect([await made('out', 'one'), await made('out', 'one'), await made('out', 'two')]).toEqual(['made', 'held', 'made']);
  });

  it('that was not finished is made again', async () => {
    expect([await made('out', 'one', 'nowhere', false), await made('out', 'one')]).toEqual(['made', 'made']);
  });

  it('is copied from where the same was made, whole, and not from where another was', async () => {
    await made('first', 'one');
    expect([await made('second', 'one', 'first'), await made('second', 'one'), await made('third', 'two', 'first')]).toEqual(['copied', 'held', 'made']);
    expect(readFileSync(join(folder, 'second', 'index.mjs'), 'utf8')).toBe('one');
  });
});
