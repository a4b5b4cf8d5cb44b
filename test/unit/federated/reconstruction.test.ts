import { describe, expect, it } from 'vitest';
import { claimsFromModel, claimsFromSums, heart, observe, pinnedOfRows } from '../../support/reconstruction.ts';

describe('what the coordinator and one curious hospital can rebuild of the other hospitals\' rows, on the heart data', () => {
  const { plan, sites } = heart();
  const { seen, forest } = observe(plan, sites);
  const { bins } = seen[0]!.question;
  const honest = sites.slice(1);
  const singled = (claims: Parameters<typeof pinnedOfRows>[0], least: number): number => pinnedOfRows(claims, honest, bins).filter((pins) => pins >= least).length;
  const [bySums, byModel] = [claimsFromSums(plan, seen), claimsFromModel(forest, bins)];

  it('is with the sums of all rounds more than with the model alone, and bounded: so says docs/federated.md', () => {
    expect(honest.reduce((rows, { keys }) => rows + keys.length, 0)).toBe(287);
    expect([singled(bySums, 3), singled(byModel, 3)]).toEqual([48, 27]);
    expect([singled(bySums, 6), singled(byModel, 6)]).toEqual([11, 0]);
  });
  it('is right: the claims are of rows that are there', () => {
    const right = bySums.filter((claim) => pinnedOfRows([claim], honest, bins).some((pins) => pins > 0));
    expect(right.length).toBeGreaterThan(50);
  });
});
