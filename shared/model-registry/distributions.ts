import * as z from 'zod';
import { DomainError } from '../errors.ts';

/** How many cases lie in each bin of one input or of the score; `missing` has its own count. Whole numbers, so those of several hospitals add up to those of the pooled cases. */
export type Distribution = Readonly<{ name: string; counts: readonly number[]; missing: number }>;
/** An input with the range its plan gives it. */
export type Ranged = Readonly<{ name: string; low: number; high: number }>;
/** One answer of a model, in its test or in use: a character for the bin of each input, in the model's order, and its score from 0 to 1, undefined where the model has none, as too little is known of the case. */
export type Answered = Readonly<{ inputBins: string; score: number | undefined }>;

const PARTS = 10;
/** Below the range, ten equal parts of it, above it. */
export const INPUT_BINS = PARTS + 2;
/** Equal parts of the score from 0 to 1. */
export const SCORE_BINS = PARTS;
const MISSING = '-';
const RADIX = 36;
export const SCORE = '(score)';

export const scoreBinOf = (score: number): number => Math.min(SCORE_BINS - 1, Math.floor(score * SCORE_BINS));
/** Bin of one input in what `inputBinsOf` gave; undefined where it was missing. */
export const inputBinAt = (inputBins: string, place: number): number | undefined => (inputBins[place] === MISSING ? undefined : Number.parseInt(inputBins[place] ?? '', RADIX));

/** Training rows are float32, so all that is compared with them is too. */
const binOfInput = ({ low, high }: Ranged, value: number): number => {
  const [from, to, at] = [Math.fround(low), Math.fround(high), Math.fround(value)];
  if (at < from) return 0;
  if (at > to) return INPUT_BINS - 1;
  return 1 + (to > from ? Math.min(PARTS - 1, Math.floor(((at - from) / (to - from)) * PARTS)) : 0);
};

/** Bins of a case's inputs, one character each: what a record keeps of them, where thousands of values would not fit. NaN is missing. */
export const inputBinsOf = (inputs: readonly Ranged[], values: ArrayLike<number>): string => inputs.map((input, i) => {
  const value = values[i] ?? Number.NaN;
  return Number.isNaN(value) ? MISSING : binOfInput(input, value).toString(RADIX);
}).join('');

/**
 * Count answers of one model.
 *
 * @param names inputs in the model's order
 * @returns one distribution an input, then the score's; a case without one is missing there
 * @throws DomainError `histogram-malformed` for an answer of other inputs or bins, or with a score outside 0 to 1
 */
export const distributionsOf = (names: readonly string[], answers: readonly Answered[]): readonly Distribution[] => {
  const tally = (name: string, size: number, bins: readonly (number | undefined)[]): Distribution => {
    const counts = new Array<number>(size).fill(0);
    for (const bin of bins) if (bin !== undefined) counts[bin] = (counts[bin] ?? 0) + 1;
    return { name, counts, missing: bins.filter((bin) => bin === undefined).length };
  };
  const wrong = answers.find(({ inputBins, score }) => inputBins.length !== names.length || !/^[0-9ab-]*$/.test(inputBins) || (score !== undefined && !(score >= 0 && score <= 1)));
  if (wrong !== undefined) throw new DomainError('histogram-malformed', `got ${wrong.inputBins.length} inputs and score ${wrong.score ?? 'none'}, want ${names.length} known bins and a score from 0 to 1`);
  return [
    ...names.map((name, i) => tally(name, INPUT_BINS, answers.map(({ inputBins }) => inputBinAt(inputBins, i)))),
    tally(SCORE, SCORE_BINS, answers.map(({ score }) => (score === undefined ? undefined : scoreBinOf(score)))),
  ];
};

const Count = z.int().min(0).max(10_000_000);
const MAXIMUM_BINS = 200;
/** Of one model: a report that holds them must fit one entry of the log. */
export const MAXIMUM_DISTRIBUTIONS = 500;
export const DistributionSchema = z.strictObject({ name: z.string().min(1).max(64), counts: z.array(Count).min(1).max(MAXIMUM_BINS), missing: Count });
export const DistributionsSchema = z.array(DistributionSchema).min(1).max(MAXIMUM_DISTRIBUTIONS);

/** What in a test's distributions does not agree with the plan's inputs or the number of cases. */
export const distributionFaults = (inputs: readonly Ranged[], cases: number, distributions: readonly Distribution[]): readonly string[] => {
  const wanted = [...inputs.map(({ name }) => name), SCORE];
  const got = distributions.map(({ name }) => name);
  if (got.join('\n') !== wanted.join('\n')) return [`distributions: got ${got.length} names, want the ${wanted.length} of the plan's inputs and ${SCORE}, in this order`];
  return distributions.flatMap(({ name, counts, missing }, i) => {
    const [total, bins] = [counts.reduce((sum, count) => sum + count, missing), i < inputs.length ? INPUT_BINS : PARTS];
    return [...(counts.length === bins ? [] : [`distributions.${name}.counts: got ${counts.length} bins, want ${bins}`]), ...(total === cases ? [] : [`distributions.${name}: got ${total} cases, want the ${cases} of the test data`])];
  });
};
