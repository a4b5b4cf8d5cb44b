import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { Cohort } from '../../../models/federated/cohort.ts';
import { federate, plainSumming } from '../../../models/federated/federation.ts';
import { advance, beginRun, type Question, type Run } from '../../../models/federated/run.ts';
import { planHash, type Plan } from '../../../models/federated/plan.ts';
import { questionHash, type Ask } from '../../../models/federated/secure/messages.ts';
import { decodeBoard, mailboxKey } from '../../../models/federated/workflow/mailbox.ts';
import { pack, unpack } from '../../../models/federated/workflow/pack.ts';
import { decodeRows, decodeRun, encodeRows, encodeRun } from '../../../models/federated/workflow/stored.ts';
import { decodeAnswer, decodeAsk, decodeMessage, encodeAnswer, encodeAsk, requireBytes } from '../../../models/federated/workflow/wire.ts';
import { isLastCall, joinsAt } from '../../../models/federated/workflow/joining.ts';
import { codeOf } from '../../support/error-code.ts';
import { fileOf, planOf, rowsOf, type Table } from '../../support/federated.ts';

const table: Table = {
  keys: Array.from({ length: 40 }, (_, i) => `b${i}`), labels: Array.from({ length: 40 }, (_, i) => ((i * 7) % 10 > 4 ? 1 : 0)),
  values: Array.from({ length: 40 }, (_, i) => [i % 7 - 3, (i * 13) % 11 / 10, i % 4 === 0 ? NaN : (i * i) % 17]),
};
const plan = planOf();
const askOf = (own: Plan, question: Question, round = 0): Ask => ({ runId: 'run-1', planHash: planHash(own), round, attempt: 1, members: ['a', 'b', 'c'], certificates: [], closesAtEpochMs: 1, question });

/** Ways of growing trees, of which a round asks another question each. */
const WAYS = [{ method: 'forest' }, { method: 'boosting' }] as const;
/** Questions of a whole run, in order. */
const questionsOf = (own: Plan): readonly Question[] => {
  const cohort = new Cohort(own, rowsOf(table));
  const questions: Question[] = [];
  for (let run = beginRun(own); run.question !== undefined; run = advance(run, Float64Array.from(cohort.answer(run.question)))) questions.push(run.question);
  return questions;
};
const level = (own: Plan): Extract<Question, { type: 'level' }> => questionsOf(own).findLast((question) => question.type === 'level') as Extract<Question, { type: 'level' }>;

describe('a question on its way', () => {
  it.each(WAYS)('comes back to the bit, with the same hash, in every round: %o', (way) => {
    const own = planOf({ ...way, minimumLeaf: 0.5, treeCount: 3 });
    for (const [round, question] of questionsOf(own).entries()) {
      const back = decodeAsk(own, encodeAsk(askOf(own, question, round)));
      expect(back).toEqual(askOf(own, question, round));
      expect(questionHash(back.question)).toBe(questionHash(question));
    }
  });
  it.each(WAYS)('and a run that is put away between any two rounds, give the model of a run that was never put away: %o', (way) => {
    const own = planOf({ ...way, minimumLeaf: 0.5, treeCount: 3 });
    let run: Run = beginRun(own);
    const cohort = () => new Cohort(own, decodeRows(encodeRows(rowsOf(table))));
    while (run.question !== undefined) {
      const next = advance(run, Float64Array.from(cohort().answer(decodeAsk(own, encodeAsk(askOf(own, run.question, run.round))).question)));
      run = next.question === undefined ? next : decodeRun(own, encodeRun(next));
    }
    expect(fileOf(run)).toBe(fileOf(federate(own, 1, plainSumming(own, [cohort()]))));
  });
  it.each([
    ['trees of another depth', (question: ReturnType<typeof level>) => ({ ...question, growing: { ...question.growing, slots: 16 } })],
    ['too few places', (question: ReturnType<typeof level>) => ({ ...question, growing: { ...question.growing, open: question.growing.open.slice(1) } })],
    ['a feature the plan has not', (question: ReturnType<typeof level>) => ({ ...question, growing: { ...question.growing, feature: question.growing.feature.map((each, i) => (i === 1 ? 3 : each)) } })],
    ['a split below the deepest', (question: ReturnType<typeof level>) => ({ ...question, growing: { ...question.growing, feature: question.growing.feature.map((each, i) => (i === 20 ? 0 : each)) } })],
    ['an open place that is split', (question: ReturnType<typeof level>) => ({ ...question, growing: { ...question.growing, open: question.growing.open.map((each, i) => ((question.growing.feature[i] ?? -1) >= 0 ? 1 : each)) } })],
    ['edges that fall', (question: ReturnType<typeof level>) => ({ ...question, bins: question.bins.map((each) => ({ ...each, edges: each.edges.toReversed() })) })],
    ['an edge that is no number', (question: ReturnType<typeof level>) => ({ ...question, bins: question.bins.map((each) => ({ ...each, edges: [NaN] })) })],
    ['bins of one feature less', (question: ReturnType<typeof level>) => ({ ...question, bins: question.bins.slice(1) })],
    ['more trees than the plan has', (question: ReturnType<typeof level>) => ({ ...question, stand: { tree: 0, count: 6 } })],
    ['fewer trees than grow together', (question: ReturnType<typeof level>) => ({ ...question, stand: { tree: 0, count: 4 } })],
    ['more bins than the plan has', (question: ReturnType<typeof level>) => ({ ...question, bins: question.bins.map((each) => ({ ...each, edges: Array.from({ length: plan.binLimit }, (_, i) => i) })) })],
    ['a root beside the nodes of its level', (question: ReturnType<typeof level>) => ({ ...question, growing: { ...question.growing, feature: question.growing.feature.with(1, -1), open: question.growing.open.with(1, 1) } })],
  ] as const)('is refused with %s', (_, damage) => {
    const last = questionsOf(plan).length - 1;
    expect(codeOf(() => decodeAsk(plan, encodeAsk(askOf(plan, level(plan), last))))).toBeUndefined();
    expect(codeOf(() => decodeAsk(plan, encodeAsk(askOf(plan, damage(level(plan)), last))))).toBe('training-round-malformed');
  });
  it.each(WAYS)('is refused in any round but its own: %o', (way) => {
    const own = planOf({ ...way, minimumLeaf: 0.5, treeCount: 3 });
    const questions = questionsOf(own);
    fc.assert(fc.property(fc.nat(questions.length - 1), fc.nat(questions.length - 1), (asked, round) => {
      expect(codeOf(() => decodeAsk(own, encodeAsk(askOf(own, questions[asked]!, round))))).toBe(asked === round ? undefined : 'training-round-malformed');
    }), { numRuns: 60 });
  });
  it.each([
    ['frames of one feature less', { type: 'classes', frames: [{ centre: 0, unit: 1 }], rows: [20, 20] }],
    ['rows of one label alone', { type: 'classes', frames: [0, 1, 2].map(() => ({ centre: 0, unit: 1 })), rows: [20] }],
    ['a type nobody knows', { type: 'rows' }],
  ])('is refused with %s', (_, question) => { expect(codeOf(() => decodeAsk(plan, encodeAsk(askOf(plan, question as Question, 1))))).toBe('training-round-malformed'); });
  it('for another plan is stale', () => { expect(codeOf(() => decodeAsk(planOf({ seed: 8 }), encodeAsk(askOf(plan, { type: 'scale' }))))).toBe('training-round-stale'); });
});

describe('packed arrays', () => {
  it('come back to the bit, whatever the numbers', () => {
    fc.assert(fc.property(fc.float32Array(), fc.float64Array(), fc.uint8Array(), fc.jsonValue(), (a, b, c, head) => {
      const back = unpack('x', pack({ head, arrays: { a, b, c } }));
      expect([back.arrays['a'], back.arrays['b'], back.arrays['c']].map((each) => Buffer.from(each!.buffer, each!.byteOffset, each!.byteLength).toString('hex'))).toEqual([a, b, c].map((each) => Buffer.from(each.buffer, each.byteOffset, each.byteLength).toString('hex')));
    }));
  });
  it('are refused with a byte less, a byte more, or any byte of the frame changed to what can not be', () => {
    const bytes = encodeAnswer({ siteId: 'a', context: 'ab'.repeat(32), seedHash: 'cd'.repeat(32), sealed: {}, words: Uint32Array.of(1, 2, 3) });
    for (let length = 0; length < bytes.length; length += 1) expect(codeOf(() => decodeAnswer(bytes.subarray(0, length)))).toBe('training-round-malformed');
    expect(codeOf(() => decodeAnswer(Buffer.concat([bytes, Buffer.alloc(1)])))).toBe('training-round-malformed');
    for (let at = 0; at < 24; at += 1) {
      const changed = Buffer.from(bytes);
      changed[at]! ^= 0x80;
      expect(codeOf(() => decodeAnswer(changed))).toBe('training-round-malformed');
    }
  });
});

describe('messages', () => {
  it.each(['invitation', 'join', 'complete', 'confirmation', 'revealAsk', 'reveal', 'refusal', 'notice'] as const)('that are none are refused: %s', (name) => {
    for (const text of ['', '{', '[]', 'null', '{"a":1}', '7']) expect(codeOf(() => decodeMessage(name, Buffer.from(text)))).toBe('training-round-malformed');
  });
  it('are refused unless they are the bytes that were told', () => {
    expect(codeOf(() => requireBytes('x', undefined, 'ab'))).toBe('training-round-malformed');
    expect(codeOf(() => requireBytes('x', Buffer.from('a'), 'ab'.repeat(32)))).toBe('training-round-malformed');
  });
  it('of a board that can not be read are refused', () => { expect(codeOf(() => decodeBoard(Buffer.from('{"formatVersion":2,"runs":[]}')))).toBe('training-round-malformed'); });
  it('of a complete run are not kept', () => { expect(codeOf(() => encodeRun(federate(plan, 1, plainSumming(plan, [new Cohort(plan, rowsOf(table))]))))).toBe('training-round-stale'); });
  it('of a hospital lie below its name alone', () => {
    expect(mailboxKey.answer('222222222222/hill', 'R', { round: 2, attempt: 1 }, 'answer')).toBe('answers/222222222222/hill/R/2-1/answer');
  });
});

describe('a hospital that is invited', () => {
  it('joins when its people had the time it gives them, whatever the coordinator wants', () => {
    expect([joinsAt(5, 3_600_000), joinsAt(5, 60_000)]).toEqual([3_600_005, 60_005]);
    expect([isLastCall(0, 600_000), isLastCall(480_001, 600_000)]).toEqual([false, true]);
  });
});
