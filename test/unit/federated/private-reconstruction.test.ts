import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { Cohort } from '../../../models/federated/cohort.ts';
import { federate, plainSumming } from '../../../models/federated/federation.ts';
import { modelFileOf } from '../../../models/federated/model-text.ts';
import { privatePlan, privatePlanOf, type Plan } from '../../../models/federated/plan.ts';
import { privateForest } from '../../../models/federated/private/forest.ts';
import { widthOf } from '../../../models/federated/run.ts';
import { decodeWords } from '../../../models/federated/words.ts';
import { readModelFile } from '../../../models/forest/model-file.ts';
import { rowsOf, type Table } from '../../support/federated.ts';

const FEATURES = ['a', 'b'];
const planWith = (seed: number, treeCount: number, depth: number, microEpsilon: number): Plan =>
  privatePlan({ variables: [{ name: 'a', low: 0, high: 10 }, { name: 'b', low: -1, high: 1 }], label: 'y', seed, treeCount, depth, microEpsilon, curious: 1, rowLimit: 1000 });

type File = Readonly<{ learner: Readonly<{ attributes: Readonly<{ openedCounts: string; rows: string }> }> }>;
const openedIn = (file: string): readonly number[] => JSON.parse((JSON.parse(file) as File).learner.attributes.openedCounts) as number[];

const tables = fc.array(fc.tuple(fc.integer({ min: 0, max: 10 }), fc.integer({ min: -1, max: 1 }), fc.integer({ min: 0, max: 1 })), { minLength: 15, maxLength: 60 })
  .map((rows): Table => ({ keys: rows.map((_, i) => `k${i}`), values: rows.map(([a, b]) => [a, b]), labels: rows.map(([, , label]) => label) }));

describe('what the coordinator and a curious hospital see of a private training', () => {
  it('is in the model file, all of it: from rows of any kind, whatever the plan', () => {
    fc.assert(fc.property(tables, fc.nat(1000), fc.integer({ min: 1, max: 5 }), fc.integer({ min: 1, max: 4 }), fc.constantFrom(50_000, 1_000_000, 4_000_000), (table, seed, treeCount, depth, microEpsilon) => {
      const plan = planWith(seed, treeCount, depth, microEpsilon);
      const cohorts = [0, 1, 2].map((site) => new Cohort(plan, rowsOf(table, table.keys.flatMap((_, i) => (i % 3 === site ? [i] : [])), FEATURES)));
      const summing = plainSumming(plan, cohorts, [1, 2, 3].map((n) => Buffer.alloc(32, n + seed)));
      const seen: (readonly number[])[] = [];
      const run = federate(plan, cohorts.length, (round, question, format) => {
        const words = summing(round, question, format);
        seen.push([...decodeWords(words, widthOf(plan, question), format)]);
        return words;
      });
      const file = modelFileOf(run);
      expect(seen).toEqual([openedIn(file)]);
      expect(readModelFile(file)).toEqual(readModelFile(modelFileOf({ ...run, forest: privateForest(privatePlanOf(plan), openedIn(file)) })));
    }), { numRuns: 40 });
  });
});
