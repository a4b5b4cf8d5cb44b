import { createHash } from 'node:crypto';
import { canonicalJson } from '../../../shared/record/canonical-json.ts';
import { DomainError } from '../../../shared/errors.ts';
import type { Plan } from '../plan.ts';
import { drawKeysOf, type Rows } from '../rows.ts';

/** Who is in a sum, and with which rows: each member's commitment by its id. Two sums hold the same of a site exactly when it is in both with one commitment. */
export type Cohorts = Readonly<Record<string, string>>;

/** Rows of drift as text: an outcome comes to a batch later, so that the key alone does not say what was counted. */
const contentOf = ({ keys, columns, labels }: Rows): readonly string[] => keys.map((key, row) => [key, labels[row], ...columns.map((column) => column[row])].join()).sort();

/**
 * What a site's certificate says of its rows: SHA-256 of their keys, whatever the columns, their names and their order. A row never changes once it is there, so the same keys are the same rows under any plan. In a run
 * of drift also of what was counted of each; whose inputs are the model's, in its order, or the site refuses.
 */
export const commitmentOf = ({ drift }: Pick<Plan, 'drift'>, rows: Rows): string => {
  const text = drift === undefined ? canonicalJson({ rows: [...rows.keys].sort() }) : canonicalJson({ driftOf: drift.artefactSha256, rows: contentOf(rows) });
  return createHash('sha256').update(text).digest('hex');
};

/** Sites that are in one sum and not in the other, or in both with other rows. */
export const differing = (a: Cohorts, b: Cohorts): readonly string[] => [...new Set([...Object.keys(a), ...Object.keys(b)])].filter((site) => a[site] !== b[site]).sort();

const only = (rows: Rows, kept: ReadonlySet<string>): Rows => {
  const at = rows.keys.flatMap((key, row) => (kept.has(key) ? [row] : []));
  const of = (names: readonly string[]): readonly string[] => at.map((row) => names[row] ?? '');
  return { features: rows.features, keys: of(rows.keys), drawKeys: rows.drawKeys === undefined ? undefined : of(rows.drawKeys), labels: Uint8Array.from(at, (row) => rows.labels[row] ?? 0), columns: rows.columns.map((column) => Float32Array.from(at, (row) => column[row] ?? Number.NaN)) };
};

type Change = Readonly<{ added: number; removed: number; shared: number }>;
const changeOf = (keys: readonly string[], former: ReadonlySet<string>): Change => {
  const shared = keys.filter((key) => former.has(key)).length;
  return { shared, added: keys.length - shared, removed: former.size - shared };
};
const isFew = (count: number, least: number): boolean => count > 0 && count < least;
const tellsFew = ({ shared, added, removed }: Change, least: number): boolean => shared > 0 && (isFew(added, least) || isFew(removed, least));

/** Without the few that are new since a time before, and, where a few of then are missing now (which have no value for other columns), without as many more as hide which those were: the last by their draw keys, for names are told, and who has them could take these away again. */
const withoutFew = (rows: Rows, before: ReadonlySet<string>, least: number): Rows => {
  const { shared, added } = changeOf(rows.keys, before);
  const known = shared > 0 && isFew(added, least) ? only(rows, before) : rows;
  const { removed } = changeOf(known.keys, before);
  if (shared === 0 || !isFew(removed, least)) return known;
  const draws = drawKeysOf(known);
  const shuffled = known.keys.flatMap((key, row) => (before.has(key) ? [{ key, draw: draws[row] ?? '' }] : [])).sort((a, b) => (a.draw < b.draw ? -1 : 1));
  const hidden = new Set(shuffled.slice(removed - least).map(({ key }) => key));
  return only(known, new Set(known.keys.filter((key) => !hidden.has(key))));
};

/**
 * The rows a site takes part with: none of its sums may differ from another by fewer rows than it takes part with at all. While too few are new, those of the time before serve again.
 *
 * @param former keys of the rows it answered with before, in any run, oldest first
 * @throws DomainError `training-cohort-too-small` when no choice of its rows keeps to that, `training-data-malformed` for rows without draw keys
 */
export const settledCohort = (now: Rows, former: readonly ReadonlySet<string>[], least: number): Rows => {
  const settled = former.reduceRight((rows, before) => withoutFew(rows, before, least), now);
  const near = former.map((before) => changeOf(settled.keys, before)).find((change) => tellsFew(change, least));
  if (near !== undefined) throw new DomainError('training-cohort-too-small', `rows: got ${near.added} new and ${near.removed} gone since a sum before, want none or at least ${least} of either`, { least });
  return settled;
};
