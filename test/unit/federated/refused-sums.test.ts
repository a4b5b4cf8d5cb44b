import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { planHash } from '../../../models/federated/plan.ts';
import { EMPTY_LEDGER, type Ledger } from '../../../models/federated/secure/ledger.ts';
import { digestOf, type Ask } from '../../../models/federated/secure/messages.ts';
import { Site } from '../../../models/federated/secure/site.ts';
import { decodeWords, encodeWords, formatFor } from '../../../models/federated/words.ts';
import { codeOf } from '../../support/error-code.ts';
import { CLASSES, KNOWN, NOW, planOf, rowsOf, sitesOver, type Table } from '../../support/federated.ts';

const SITES = 6;
const table: Table = {
  keys: Array.from({ length: 60 }, (_, i) => `b${i}`), labels: Array.from({ length: 60 }, (_, i) => (i % 3 === 0 ? 1 : 0)),
  values: Array.from({ length: 60 }, (_, i) => [i % 7, (i * 13) % 11, (i * i) % 17]),
};
const plan = planOf();
const cohorts = Array.from({ length: SITES }, (_, site) => rowsOf(table, table.keys.flatMap((__, i) => (i % SITES === site ? [i] : []))));
const FEW = { numRuns: 25 };

/** Sites of one run, and what a coordinator may ask them. `own` is the one that refuses. */
const runOf = (runId: string, ledger: Ledger = EMPTY_LEDGER) => {
  const { sites, certificates } = sitesOver(plan, cohorts, { runId, ledger });
  const ask = (members: readonly number[], change: Partial<Ask> = {}): Ask => {
    const sorted = members.toSorted((a, b) => a - b);
    return { runId, planHash: planHash(plan), round: 0, attempt: 1, members: sorted.map((i) => `site-${i}`), certificates: sorted.map((i) => certificates[i]!), closesAtEpochMs: NOW, question: { type: 'scale' }, ...change };
  };
  /** The sum over these sites is made. */
  const sum = (members: readonly number[], change: Partial<Ask> = {}): void => {
    const asked = ask(members, change);
    const answers = members.map((i) => sites[i]!.answer(asked, NOW));
    const complete = { context: answers[0]!.context, digests: Object.fromEntries(answers.map(({ siteId, words }) => [siteId, digestOf(words)])) };
    for (const i of members) sites[i]!.confirm(complete);
  };
  return { sites, own: sites[0]!, ask, sum };
};
const others = (least: number, most = SITES - 1) => fc.subarray(Array.from({ length: SITES - 1 }, (_, i) => i + 1), { minLength: least, maxLength: most });
const refusal = (site: Site, ask: Ask, nowEpochMs = NOW): unknown => codeOf(() => site.answer(ask, nowEpochMs));
/** A ledger as it comes back from its record. */
const restored = (ledger: Ledger): Ledger => JSON.parse(JSON.stringify(ledger)) as Ledger;
const fine = { round: 1, question: CLASSES };

describe('a site, whatever it is asked, refuses', () => {
  it('any sum over fewer than three sites, in any round and attempt', () => {
    const { own, ask } = runOf('run-1');
    fc.assert(fc.property(others(0, 1), fc.integer({ min: -1, max: 9 }), fc.integer({ min: -1, max: 9 }), (with_, round, attempt) => {
      expect(refusal(own, ask([0, ...with_], { round, attempt }))).toBe('training-sites-too-few');
      expect(refusal(own, ask(with_, { round, attempt }))).toBe('training-sites-too-few');
    }));
  });
  it('any cohort below k, and none of k or more', () => {
    fc.assert(fc.property(fc.integer({ min: 5, max: 30 }), fc.integer({ min: 0, max: 40 }), (leastCohort, size) => {
      const rows = rowsOf(table, Array.from({ length: size }, (_, i) => i));
      const made = codeOf(() => new Site({ siteId: 'site-0', runId: 'run-1', plan, rows, secret: Buffer.alloc(32), ...KNOWN, ledger: EMPTY_LEDGER, leastCohort }));
      expect(made).toBe(size < leastCohort ? 'training-cohort-too-small' : undefined);
    }));
  });
  it('a second sum over S and S less one site: in the round, in the next one and in another run, before and after a restart', () => {
    fc.assert(fc.property(others(3).chain((set) => fc.tuple(fc.constant(set), fc.nat(set.length - 1), fc.integer({ min: 2, max: 5 }))), ([with_, gone, attempt]) => {
      const [run, all] = [runOf('run-1'), [0, ...with_]];
      run.sum(all);
      const less = all.filter((_, i) => i !== gone + 1);
      const later = runOf('run-2', restored(run.own.ledger));
      expect([refusal(run.own, run.ask(less, { attempt })), refusal(run.own, run.ask(less, fine)), refusal(later.own, later.ask(less))]).toEqual(['training-sites-changed', 'training-sites-changed', 'training-sites-changed']);
      expect(refusal(later.own, later.ask(all))).toBeUndefined();
    }), FEW);
  });
  it('masks that were used: any attempt up to the last it answered, before and after a restart', () => {
    fc.assert(fc.property(fc.array(fc.integer({ min: 1, max: 6 }), { minLength: 1, maxLength: 6 }), others(2), (attempts, with_) => {
      const [run, all] = [runOf('run-1'), [0, ...with_]];
      let last = 0;
      for (const attempt of attempts) {
        expect(refusal(run.own, run.ask(all, { attempt }))).toBe(attempt > last ? undefined : 'training-masks-reused');
        last = Math.max(last, attempt);
        const again = runOf('run-1', restored(run.own.ledger));
        expect(refusal(again.own, again.ask(all, { attempt }))).toBe('training-masks-reused');
      }
    }), FEW);
  });
  it('any round that is late, however little', () => {
    const { own, ask } = runOf('run-1');
    fc.assert(fc.property(others(2), fc.integer({ min: 1, max: 1e12 }), (with_, lateMs) => { expect(refusal(own, ask([0, ...with_]), NOW + lateMs)).toBe('training-round-late'); }));
  });
  it('any round but the next, of any other run or plan', () => {
    fc.assert(fc.property(fc.integer({ min: 1, max: 5 }), fc.string({ minLength: 1 }).filter((runId) => runId !== 'run-1'), fc.integer({ min: 8, max: 999 }), (ahead, runId, seed) => {
      const run = runOf('run-1');
      const all = [0, 1, 2, 3];
      expect(refusal(run.own, run.ask(all, { ...fine, round: ahead }))).toBe('training-round-stale');
      expect(refusal(run.own, run.ask(all, { runId }))).toBe('training-round-stale');
      expect(refusal(run.own, run.ask(all, { planHash: planHash(planOf({ seed })) }))).toBe('training-round-stale');
      run.sum(all);
      if (ahead > 1) expect(refusal(run.own, run.ask(all, { ...fine, round: ahead }))).toBe('training-round-stale');
    }), FEW);
  });
  it('more rows than the plan lets a site hold, and no fewer', () => {
    fc.assert(fc.property(fc.integer({ min: 1, max: 60 }), fc.integer({ min: 1, max: 60 }), (rowLimit, size) => {
      const made = codeOf(() => new Site({ siteId: 'site-0', runId: 'run-1', plan: planOf({ rowLimit }), rows: rowsOf(table, Array.from({ length: size }, (_, i) => i)), secret: Buffer.alloc(32), ...KNOWN, ledger: EMPTY_LEDGER, leastCohort: 1 }));
      expect(made).toBe(size > rowLimit ? 'training-sum-overflow' : undefined);
    }));
  });
});

describe('a format for a sum', () => {
  it('holds the largest sum its bound allows, of either sign, or is refused as an overflow', () => {
    fc.assert(fc.property(fc.integer({ min: 1, max: 2 ** 24 }), fc.oneof(fc.integer({ min: 1, max: 2 ** 40 }), fc.integer({ min: -2, max: 2 })), fc.boolean(), (rows, drawn, isSigned) => {
      // Any bound, and those at which the sum is just about too large.
      const bound = drawn > 2 ? drawn : Math.max(1, Math.floor(2 ** 53 / rows) + drawn);
      const largest = bound * rows;
      if (largest >= 2 ** 53) {
        expect(codeOf(() => formatFor({ bound, isSigned }, rows))).toBe('training-sum-overflow');
        return;
      }
      const format = formatFor({ bound, isSigned }, rows);
      const extremes = isSigned ? [largest, -largest] : [largest, 0];
      expect([...decodeWords(encodeWords(extremes, format), 2, format)]).toEqual(extremes);
    }), { numRuns: 500 });
  });
});
