import { describe, expect, it } from 'vitest';
import { factsFromModel, factsFromSums, heart, observe, singledOut, type Singled } from '../../support/reconstruction.ts';

type Attack = Readonly<{ count: number; sums: ReturnType<typeof singledOut>; model: ReturnType<typeof singledOut> }>;

/** Rows that were singled out with so many features at least, for 1 to 6 features. */
const from = ({ rows }: ReturnType<typeof singledOut>, of: keyof Singled): readonly number[] => [1, 2, 3, 4, 5, 6].map((least) => rows.filter((row) => row[of] >= least).length);

/** The same attacker twice: with the sums of all rounds and the model, and with the model. Both know the rows of the curious hospital. */
const attack = (curious: number, ...options: readonly string[]): Attack => {
  const { plan, sites } = heart(...options);
  const [own, honest] = [sites[curious]!, sites.toSpliced(curious, 1)];
  const { seen, forest } = observe(plan, own, honest);
  const { bins } = seen[0]!.question;
  const ofModel = factsFromModel(plan, forest, bins, own);
  return { count: honest.reduce((rows, { keys }) => rows + keys.length, 0), sums: singledOut([...factsFromSums(plan, seen), ...ofModel], honest, bins), model: singledOut(ofModel, honest, bins) };
};

describe('what the coordinator and one curious hospital can rebuild of the other hospitals\' rows, on the heart data', () => {
  it.each([0, 1, 2, 3].flatMap((curious) => ['1', '2', '3'].map((seed) => [curious, seed] as const)))('is with foreseen splits no more than with the model alone, but for what single features have: hospital %i, seed %s', (curious, seed) => {
    const { sums, model } = attack(curious, '--seed', seed);
    expect(from(sums, 'pinned').slice(1)).toEqual(from(model, 'pinned').slice(1));
    expect(from(sums, 'narrowed').slice(1)).toEqual(from(model, 'narrowed').slice(1));
    expect(from(sums, 'pinned')[0]! - from(model, 'pinned')[0]!).toBeLessThanOrEqual(6);
  });
  it('is with foreseen splits in figures: so says docs/federated.md', () => {
    const { count, sums, model } = attack(0);
    expect(count).toBe(287);
    expect(from(sums, 'pinned')).toEqual([113, 102, 85, 46, 10, 2]);
    expect(from(model, 'pinned')).toEqual([111, 102, 85, 46, 10, 2]);
  });
  it('is with counted splits nearly every row, where the model alone gives a third: so says docs/federated.md', () => {
    const { sums, model } = attack(0, '--splits', 'counted');
    expect(from(sums, 'pinned')).toEqual([283, 283, 281, 267, 233, 149]);
    expect(from(model, 'pinned')).toEqual([121, 110, 84, 48, 16, 0]);
  });
  it('is right: of tens of thousands of claims each is of a row that is there', () => {
    const { sums, model } = attack(0, '--splits', 'counted');
    expect([sums.wrong, model.wrong]).toEqual([0, 0]);
    expect(sums.claims).toBeGreaterThan(50_000);
  });
});
