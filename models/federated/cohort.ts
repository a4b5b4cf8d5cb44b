import { createHash } from 'node:crypto';
import { canonicalJson } from '../../shared/record/canonical-json.ts';
import { DomainError } from '../../shared/errors.ts';
import { binRows, type Bins } from './bins.ts';
import { countClasses } from './classes.ts';
import { bootstrapWeights } from './draws.ts';
import { gradientsOf } from './gradients.ts';
import { placeOf, type Growing, type Stand } from './growing.ts';
import { boostingMasses, countLevel, forestMasses, missingBinsOf, type Binned, type Masses } from './histogram.ts';
import { levelOf } from './level.ts';
import { leafValue } from './model.ts';
import { countMoments } from '../monitoring/moments.ts';
import { countDrift } from '../drift/counts.ts';
import { isAskedBy, privatePlanOf, rangesOf, requirePlan, variablesOf, type Plan } from './plan.ts';
import { countLeaves } from './private/forest.ts';
import { drawKeysOf, requireRows, type Rows } from './rows.ts';
import type { Question } from './run.ts';
import { countScale } from './scale.ts';

/** Methods that draw of rows: what hides one in a sum, how often a tree takes it, or which tree does. */
const DRAWING: readonly Plan['method'][] = ['forest', 'boosting', 'private'];

/** What draws of a sum hang on, beside the row: all of plan and question but how many rows a site may hold, which says nothing of the sum. */
const contextOf = ({ rowLimit: _, ...plan }: Plan, question: Question): string => `bedside/jitter/${createHash('sha256').update(canonicalJson({ plan, question })).digest('hex')}`;

/**
 * The rows of one site for one plan. They can not be read back: the only way out is `answer`, integer sums over all of them.
 * What is derived from rows and plan is kept between rounds; the answer to a question depends on the question alone.
 */
export class Cohort {
  readonly #plan: Plan;
  readonly #rows: Rows;
  #digest: string | undefined;
  #weights: Uint8Array | undefined;
  #binned: Binned | undefined;

  /** @throws DomainError `training-plan-malformed`, `training-schema-mismatch`, `training-data-malformed`, also for rows without draw keys under a plan that draws of rows */
  constructor(plan: Plan, rows: Rows) {
    requirePlan(plan);
    requireRows(rows, plan.features);
    this.#plan = plan;
    this.#rows = rows;
    if (DRAWING.includes(plan.method)) drawKeysOf(rows);
  }

  /** The one place from which draws of rows are made. */
  get #drawKeys(): readonly string[] { return drawKeysOf(this.#rows); }

  /** SHA-256 of keys, labels, values and draw keys: tells whether a question is put to the same cohort again. It is told with the names; the draw keys in it, which nobody else has, keep guessed values from being tried against it. */
  get digest(): string {
    if (this.#digest === undefined) {
      const hash = createHash('sha256').update(canonicalJson(this.#rows.keys)).update(this.#rows.labels);
      for (const column of this.#rows.columns) hash.update(new Uint8Array(column.buffer, column.byteOffset, column.byteLength));
      if (this.#rows.drawKeys !== undefined) hash.update(canonicalJson(this.#rows.drawKeys));
      this.#digest = hash.digest('hex');
    }
    return this.#digest;
  }

  get size(): number { return this.#rows.keys.length; }

  /** Rows that enter the sums: all, and for monitoring those that went well and lack nothing. */
  get counted(): number { return this.#plan.method === 'monitoring' ? this.#normal().filter((row) => !row.some(Number.isNaN)).length : this.size; }

  /** Batches that went well, as rows. */
  #normal(): readonly (readonly number[])[] {
    const { labels, columns } = this.#rows;
    return [...labels].flatMap((label, i) => (label === 0 ? [columns.map((column) => column[i] ?? Number.NaN)] : []));
  }

  /** Exact sums: those of a private forest may leave a site with its noise only. @throws DomainError `training-round-malformed` when the question can not come from a sum with this cohort in it */
  answer(question: Question): ArrayLike<number> {
    if (!isAskedBy(this.#plan, question.type)) throw new DomainError('training-round-malformed', `question: got ${question.type}, want one of method ${this.#plan.method}`);
    switch (question.type) {
      case 'moments': return countMoments(variablesOf(this.#plan), this.#normal());
      case 'leaves': return countLeaves(privatePlanOf(this.#plan), this.#rows);
      case 'drift': return countDrift(this.#rows);
      case 'scale': return countScale(this.#rows, rangesOf(this.#plan), this.#drawKeys, contextOf(this.#plan, question));
      case 'classes': return countClasses(this.#rows, question.frames, this.#drawKeys, contextOf(this.#plan, question));
      case 'level': {
        const { bins, growing, stand } = question;
        return countLevel(this.#binnedBy(bins), growing, levelOf(growing, stand), this.#masses(bins, growing, stand));
      }
      default: return question satisfies never;
    }
  }

  #binnedBy(bins: readonly Bins[]): Binned {
    if (this.#binned?.bins !== bins && JSON.stringify(this.#binned?.bins) !== JSON.stringify(bins)) this.#binned = undefined;
    this.#binned ??= { binned: binRows(this.#rows, bins), rowCount: this.size, featureCount: this.#plan.features.length, bins };
    return this.#binned;
  }

  #masses(bins: readonly Bins[], growing: Growing, stand: Stand): Masses {
    const { method, seed, treeCount } = this.#plan;
    if (method === 'boosting') return boostingMasses(gradientsOf(this.#margins(bins, growing, stand), this.#rows.labels));
    this.#weights ??= bootstrapWeights(seed, this.#drawKeys, treeCount);
    return forestMasses(this.#weights, this.#rows.labels, treeCount);
  }

  /** Sum of the leaves of the finished trees, float32 and in order, as the model will be evaluated. */
  #margins(bins: readonly Bins[], growing: Growing, stand: Stand): Float32Array {
    const { binned } = this.#binnedBy(bins);
    const missingBins = missingBinsOf(bins);
    const width = this.#plan.features.length;
    return Float32Array.from({ length: this.size }, (_, row) => {
      let margin = 0;
      for (let tree = 0; tree < stand.tree; tree += 1) {
        const slot = tree * growing.slots + placeOf(growing, tree, binned, row * width, missingBins);
        margin = Math.fround(margin + leafValue(this.#plan, growing.first[slot] ?? 0, growing.second[slot] ?? 0, 0));
      }
      return margin;
    });
  }
}
