import type { ModelEvent } from './events.ts';
import { requireVersion, MODEL_STATES, type Model } from './model.ts';
import { actOnDrift, type DriftFinding } from './put-to-use.ts';

/**
 * What the network's counts of one time say of a version. `no-statement` when nothing was summed, or nothing could be judged by: it is no finding that all is well.
 * Times are UTC, RFC 3339.
 */
export type DriftJudgement = Readonly<{
  runId: string; from: string; to: string; siteIds: readonly string[]; cases: number; decision: DriftFinding['decision'] | 'no-statement'; detail: string; notJudged: readonly string[];
  /** Hospitals whose test rows it was held against, where they are others than were counted. */
  referenceSiteIds?: readonly string[];
  /** Of the counts it was judged on. */
  evidenceSha256?: string;
}>;

/** Names of what was not judged that an event holds; it is one entry of the log. */
const MOST_NAMED = 20;
const LONGEST_DETAIL = 4000;

const shortened = (judgement: DriftJudgement): DriftJudgement => {
  const { notJudged, detail } = judgement;
  return {
    ...judgement, detail: detail.slice(0, LONGEST_DETAIL),
    notJudged: notJudged.length > MOST_NAMED ? [...notJudged.slice(0, MOST_NAMED), `and ${notJudged.length - MOST_NAMED} more`] : notJudged,
  };
};

/**
 * Put a judgement on the record of the model, once a run, with what follows from it: a deviation, or suspension.
 *
 * @param rule that decided, of a finding
 * @throws DomainError `model-not-found`
 * @see EU GMP Annex 22 (draft), 10.3, 10.4
 */
export const judgeDrift = (model: Model | undefined, modelId: string, version: number, judgement: DriftJudgement, rule: string): readonly ModelEvent[] => {
  const { found } = requireVersion(model, modelId, version, ...MODEL_STATES);
  if (found.driftJudgements?.some(({ runId }) => runId === judgement.runId) === true) return [];
  const { decision, evidenceSha256 = '', ...kept } = shortened(judgement);
  const judged: ModelEvent = { type: 'model-drift-judged', version, decision, ...kept, ...(evidenceSha256 !== '' && { evidenceSha256 }) };
  return decision === 'no-statement' ? [judged] : [judged, ...actOnDrift(model, modelId, version, { decision, rule, detail: kept.detail, evidenceSha256 })];
};
