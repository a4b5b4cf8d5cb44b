import { DomainError } from '../errors.ts';
import type { Signature } from '../record/envelope.ts';
import { requireSignatory, type Signatory } from '../record/signatory.ts';
import type { ModelEvent } from './events.ts';
import { openDeviations } from './judge.ts';
import { isDeveloper, requireVersion, signedPlan, versionIn, type Model, type ModelVersion } from './model.ts';
import { suspensionsOf } from './suspension.ts';

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
 * Active → suspended, by one qualified person. A deviation is opened with it. A version that is suspended already stays so, and each further stop is on record with its person, reason and a deviation of its own:
 * what is known to one who stops must be looked into before the version comes back, whoever was first.
 *
 * @throws DomainError `model-not-found`, `model-state-wrong`, `role-missing`, `signature-meaning-wrong` (wants `responsibility`)
 */
export const suspendVersion = (model: Model | undefined, modelId: string, version: number, reason: string, signatory: Signatory): readonly ModelEvent[] => {
  const { model: known } = requireVersion(model, modelId, version, 'active', 'suspended');
  requireSignatory(signatory, 'responsibility', ['process-scientist', 'quality-reviewer', 'qualified-person'], 'suspend a model');
  const deviationId = `v${version}-suspended-${known.events + 1}`;
  return [
    { type: 'model-suspended', version, reason, by: { kind: 'person', signature: signatory.signature }, deviationId },
    { type: 'model-deviation-raised', deviationId, version, rule: 'suspended-by-person', criterionIds: [], detail: reason },
  ];
};

/** What `driftAlarm` decided, with the hash of the counts it decided on. */
export type DriftFinding = Readonly<{ decision: 'none' | 'alarm' | 'suspend'; rule: string; detail: string; evidenceSha256: string }>;
type Raised = Extract<ModelEvent, { type: 'model-deviation-raised' }>;

/** A rule's stop. Of a version in use it hangs on the deviation that is open for this rule, if there is one; one that is suspended already gets a deviation of its own, and the same counts stop it once. */
const stopByRule = (found: ModelVersion, openId: string | undefined, { rule, detail, evidenceSha256 }: DriftFinding, raised: Raised): readonly ModelEvent[] => {
  const stopOn = (deviationId: string): ModelEvent => ({ type: 'model-suspended', version: found.version, reason: detail, by: { kind: 'rule', rule, evidenceSha256 }, deviationId });
  if (found.state === 'active' && openId !== undefined) return [stopOn(openId)];
  const isKnown = suspensionsOf(found).some((each) => each.rule === rule && each.evidenceSha256 === evidenceSha256 && each.reason === detail);
  return isKnown ? [] : [stopOn(raised.deviationId), raised];
};

/**
 * Act on drift: nothing, a deviation, or suspension with a deviation, without waiting for a person; where the plan leaves suspension to people, a deviation that asks them for it. What would suspend a version is on
 * record also when it is suspended already, for it comes back only when that was looked into. An alarm of a suspended version, and anything of one that is in no use, is left alone.
 *
 * @throws DomainError `model-not-found`
 * @see EU GMP Annex 22 (draft), 10.3, 10.4
 */
export const actOnDrift = (model: Model | undefined, modelId: string, version: number, finding: DriftFinding): readonly ModelEvent[] => {
  const { decision, rule, detail } = finding;
  const { model: known, found } = requireVersion(model, modelId, version, 'drafted', 'candidate', 'accepted', 'active', 'suspended', 'retired');
  const isHeard = decision === 'suspend' ? found.state === 'active' || found.state === 'suspended' : decision === 'alarm' && found.state === 'active';
  if (!isHeard) return [];
  const open = openDeviations(known, version).filter((each) => each.rule === rule);
  const isForPeople = decision === 'suspend' && found.plan.monitoring.suspension === 'by-people';
  const raised: Raised = { type: 'model-deviation-raised', deviationId: `v${version}-drift-${known.events + 1}`, version, rule, criterionIds: [], detail, ...(isForPeople && { asks: 'suspension' }) };
  if (decision === 'suspend' && !isForPeople) return stopByRule(found, open.at(-1)?.deviationId, finding, raised);
  const isThere = isForPeople ? open.some(({ asks }) => asks === 'suspension') : open.length > 0;
  return isThere ? [] : [raised];
};

/**
 * One person may stop a model, and none alone brings it back: who assessed anything since it was suspended is one, who reinstates another. A rule may suspend on a deviation that was open before, and others may
 * have been raised later, so what counts is when it was assessed, not which was raised last.
 */
const requireSecond = ({ modelId, version }: Readonly<{ modelId: string; version: number }>, { assessorIds = [] }: ModelVersion, { signerId }: Signature): void => {
  if (assessorIds.includes(signerId)) throw new DomainError('signature-same-person', `this person assessed a deviation of ${modelId} since version ${version} was suspended; another person must reinstate it`, { modelId, version });
};

/**
 * Suspended → active, once every deviation is assessed as acceptable, that of each stop among them. By quality, not by who accepted or trains it, nor by who assessed any deviation since it was suspended, by whichever stop:
 * a suspension takes one person, coming back two. What was assessed or prepared before a later stop does not lift that: it opened another deviation, and a signature is of the record as it stands.
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
