import { randomBytes } from 'node:crypto';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { Gathering } from '../../../models/federated/secure/gather.ts';
import { derive, sharedSecret, runKeysFrom } from '../../../models/federated/secure/keys.ts';
import { applyMask } from '../../../models/federated/secure/mask.ts';
import { quorumOf, questionHash, contextOf, type Answer, type Ask } from '../../../models/federated/secure/messages.ts';
import { combine, split } from '../../../models/federated/secure/shamir.ts';
import { Cohort } from '../../../models/federated/cohort.ts';
import { planHash } from '../../../models/federated/plan.ts';
import { rowBoundOf, widthOf } from '../../../models/federated/run.ts';
import { addWords, decodeWords, encodeWords, formatFor, subtractWords, wordCount, type Format } from '../../../models/federated/words.ts';
import { codeOf } from '../../support/error-code.ts';
import { fileOf, maskedRun, NOW, planOf, rowsOf, runOver, sitesOver, type Table } from '../../support/federated.ts';

const table: Table = {
  keys: Array.from({ length: 60 }, (_, i) => `b${i}`), labels: Array.from({ length: 60 }, (_, i) => ((i * 7) % 10 > 4 ? 1 : 0)),
  values: Array.from({ length: 60 }, (_, i) => [i % 7, (i * 13) % 11, i % 4 === 0 ? NaN : (i * i) % 17]),
};
const cut = (sites: number): readonly number[][] => Array.from({ length: sites }, (_, site) => table.keys.flatMap((__, i) => (i % sites === site ? [i] : [])));
const cohortsOf = (sites: number) => cut(sites).map((members) => rowsOf(table, members));
const plan = planOf();

describe('whole numbers as words', () => {
  const formats: readonly Format[] = [{ bits: 16, isSigned: false }, { bits: 32, isSigned: false }, { bits: 32, isSigned: true }, { bits: 64, isSigned: false }, { bits: 64, isSigned: true }];
  const largestOf = ({ bits, isSigned }: Format): number => (bits === 64 ? 2 ** 50 : 2 ** (bits - (isSigned ? 1 : 0)) - 1);
  it.each(formats)('add up exactly in $bits bits, signed $isSigned', (format) => {
    const largest = Math.floor(largestOf(format) / 4);
    const integer = fc.integer({ min: format.isSigned ? -largest : 0, max: largest });
    fc.assert(fc.property(fc.array(fc.array(integer, { minLength: 7, maxLength: 7 }), { minLength: 1, maxLength: 4 }), (vectors) => {
      const sum = new Uint32Array(wordCount(7, format));
      for (const vector of vectors) addWords(sum, encodeWords(vector, format), format);
      expect([...decodeWords(sum, 7, format)]).toEqual(Array.from({ length: 7 }, (_, i) => vectors.reduce((total, vector) => total + vector[i]!, 0)));
      for (const vector of vectors) subtractWords(sum, encodeWords(vector, format), format);
      expect(sum.every((word) => word === 0)).toBe(true);
    }));
  });
  it('take the narrowest format that holds the sum, and refuse when none does', () => {
    expect(formatFor({ bound: 8, isSigned: false }, 8191).bits).toBe(16);
    expect(formatFor({ bound: 8, isSigned: false }, 8192).bits).toBe(32);
    expect(formatFor({ bound: 2 ** 20, isSigned: true }, 2047).bits).toBe(32);
    expect(formatFor({ bound: 2 ** 20, isSigned: true }, 2048).bits).toBe(64);
    expect(codeOf(() => formatFor({ bound: 2 ** 30, isSigned: true }, 2 ** 23))).toBe('training-sum-overflow');
  });
});

describe('secret shares', () => {
  it('give the secret back from any quorum, and nothing from fewer', () => {
    fc.assert(fc.property(fc.uint8Array({ minLength: 32, maxLength: 32 }), fc.integer({ min: 2, max: 12 }), fc.infiniteStream(fc.nat()), (secret, count, numbers) => {
      const threshold = quorumOf(count);
      const shares = split(secret, count, threshold, randomBytes(32));
      const shuffled = shares.map((share) => ({ share, at: numbers.next().value as number })).sort((a, b) => a.at - b.at).map(({ share }) => share);
      expect(combine(shuffled.slice(0, threshold))).toEqual(secret);
      if (threshold > 1) expect(combine(shuffled.slice(0, threshold - 1))).not.toEqual(secret);
    }), { numRuns: 50 });
    expect(() => split(new Uint8Array(1), 3, 4, new Uint8Array(32))).toThrow(RangeError);
  });
});

describe('training under masks', () => {
  it.each(['forest', 'boosting'] as const)('gives the file of the pooled rows: %s, 3 to 10 sites', (method) => {
    const own = planOf({ method, minimumLeaf: 0.5, treeCount: 3 });
    const pooled = fileOf(runOver(own, [rowsOf(table)]));
    for (const sites of [3, 4, 10]) expect(fileOf(maskedRun(own, cohortsOf(sites)))).toBe(pooled);
  });
  it('gives it in 64-bit arithmetic too', () => {
    const own = planOf({ method: 'boosting', minimumLeaf: 0.5, treeCount: 2, rowLimit: 500_000 });
    expect(formatFor(rowBoundOf(own, { type: 'scale' }), 2_000_000).bits).toBe(64);
    expect(fileOf(maskedRun(own, cohortsOf(4)))).toBe(fileOf(runOver(own, [rowsOf(table)])));
  });
  it('gives it after a site dropped out before it answered, and came back', () => {
    expect(fileOf(maskedRun(plan, cohortsOf(4), (site, round, attempt, stage) => stage === 'answer' && attempt === 1 && site === `site-${round % 4}`))).toBe(fileOf(runOver(plan, [rowsOf(table)])));
  });
  it('gives it when a site vanishes after it answered: a quorum of shares makes up for its seed', () => {
    expect(fileOf(maskedRun(plan, cohortsOf(4), (site, round, _, stage) => stage !== 'answer' && site === `site-${round % 4}`))).toBe(fileOf(runOver(plan, [rowsOf(table)])));
  });
  it('aborts when a site never answers, or too few are left to make up for one', () => {
    expect(codeOf(() => maskedRun(plan, cohortsOf(4), (site, round, _, stage) => stage === 'answer' && round === 2 && site === 'site-1'))).toBe('training-round-stale');
    expect(codeOf(() => maskedRun(plan, cohortsOf(4), (site, _, __, stage) => stage === 'reveal' && site !== 'site-0'))).toBe('training-shares-wrong');
    expect(codeOf(() => maskedRun(plan, cohortsOf(4), (site, _, __, stage) => stage === 'confirm' && site > 'site-1'))).toBe('training-certificate-wrong');
  });
});

/** Chi-square over byte values against the uniform distribution, as a standard normal deviate (Wilson, Hilferty 1931). */
const deviate = (words: Uint32Array): number => {
  const counts = new Float64Array(256);
  for (const byte of new Uint8Array(words.buffer, words.byteOffset, words.byteLength)) counts[byte]! += 1;
  const expected = words.byteLength / 256;
  const chi = counts.reduce((sum, count) => sum + (count - expected) ** 2 / expected, 0);
  return (Math.cbrt(chi / 255) - (1 - 2 / (9 * 255))) / Math.sqrt(2 / (9 * 255));
};

describe('what the coordinator sees', () => {
  // So many features that bytes of a sum can be counted.
  const features = Array.from({ length: 200 }, (_, i) => `f${i}`);
  const plan = planOf({ features });
  const wide = (members: readonly number[]) => rowsOf({ ...table, values: table.keys.map((_, row) => features.map((__, feature) => (row * (feature + 3)) % 11)) }, members, features);
  const cohortsOf = (count: number) => Array.from({ length: count }, (_, site) => wide(table.keys.flatMap((__, i) => (i % count === site ? [i] : []))));
  const { sites, certificates } = sitesOver(plan, cohortsOf(4));
  const ask: Ask = { runId: 'run-1', planHash: planHash(plan), round: 0, attempt: 1, members: sites.map(({ siteId }) => siteId), certificates, closesAtEpochMs: NOW + 1, question: { type: 'scale' } };
  const format = formatFor(rowBoundOf(plan, ask.question), 4 * plan.rowLimit);
  const width = widthOf(plan, ask.question);
  const answers = sites.map((site) => site.answer(ask, NOW));
  const plain = cohortsOf(4).map((rows) => encodeWords(new Cohort(plan, rows).answer(ask.question), format));
  const seedOf = (i: number): Buffer => derive(Buffer.alloc(32, i + 1), 'own-mask', Buffer.from(answers[0]!.context, 'hex'));
  const without = (answer: Answer, seeds: readonly (readonly [Uint8Array, 1 | -1])[]): Uint32Array => {
    const words = answer.words.slice();
    for (const [seed, sign] of seeds) applyMask(words, seed, sign === 1 ? -1 : 1, format);
    return words;
  };

  it('is uniform: each masked vector, while the plain one is far from it', () => {
    for (const { words } of answers) expect(Math.abs(deviate(words))).toBeLessThan(4);
    for (const words of plain) expect(deviate(words)).toBeGreaterThan(100);
  });
  it('stays uniform after all that coordinator and one curious site know is taken away: the seeds of every site and the masks shared with the curious one', () => {
    const keys = runKeysFrom(Buffer.alloc(32, 1), 'run-1');
    for (const i of [1, 2, 3]) {
      const pair = derive(sharedSecret(keys, certificates[i]!), 'pair-mask', Buffer.from(answers[0]!.context, 'hex'));
      const left = without(answers[i]!, [[seedOf(i), 1], [pair, -1]]);
      expect(Math.abs(deviate(left))).toBeLessThan(4);
      expect(left).not.toEqual(plain[i]);
    }
  });
  it('is uniform in every sum of some but not all honest sites, and exact in the sum of all', () => {
    const all = [0, 1, 2, 3].map((i) => without(answers[i]!, [[seedOf(i), 1]]));
    const sumOf = (members: readonly number[], vectors: readonly Uint32Array[]): Uint32Array => {
      const sum = new Uint32Array(wordCount(width, format));
      for (const i of members) addWords(sum, vectors[i]!, format);
      return sum;
    };
    for (const some of [[0, 1], [1, 2], [2, 3], [0, 1, 2], [1, 2, 3], [0, 2, 3]]) expect(Math.abs(deviate(sumOf(some, all)))).toBeLessThan(4);
    expect(sumOf([0, 1, 2, 3], all)).toEqual(sumOf([0, 1, 2, 3], plain));
  });
  it('can not tell which honest site holds which rows: with rows exchanged, what is left differs only as fresh masks do, and the sum not at all', () => {
    const exchanged = [cohortsOf(4)[0]!, cohortsOf(4)[2]!, cohortsOf(4)[1]!, cohortsOf(4)[3]!];
    for (const runId of ['run-1', 'run-2']) {
      const fresh = sitesOver(plan, exchanged, { runId });
      const difference = fresh.sites[1]!.answer({ ...ask, runId, certificates: fresh.certificates }, NOW).words.slice();
      subtractWords(difference, answers[1]!.words, format);
      expect(Math.abs(deviate(difference))).toBeLessThan(4);
    }
    expect(fileOf(maskedRun(plan, exchanged))).toBe(fileOf(maskedRun(plan, cohortsOf(4))));
  });
  it('has masks bound to round, attempt, members and question', () => {
    const hash = questionHash(ask.question);
    const contexts = [ask, { ...ask, round: 1 }, { ...ask, attempt: 2 }, { ...ask, members: ask.members.slice(1) }, { ...ask, runId: 'run-2' }].map((each) => contextOf(each, hash));
    expect(new Set([...contexts, contextOf(ask, 'other')]).size).toBe(6);
  });
  it('opens no sum with a seed that is not the one a site announced: what came of it would look like any other', () => {
    const gathering = new Gathering(ask, format, wordCount(width, format));
    for (const answer of answers) gathering.take(answer, NOW);
    for (const [i, { siteId, context }] of answers.entries()) gathering.takeReveal({ siteId, context, seed: (i === 2 ? Buffer.alloc(32, 9) : seedOf(i)).toString('base64'), shares: {} });
    expect(() => gathering.sum()).toThrow(expect.objectContaining({ code: 'training-shares-wrong', facts: { siteId: 'site-2' } }) as Error);
    gathering.takeReveal({ siteId: 'site-2', context: answers[2]!.context, seed: seedOf(2).toString('base64'), shares: {} });
    expect(decodeWords(gathering.sum(), width, format)).toEqual(decodeWords(plain.reduce((sum, words) => { addWords(sum, words, format); return sum; }, new Uint32Array(wordCount(width, format))), width, format));
  });
  it('refuses what does not belong to the attempt', () => {
    const gathering = new Gathering(ask, format, wordCount(width, format));
    const [first] = answers as [Answer];
    gathering.take(first, NOW);
    expect(codeOf(() => { gathering.take(first, NOW); })).toBe('training-round-answered');
    expect(codeOf(() => { gathering.take({ ...answers[1]!, words: first.words.subarray(1) }, NOW); })).toBe('training-round-malformed');
    expect(codeOf(() => { gathering.take({ ...answers[1]!, sealed: {} }, NOW); })).toBe('training-round-malformed');
    expect(codeOf(() => { gathering.take({ ...answers[1]!, siteId: 'stranger' }, NOW); })).toBe('training-round-stale');
    expect(codeOf(() => { gathering.take({ ...answers[1]!, context: 'ab' }, NOW); })).toBe('training-round-stale');
    expect(codeOf(() => { gathering.take(answers[1]!, ask.closesAtEpochMs + 1); })).toBe('training-round-late');
    expect(codeOf(() => gathering.complete())).toBe('training-round-stale');
    expect(gathering.missing).toEqual(['site-1', 'site-2', 'site-3']);
  });
});
