import { DomainError } from '../errors.ts';
import type { Signature } from '../record/envelope.ts';
import { requireSignatory, type Signatory } from '../record/signatory.ts';
import type { ModelEvent } from './events.ts';
import { openDeviations } from './judge.ts';
import { isDeveloper, requireVersion, signedPlan, versionIn, type Model, type ModelVersion } from './model.ts';

const requireAnother = ({ moves, ...found }: ModelVersion, { signerId }: Signature, modelId: string, toDo: string): void => {
  const accepted = moves.some(({ to, signature }) => to === 'accepted' && signature?.signerId === signerId);
  if (accepted || isDeveloper({ moves, ...found }, signerId)) {
    throw new DomainError('signature-same-person', `this person ${accepted ? 'accepted' : 'trains'} ${modelId}; another person must ${toDo} it`, { modelId });
  }
};

/** Candidates from before this was asked for may have been handed in by who signed their plan: they do not come to use. @throws DomainError `signature-same-person` */
const requireIndependentPlan = (model: Model, found: ModelVersion): void => {
  const { authorId, version } = found;
  if (authorId !== undefined && signedPlan(model, found, authorId)) throw new DomainError('signature-same-person', `one person signed the plan of version ${version} of ${model.modelId} and handed it in; want a version by another person`, { modelId: model.modelId, version });
};

const requireSettled = (model: Model, version: number): void => {
  const open = openDeviations(model, version);
  if (open.length > 0) throw new DomainError('deviation-state-wrong', `deviation ${open.map(({ deviationId }) => deviationId).join(', ')} of ${model.modelId}: want each assessed as acceptable`, { deviationIds: open.map(({ deviationId }) => deviationId) });
};

/**
 * Accepted → active; the version active or suspended until now is retired by the same event. By quality, and by another person than who accepted; a version whose author signed its own plan is not activated.
 *
 * @param artefactSha256 of the artefact that will be deployed
 * @throws DomainError `model-not-found`, `model-state-wrong`, `role-missing`, `signature-meaning-wrong` (wants `responsibility` of a quality reviewer), `signature-same-person`,
 *   `model-hash-mismatch`, `deviation-state-wrong`
 * @see EU GMP Annex 22 (draft), 2.1, 10.1, 10.2
 */
export const activateVersion = (model: Model | undefined, modelId: string, version: number, artefactSha256: string, signatory: Signatory): readonly ModelEvent[] => {
  const { model: known, found } = requireVersion(model, modelId, version, 'accepted');
  requireSignatory(signatory, 'responsibility', ['quality-reviewer'], 'activate a model');
  requireAnother(found, signatory.signature, modelId, 'activate');
  requireIndependentPlan(known, found);
  const frozen = found.training?.artefactSha256 ?? 'none';
  if (artefactSha256 !== frozen) throw new DomainError('model-hash-mismatch', `artefactSha256: got ${artefactSha256}, want ${frozen}`, { modelId, version });
  requireSettled(known, version);
  const before = versionIn(known, 'active', 'suspended');
  return [{ type: 'model-activated', version, artefactSha256, ...(before === undefined ? {} : { supersededVersion: before.version }), signature: signatory.signature }];
};

/**
 * Active → suspended, by one qualified person. A deviation is opened with it.
 *
 * @throws DomainError `model-not-found`, `model-state-wrong`, `role-missing`, `signature-meaning-wrong` (wants `responsibility`)
 */
export const suspendVersion = (model: Model | undefined, modelId: string, version: number, reason: string, signatory: Signatory): readonly ModelEvent[] => {
  const { model: known } = requireVersion(model, modelId, version, 'active');
  requireSignatory(signatory, 'responsibility', ['process-scientist', 'quality-reviewer', 'qualified-person'], 'suspend a model');
  return [
    { type: 'model-suspended', version, reason, by: { kind: 'person', signature: signatory.signature } },
    { type: 'model-deviation-raised', deviationId: `v${version}-suspended-${known.events + 1}`, version, rule: 'suspended-by-person', criterionIds: [], detail: reason },
  ];
};

/** What `driftAlarm` decided, with the hash of the counts it decided on. */
export type DriftFinding = Readonly<{ decision: 'none' | 'alarm' | 'suspend'; rule: string; detail: string; evidenceSha256: string }>;

/**
 * Act on drift: nothing, a deviation, or suspension with a deviation, without waiting for a person; where the plan leaves suspension to people, a deviation that asks them for it. A version that is not
 * active any more is left alone.
 *
 * @throws DomainError `model-not-found`
 * @see EU GMP Annex 22 (draft), 10.3, 10.4
 */
export const actOnDrift = (model: Model | undefined, modelId: string, version: number, { decision, rule, detail, evidenceSha256 }: DriftFinding): readonly ModelEvent[] => {
  const { model: known, found } = requireVersion(model, modelId, version, 'drafted', 'candidate', 'accepted', 'active', 'suspended', 'retired');
  const isOpen = openDeviations(known, version).some((each) => each.rule === rule);
  const isAsked = openDeviations(known, version).some((each) => each.rule === rule && each.asks === 'suspension');
  const isForPeople = decision === 'suspend' && found.plan.monitoring.suspension === 'by-people';
  if (decision === 'none' || found.state !== 'active' || (decision === 'alarm' && isOpen) || (isForPeople && isAsked)) return [];
  const deviation: ModelEvent = { type: 'model-deviation-raised', deviationId: `v${version}-drift-${known.events + 1}`, version, rule, criterionIds: [], detail, ...(isForPeople && { asks: 'suspension' }) };
  if (decision === 'alarm' || isForPeople) return [deviation];
  return [{ type: 'model-suspended', version, reason: detail, by: { kind: 'rule', rule, evidenceSha256 } }, ...(isOpen ? [] : [deviation])];
};

/**
 * One person may stop a model, and none alone brings it back: who assessed anything since it was suspended is one, who reinstates another. A rule may suspend on a deviation that was open before, and others may
 * have been raised later, so what counts is when it was assessed, not which was raised last.
 */
const requireSecond = ({ modelId, version }: Readonly<{ modelId: string; version: number }>, { assessorIds = [] }: ModelVersion, { signerId }: Signature): void => {
  if (assessorIds.includes(signerId)) throw new DomainError('signature-same-person', `this person assessed a deviation of ${modelId} since version ${version} was suspended; another person must reinstate it`, { modelId, version });
};

/**
 * Suspended → active, once every deviation is assessed as acceptable. By quality, not by who accepted or trains it, nor by who assessed any deviation since it was suspended: a suspension takes one person, coming back two.
 *
 * @throws DomainError as `activateVersion`, but for the hash, which is frozen
 */
export const reinstateVersion = (model: Model | undefined, modelId: string, version: number, reason: string, signatory: Signatory): readonly ModelEvent[] => {
  const { model: known, found } = requireVersion(model, modelId, version, 'suspended');
  requireSignatory(signatory, 'responsibility', ['quality-reviewer'], 'reinstate a model');
  requireAnother(found, signatory.signature, modelId, 'reinstate');
  requireSettled(known, version);
  requireSecond({ modelId, version }, found, signatory.signature);
  return [{ type: 'model-reinstated', version, reason, signature: signatory.signature }];
};

/** Any state → retired, for good. A draft, a refused candidate and an active version alike. @throws DomainError `model-not-found`, `model-state-wrong`, `role-missing`, `signature-meaning-wrong` */
export const retireVersion = (model: Model | undefined, modelId: string, version: number, reason: string, signatory: Signatory): readonly ModelEvent[] => {
  requireVersion(model, modelId, version, 'drafted', 'candidate', 'accepted', 'active', 'suspended');
  requireSignatory(signatory, 'responsibility', ['process-scientist', 'quality-reviewer'], 'retire a model');
  return [{ type: 'model-retired', version, reason, signature: signatory.signature }];
};
