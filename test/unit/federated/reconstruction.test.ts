import { describe, expect, it } from 'vitest';
import { WEIGHT_LIMIT } from '../../../models/federated/draws.ts';
import { cellsFromMoments, singledByMoments, toldTheDraws } from '../../support/moment-attack.ts';
import { chemical, factsFromModel, factsFromSums, heart, levelsOf, linkedTo, observe, singledOut, type Fact, type Federation, type Singled } from '../../support/reconstruction.ts';

type Found = Readonly<{ rows: readonly Singled[]; claims: number; wrong: number }>;
type Attack = Readonly<{ count: number; sums: Found; model: Found; moments: Found }>;

/** Rows that were singled out with so many features at least, for 1 to 6 features. */
const from = ({ rows }: Pick<Found, 'rows'>, of: keyof Singled): readonly number[] => [1, 2, 3, 4, 5, 6].map((least) => rows.filter((row) => row[of] >= least).length);

const together = (...found: readonly (readonly Singled[])[]): readonly Singled[] =>
  found[0]!.map((_, i) => ({ pinned: Math.max(...found.map((rows) => rows[i]!.pinned)), narrowed: Math.max(...found.map((rows) => rows[i]!.narrowed)) }));

/** The same attacker twice: with the sums of all rounds and the model, put together, and with the model. Both know the rows of the curious hospital, and which bins anybody's value lies in. */
const attack = (curious: number, { plan, sites }: Federation, isTold = false): Attack => {
  const [own, honest] = [sites[curious]!, sites.toSpliced(curious, 1)];
  const { seen: opened, forest } = observe(plan, own, honest);
  const seen = isTold ? toldTheDraws(opened, plan.ranges ?? [], honest) : opened;
  const sure = isTold ? 0 : undefined;
  const { bins } = levelsOf(seen)[0]!.question;
  const ofModel = factsFromModel(plan, forest, bins, own);
  const ofSums = plan.method === 'forest' ? factsFromSums(seen) : [];
  const cells = cellsFromMoments(seen, plan.ranges ?? [], own, honest, bins, sure);
  const [zeros, ones] = [seen[0]!.sum.at(-2)!, seen[0]!.sum.at(-1)!];
  const linked: readonly Fact[] = [...ofModel.flatMap((facts) => linkedTo(facts, cells, plan.method === 'forest' ? WEIGHT_LIMIT : 1)), { where: new Map(), weights: [zeros, ones], cells }];
  const byNodes = singledOut([...ofSums, ...ofModel.flat(), ...linked], own, honest, bins);
  const moments = singledByMoments(seen, plan.ranges ?? [], own, honest, bins, sure);
  return {
    count: honest.reduce((rows, { keys }) => rows + keys.length, 0), model: singledOut(ofModel.flat(), own, honest, bins), moments,
    sums: { rows: together(byNodes.rows, moments.rows), claims: byNodes.claims + moments.claims, wrong: byNodes.wrong + moments.wrong },
  };
};

describe('what the coordinator and one curious hospital can rebuild of the other hospitals\' rows, on the heart data', () => {
  it.each([0, 1, 2, 3].flatMap((curious) => ['1', '2', '3'].map((seed) => [curious, seed] as const)))('is by a forest no more than with the model alone, from the first feature on: hospital %i, seed %s', (curious, seed) => {
    const { sums, model, moments } = attack(curious, heart('--seed', seed));
    expect(from(sums, 'pinned')).toEqual(from(model, 'pinned'));
    expect(from(sums, 'narrowed')).toEqual(from(model, 'narrowed'));
    expect(moments.claims).toBeGreaterThan(1000);
    expect(from(moments, 'narrowed')[0]).toBe(0);
    expect(sums.claims).toBeGreaterThan(3 * model.claims);
    expect([sums.wrong, model.wrong]).toEqual([0, 0]);
  });
  it('is by a forest in figures: so says docs/federated.md', () => {
    const { count, sums } = attack(0, heart());
    expect(count).toBe(287);
    expect(from(sums, 'pinned')).toEqual([109, 101, 82, 47, 9, 2]);
  });
  it('is by boosting in figures: so says docs/federated.md', () => { expect(from(attack(0, heart('--method', 'boosting')).sums, 'pinned')).toEqual([17, 10, 1, 0, 0, 0]); });
  it.each([0, 1, 2, 3])('is by boosting no more than with the model alone, whose leaves hold every sum that was opened of its trees: hospital %i', (curious) => {
    const { sums, model, moments } = attack(curious, heart('--method', 'boosting'));
    expect(from(sums, 'pinned')).toEqual(from(model, 'pinned'));
    expect(from(sums, 'narrowed')).toEqual(from(model, 'narrowed'));
    expect(moments.claims).toBeGreaterThan(1000);
    expect([from(moments, 'narrowed')[0], sums.wrong, model.wrong]).toEqual([0, 0, 0]);
  });
});

describe('the same of chemical manufacturing, of 57 sensors over 176 batches, 21 of which have few values that sums of rows as they are would count', () => {
  it.each(['forest', 'boosting'].flatMap((method) => [0, 1, 2, 3].map((curious) => [method, curious] as const)))('is by %s no more than with the model alone: stretch %i', (method, curious) => {
    const { count, sums, model, moments } = attack(curious, chemical('--method', method));
    expect(count).toBe(132);
    expect(from(sums, 'pinned')).toEqual(from(model, 'pinned'));
    expect(from(sums, 'narrowed')).toEqual(from(model, 'narrowed'));
    expect(moments.claims).toBeGreaterThan(5000);
    expect(from(moments, 'narrowed')[0]).toBe(0);
    expect([sums.wrong, model.wrong]).toEqual([0, 0]);
  });
  it('is more for an attacker who is told the draws: these are what hides rows', () => {
    const { sums, model } = attack(0, chemical(), true);
    expect(sums.wrong).toBe(0);
    expect(from(sums, 'pinned')[0]).toBeGreaterThan(from(model, 'pinned')[0]! + 10);
    expect(from(sums, 'pinned')[1]).toBeGreaterThan(from(model, 'pinned')[1]! + 5);
  });
});
