import { describe, expect, it } from 'vitest';
import { fitRelease, meanManualRelease, RELEASE_KNOB, untouchedJobs } from '../../../../../models/twin/fit/release.ts';
import { worldOf } from './process.ts';

const WORLD = worldOf('stress');
const FIT = { seed: 11, batches: 200, failureRate: 0.15 };

describe('the fit of the release process', () => {
  const jobs = untouchedJobs(WORLD, FIT.seed, FIT.batches, FIT.failureRate);
  const slow = { ...WORLD, release: { ...WORLD.release, review: { ...WORLD.release.review, minutesPerEntry: 0.9 } } };
  const targetDays = meanManualRelease(slow.release, jobs, FIT.seed);

  it('finds the reading speed that gives a mean, and changes nothing else', () => {
    const { world, fitted } = fitRelease(WORLD, { ...FIT, targetDays });
    expect(fitted.reached).toBeCloseTo(targetDays, 1);
    expect(world.release.review.minutesPerEntry).toBeCloseTo(0.9, 1);
    expect({ ...world, release: { ...world.release, review: WORLD.release.review } }).toEqual(WORLD);
  });

  it('does not depend on anything that only review by exception has', () => {
    const other = { ...WORLD, release: { ...WORLD.release, documentation: { ...WORLD.release.documentation, detectedShare: 0, exceptionShare: 1, summaryEntries: 0 } } };
    expect(fitRelease(other, { ...FIT, targetDays }).fitted).toEqual(fitRelease(WORLD, { ...FIT, targetDays }).fitted);
  });

  it('says what it can reach when the target is out of reach', () => {
    expect(() => fitRelease(WORLD, { ...FIT, targetDays: 10 })).toThrow(/targetDays: got 10, want \d+\.\d+ to \d+/u);
  });
});

describe.each(['stress', 'published'] as const)('the release process of the %s world', (name) => {
  const { notes, ...figures } = worldOf(name).release;
  const leaves = (tree: unknown, path: string): readonly string[] => typeof tree === 'object' && tree !== null && !Array.isArray(tree) ? Object.entries(tree).flatMap(([key, value]) => leaves(value, path === '' ? key : `${path}.${key}`)) : [path];

  it('says of each figure where it comes from, and of no other', () => {
    const paths = leaves(figures, '');
    const covers = (note: string, path: string): boolean => path === note || path.startsWith(`${note}.`);
    expect(paths.filter((path) => !Object.keys(notes).some((note) => covers(note, path)))).toEqual([]);
    expect(Object.keys(notes).filter((note) => !paths.some((path) => covers(note, path)))).toEqual([]);
    for (const note of Object.values(notes)) expect(note).toMatch(/^(assumed|published: .+|fitted: .+)/u);
  });

  it('names one fitted figure', () => {
    expect(Object.keys(notes).filter((path) => notes[path]?.startsWith('fitted'))).toEqual([RELEASE_KNOB.path.slice(1).join('.')]);
  });
});
