import { DomainError } from '../../shared/errors.ts';
import { inputBinAt, scoreBinOf, type Answered } from '../../shared/model-registry/distributions.ts';
import { CASE_KINDS, type CaseCounts } from '../../shared/model-registry/test-report.ts';
import type { Rows } from '../federated/rows.ts';
import { driftColumns } from './counts.ts';

/** An answer of a model on one batch, named by its keyed digest; `kind` once it is known what came true. */
export type KeyedAnswer = Answered & Readonly<{ key: string; kind?: keyof CaseCounts }>;

/**
 * Answers as the rows a site sums, in the order of their keys. Outcomes are counted from `least` on; fewer stay unknown.
 *
 * @param inputs names in the model's order
 * @throws DomainError `histogram-malformed` for an answer of another number of inputs
 */
export const driftRows = (inputs: readonly string[], answers: readonly KeyedAnswer[], least: number): Rows => {
  const wrong = answers.find(({ inputBins }) => inputBins.length !== inputs.length);
  if (wrong !== undefined) throw new DomainError('histogram-malformed', `got an answer with bins of ${wrong.inputBins.length} inputs, want ${inputs.length}`);
  const sorted = answers.toSorted((a, b) => (a.key < b.key ? -1 : 1));
  const areKnown = sorted.filter(({ kind }) => kind !== undefined).length >= least;
  const column = (valueOf: (answer: KeyedAnswer) => number | undefined): Float32Array => Float32Array.from(sorted, (answer) => valueOf(answer) ?? Number.NaN);
  return {
    keys: sorted.map(({ key }) => key), drawKeys: undefined, features: driftColumns(inputs), labels: new Uint8Array(sorted.length),
    columns: [...inputs.map((_, i) => column(({ inputBins }) => inputBinAt(inputBins, i))), column(({ score }) => (score === undefined ? undefined : scoreBinOf(score))), column(({ kind }) => (areKnown && kind !== undefined ? CASE_KINDS.indexOf(kind) : undefined))],
  };
};

type Columns = Rows['columns'];
/** Rows as text, without those of which nothing is known. */
const rowTexts = ({ keys }: Rows, columns: Columns): ReadonlyMap<string, string> => new Map(keys.flatMap((key, row) => {
  const values = columns.map((column) => column[row]);
  return values.every(Number.isNaN) ? [] : [[key, values.join()] as const];
}));

/** Rows that are in one set only, or differ, in the columns looked at. */
const changedRows = (before: Rows, now: Rows, columnsOf: (rows: Rows) => Columns): number => {
  const [one, other] = [rowTexts(before, columnsOf(before)), rowTexts(now, columnsOf(now))];
  return new Set([...one.keys(), ...other.keys()].filter((key) => one.get(key) !== other.get(key))).size;
};

/**
 * The rows a hospital answers with. Two sums that differ by one batch would give that batch away; so the rows of the last time serve again until at least `least` are new, and until at least `least` outcomes are, where there are new ones at all.
 *
 * Rows only ever come, and only ever learn more, so what differs little from no earlier set but the last needs no other comparison.
 */
export const settledRows = (before: Rows | undefined, now: Rows, least: number): Rows => {
  if (before === undefined) return now;
  const changes = [changedRows(before, now, ({ columns }) => columns.slice(0, -1)), changedRows(before, now, ({ columns }) => columns.slice(-1))];
  return changes.some((changed) => changed > 0 && changed < least) ? before : now;
};
