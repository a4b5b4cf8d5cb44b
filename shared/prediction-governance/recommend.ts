import { requireState, requireUndecided } from '../batch/context.ts';
import type { Batch } from '../batch/state.ts';
import { DomainError } from '../errors.ts';
import { requireMayRun, type ModelRecord } from '../model-registry/may-run.ts';
import type { PredictionOutput } from '../model-registry/model-plan.ts';
import type { Role } from '../record/envelope.ts';
import { requireSignatory, type Signatory } from '../record/signatory.ts';
import type { HeldRecommendation, Ledger } from './ledger.ts';
import type { Action, Alternative, LedgerEvent, Recommendation } from './ledger-events.ts';
import { requireOwnEquipment, requireOwnGateway, type Gateways } from './own-equipment.ts';
import type { GovernanceRow, TableVersion } from './table.ts';

/** What every step on a prediction is judged by: the batch, its ledger, the table and the models in force now, and the devices behind the edge nodes it uses. Times are epoch ms. */
export type Governed = Readonly<{ batch: Batch; ledger: Ledger; table: TableVersion; models: readonly ModelRecord[]; gateways: Gateways; nowEpochMs: number }>;

export const MINUTE_MS = 60_000;

/** @throws DomainError `governance-table-not-effective` when the table is another product's or has no row for the output */
export const rowOf = ({ table, batch }: Pick<Governed, 'table' | 'batch'>, output: PredictionOutput): GovernanceRow => {
  const row = table.content.productId === batch.productId ? table.content.rows.find((each) => each.output === output) : undefined;
  if (row === undefined || table.state !== 'effective') throw new DomainError('governance-table-not-effective', `no effective governance table of ${batch.productId} has a row for ${output}`, { output, tableVersion: table.version });
  return row;
};

/** @throws DomainError `assistance-stopped` */
export const requireAssistance = ({ stops: [stopped] }: Ledger): void => {
  if (stopped !== undefined) throw new DomainError('assistance-stopped', `assistance was stopped at ${stopped.at}: ${stopped.reason}; want it resumed first`, { stoppedAt: stopped.at });
};

/** @throws DomainError `action-outside-table` */
export const requireAllowed = ({ output, actions }: GovernanceRow, asked: readonly Action[]): void => {
  for (const { metric, value, unit } of asked) {
    const allowed = actions.find((each) => each.metric === metric);
    if (allowed === undefined) throw new DomainError('action-outside-table', `${output} may not set ${metric}, want one of ${actions.map((each) => each.metric).join(', ') || 'none'}`, { output, metric });
    if (unit !== allowed.unit || !(value >= allowed.low && value <= allowed.high)) {
      throw new DomainError('action-outside-table', `${metric}: got ${value} ${unit}, want ${allowed.low} to ${allowed.high} ${allowed.unit}`, { output, metric });
    }
  }
};

/** Who looks at what is undecided where the table names nobody. */
const REVIEWERS: readonly Role[] = ['process-scientist', 'quality-reviewer'];

type Answer = Pick<Recommendation, 'probability' | 'verdict' | 'undecided'>;

/**
 * Whether a decided output is brought to somebody. What the model says is the tested rule's alone. A hospital's table may ask for more to be looked at, by a threshold below the plan's; never for less: what the
 * tested rule calls positive is brought in any case, else the sensitivity that was tested would not be that in use.
 */
export const isBrought = ({ threshold }: Pick<GovernanceRow, 'threshold'>, { probability, verdict, undecided }: Answer): boolean => !undecided && (verdict === 'positive' || probability >= threshold);

/** Who has to decide on an output: the table's role where it is brought to somebody; whoever reviews what is undecided, where the table wants that reviewed. */
const askedOf = (row: GovernanceRow, answer: Answer): readonly Role[] => {
  const { handling, undecided: handlingOfUndecided } = row;
  const deciders = handling.kind === 'needs-signature' ? [handling.role] : [];
  if (answer.undecided) return handlingOfUndecided === 'needs-review' ? [...deciders, ...(deciders.length === 0 ? REVIEWERS : [])] : [];
  return isBrought(row, answer) ? deciders : [];
};

/** @throws DomainError `action-outside-table` for commands nobody would be asked about, and for any that is proposed where the model says no */
const requireBrought = (row: GovernanceRow, recommendation: Recommendation, actionCount: number): void => {
  const { output, probability, verdict, actions } = recommendation;
  if (!isBrought(row, recommendation) && actionCount > 0) throw new DomainError('action-outside-table', `${output}: got ${actionCount} action(s) at probability ${probability}, want none below ${row.threshold}`, { output });
  if (verdict === 'negative' && actions.length > 0) throw new DomainError('action-outside-table', `${output}: got ${actions.length} action(s) proposed where the model says negative, want none`, { output });
};

/**
 * Put a recommendation on record as it is shown. Without an explanation it is none; nor with ways to go on of which nobody can say later what made them. What process monitoring saw in the last hours of a culture is also taken when the batch is complete: nothing is done about it any more, but release is decided with it.
 *
 * @throws DomainError `batch-state-wrong`, `batch-already-dispositioned`, `assistance-stopped`, `recommendation-exists`, `governance-table-not-effective`, `model-not-active`,
 *   `request-malformed` (no explanation; alternatives of nothing that is named; a probability that is none), `recommendation-undecided` (undecided, yet with actions), `action-outside-table` (also any action
 *   below the table's threshold: nobody would be asked), `action-equipment-wrong`, `gateway-shared`
 * @see EU GMP Annex 22 (draft), 8.1 (contributions with each outcome), 9.1, 9.2 (confidence; undecided), 10.2
 */
export const makeRecommendation = (governed: Governed, recommendation: Recommendation): readonly LedgerEvent[] => {
  const { batch, ledger, table, models, gateways, nowEpochMs } = governed;
  const { recommendationId, output, modelHash, undecided, explanation, probability, calibratedProbability = probability } = recommendation;
  const actions = [...recommendation.actions, ...recommendation.alternatives.flatMap((each) => each.actions ?? [])];
  requireUndecided(batch);
  requireState(batch, 'running', 'held', ...(output === 'process-monitoring-alarm' && actions.length === 0 ? ['complete' as const] : []));
  requireAssistance(ledger);
  if (ledger.recommendations.has(recommendationId)) throw new DomainError('recommendation-exists', `recommendation ${recommendationId} is on record already`, { recommendationId });
  const row = rowOf(governed, output);
  requireMayRun(modelHash, models, { productId: batch.productId, output });
  if (explanation.length === 0) throw new DomainError('request-malformed', 'explanation: got none, want the contribution of each feature', { paths: ['explanation'] });
  if (recommendation.alternatives.length > 0 && recommendation.twin === undefined) throw new DomainError('request-malformed', `twin: got none with ${recommendation.alternatives.length} alternative(s), want what made them`, { paths: ['twin'] });
  if (!(probability >= 0 && probability <= 1)) throw new DomainError('request-malformed', `probability: got ${probability}, want 0 to 1`, { paths: ['probability'] });
  if (!(calibratedProbability >= 0 && calibratedProbability <= 1)) throw new DomainError('request-malformed', `calibratedProbability: got ${calibratedProbability}, want 0 to 1`, { paths: ['calibratedProbability'] });
  if (recommendation.verdict !== undefined && (recommendation.verdict === 'undecided') !== undecided) throw new DomainError('request-malformed', `verdict: got ${recommendation.verdict}, want it to agree with undecided, ${String(undecided)}`, { paths: ['verdict'] });
  if (undecided && actions.length > 0) throw new DomainError('recommendation-undecided', `recommendation ${recommendationId} is undecided and has ${actions.length} action(s), want none`, { recommendationId });
  requireAllowed(row, actions);
  requireOwnEquipment(batch, actions);
  requireOwnGateway(batch, gateways, actions);
  requireBrought(row, recommendation, actions.length);
  return [{ type: 'recommendation-made', ...recommendation, threshold: row.threshold, askedOf: askedOf(row, recommendation), tableVersion: table.version, tableHash: table.contentHash, validUntil: new Date(nowEpochMs + row.validForMinutes * MINUTE_MS).toISOString() }];
};

/** @throws DomainError `recommendation-not-found` */
export const findRecommendation = ({ recommendations }: Ledger, recommendationId: string): HeldRecommendation => {
  const found = recommendations.get(recommendationId);
  if (found === undefined) throw new DomainError('recommendation-not-found', `no recommendation ${recommendationId} on this batch`, { recommendationId });
  return found;
};

/**
 * What makes a recommendation one that may still be acted on.
 *
 * @throws DomainError `assistance-stopped`, `recommendation-expired`, `recommendation-undecided`, `governance-table-not-effective` (another version since), `model-not-active`
 */
export const requireLive = (governed: Governed, held: HeldRecommendation): GovernanceRow => {
  const { batch, ledger, table, models, nowEpochMs } = governed;
  const { recommendationId, tableHash, tableVersion, output, modelHash, validUntil, undecided } = held;
  requireAssistance(ledger);
  if (held.void) throw new DomainError('assistance-stopped', `assistance was stopped after recommendation ${recommendationId} was made; want a new one`, { recommendationId });
  if (nowEpochMs > Date.parse(validUntil)) throw new DomainError('recommendation-expired', `recommendation ${recommendationId} was valid until ${validUntil}; want a new one`, { recommendationId });
  if (undecided) throw new DomainError('recommendation-undecided', `recommendation ${recommendationId} is undecided; nothing follows from it`, { recommendationId });
  const row = rowOf(governed, output);
  if (tableHash !== table.contentHash) throw new DomainError('governance-table-not-effective', `made under version ${tableVersion} of the table, version ${table.version} is effective; want a new recommendation`, { tableVersion });
  requireMayRun(modelHash, models, { productId: batch.productId, output });
  return row;
};

/** @throws DomainError `recommendation-state-wrong` when it has no such alternative */
const findAlternative = ({ recommendationId, alternatives }: HeldRecommendation, alternativeId: string): Alternative => {
  const found = alternatives.find(({ id }) => id === alternativeId);
  if (found === undefined) throw new DomainError('recommendation-state-wrong', `recommendation ${recommendationId} has no alternative ${alternativeId}, want one of ${alternatives.map(({ id }) => id).join(', ') || 'none'}`, { recommendationId, alternativeId });
  return found;
};

const actionsOf = (held: HeldRecommendation, alternativeId: string | undefined): readonly Action[] => (alternativeId === undefined ? held.actions : findAlternative(held, alternativeId).actions ?? []);

/** What follows from a recommendation as it was decided: the actions of the alternative that was chosen, else its own; none unless it was accepted. */
export const acceptedActions = (held: HeldRecommendation): readonly Action[] =>
  (held.decision?.decision === 'accept' ? actionsOf(held, held.decision.alternativeId) : []);

export type Decision = Readonly<{ decision: 'accept' | 'refuse'; reason: string; /** To accept one of the alternatives instead of what was recommended. */ alternativeId?: string }>;

/**
 * A person's decision on a recommendation. Refusing is always possible, also when it is too late to accept and under whatever table is in force by then: who is asked stands in
 * the recommendation.
 *
 * @throws DomainError `recommendation-not-found`, `recommendation-state-wrong` (decided already, nobody is asked, no such alternative), `role-missing`, `signature-meaning-wrong` (wants `approval`),
 *   `correction-reason-missing`, and to accept those of `requireLive`, `batch-state-wrong`, `batch-already-dispositioned`, `gateway-shared`
 * @see EU GMP Annex 22 (draft), 3.3, 10.5 (human in the loop: responsibility and record)
 */
export const decideRecommendation = (governed: Governed, recommendationId: string, decision: Decision, signatory: Signatory): readonly LedgerEvent[] => {
  const { batch } = governed;
  const held = findRecommendation(governed.ledger, recommendationId);
  if (held.decision !== undefined) throw new DomainError('recommendation-state-wrong', `recommendation ${recommendationId} has decision ${held.decision.decision} already`, { recommendationId });
  if (held.askedOf.length === 0) throw new DomainError('recommendation-state-wrong', `recommendation ${recommendationId} is for awareness, want no decision`, { recommendationId });
  requireSignatory(signatory, 'approval', held.askedOf, `decide on ${held.output}`);
  if (decision.reason.trim() === '') throw new DomainError('correction-reason-missing', 'reason: got none, want why it is accepted or refused', { recommendationId });
  if (decision.alternativeId !== undefined) findAlternative(held, decision.alternativeId);
  if (decision.decision === 'accept') {
    requireUndecided(batch);
    requireState(batch, 'running');
    requireLive(governed, held);
    requireOwnGateway(batch, governed.gateways, actionsOf(held, decision.alternativeId));
  }
  return [{ type: 'recommendation-decided', recommendationId, ...decision, signature: signatory.signature }];
};

/** Recommendations a person had to look at and has not. */
export const unreviewed = ({ recommendations }: Ledger): readonly HeldRecommendation[] => [...recommendations.values()].filter(({ decision, askedOf: asked }) => decision === undefined && asked.length > 0);
