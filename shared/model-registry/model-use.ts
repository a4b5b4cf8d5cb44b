import { DomainError } from '../errors.ts';
import { MAY_STOP } from '../prediction-governance/intervene.ts';
import type { Role } from '../record/envelope.ts';
import { requireRole, requireSignatory, type Signatory } from '../record/signatory.ts';
import type { ModelRecord } from './may-run.ts';
import { isStopped, type NodeModel } from './node-record.ts';
import { NO_USE, STOPPED_BY_PERSON, type DriftAssessment, type DriftPolicy, type DriftReference, type OwnDriftEvent, type OwnJudgement, type OwnUse, type UseDeviation } from './own-drift.ts';

/** @throws DomainError `model-not-found` for a version this hospital was never told of */
const requireRecord = (model: NodeModel | undefined, modelId: string, version: number): Readonly<{ model: NodeModel; record: ModelRecord; use: OwnUse }> => {
  const record = model?.records.find((each) => each.version === version);
  if (model === undefined || record === undefined) throw new DomainError('model-not-found', `no version ${version} of model ${modelId} on this hospital's record`, { modelId, version });
  return { model, record, use: model.use ?? NO_USE };
};

/**
 * Put what drift is judged by on the hospital's record, once a version.
 *
 * @throws DomainError `model-hash-mismatch` when a version is told another plan or reference than before
 */
export const takeReferences = (model: NodeModel, told: readonly DriftReference[]): readonly OwnDriftEvent[] => told.filter(({ version }) => model.records.some((record) => record.version === version)).flatMap((reference): readonly OwnDriftEvent[] => {
  const held = model.use?.references.find(({ version }) => version === reference.version);
  if (held === undefined) return [{ type: 'model-reference-taken', ...reference }];
  const isSame = held.planHash === reference.planHash && JSON.stringify([held.monitoring, held.distributions]) === JSON.stringify([reference.monitoring, reference.distributions]);
  if (!isSame) throw new DomainError('model-hash-mismatch', `reference of ${model.modelId} version ${reference.version}: got another than was taken before, want the same`, { modelId: model.modelId, version: reference.version });
  return [];
});

/** From when answers count: since quality last closed drift of this version here, for what was looked into must not alarm again. Undefined: all. */
export const countsFrom = (model: NodeModel, version: number): string | undefined =>
  (model.use?.deviations ?? []).flatMap((each) => (each.version === version && each.rule !== STOPPED_BY_PERSON && each.closed !== undefined ? [each.closed.signature.signedAt] : [])).toSorted((a, b) => Date.parse(a) - Date.parse(b)).at(-1);

/** Deviations of the use of a version here that quality has not closed. */
export const openUseDeviations = ({ use }: Pick<NodeModel, 'use'>, version: number): readonly UseDeviation[] => (use?.deviations ?? []).filter((each) => each.version === version && each.closed === undefined);

/**
 * Put the hospital's own judgement of a version in use on its record, once, with what follows: a deviation; and the use stops where the plan's rule suspends, or the governance table calls drift of this output
 * critical. Where the plan leaves suspension to people, the deviation asks them for it. A deviation of the rule that is open stands for what follows, but for a stop after somebody assessed it: that has one of its own.
 *
 * @param rule that decided
 * @throws DomainError `model-not-found`
 * @see EU GMP Annex 22 (draft), 10.3, 10.4
 */
export const judgeOwnDrift = (known: NodeModel | undefined, modelId: string, judgement: OwnJudgement, rule: string, { severity, askedOf }: DriftPolicy): readonly OwnDriftEvent[] => {
  const { version, runId, decision, detail } = judgement;
  const { model, record, use } = requireRecord(known, modelId, version);
  if (use.judgements.some((each) => each.runId === runId && each.version === version) || record.state !== 'active') return [];
  const judged: OwnDriftEvent = { type: 'model-drift-judged-here', modelId, ...judgement };
  if (decision === 'none' || decision === 'no-statement') return [judged];
  const isForPeople = use.references.find((each) => each.version === version)?.monitoring.suspension === 'by-people';
  const asks = decision === 'suspend' && isForPeople && severity !== 'critical';
  const stops = !isStopped(model, version) && (severity === 'critical' || (decision === 'suspend' && !isForPeople));
  // What was said of a deviation before a stop was said of other counts.
  const isOpen = openUseDeviations(model, version).some((each) => each.rule === rule && (!asks || each.asks === 'stop') && (!stops || each.assessments.length === 0));
  return [
    judged,
    ...(isOpen ? [] : [{ type: 'model-deviation-raised-here', modelId, version, runId, rule, severity, detail, askedOf, ...(asks && { asks: 'stop' as const }) } satisfies OwnDriftEvent]),
    ...(stops ? [{ type: 'model-use-stopped-here', modelId, version, runId, reason: detail, by: 'rule' } satisfies OwnDriftEvent] : []),
  ];
};

/**
 * Nobody of this hospital is spoken to by this version any more. By one person of those who may stop the assistance of a batch, without a signature: a stop must not wait. A deviation is opened with it, so that
 * two people look before it speaks again. A stop of what is stopped, by a rule or another person, is on record with a deviation of its own: each reason is looked into before it speaks again. Only the same person's same
 * reason, while its deviation is open, is there already and changes nothing.
 *
 * @param by who stops, by id and roles
 * @throws DomainError `model-not-found`, `role-missing`, `model-state-wrong` of a retired version
 */
export const stopUse = (known: NodeModel | undefined, { modelId, version, reason }: Readonly<{ modelId: string; version: number; reason: string }>, by: Readonly<{ id: string; roles: readonly Role[] }>, askedOf: readonly Role[]): readonly OwnDriftEvent[] => {
  const { model, record, use } = requireRecord(known, modelId, version);
  requireRole(by.roles, MAY_STOP, 'stop the use of a model');
  if (record.state === 'retired') throw new DomainError('model-state-wrong', `version ${version} of ${modelId} is retired, want it active or suspended`, { modelId, version });
  const open = openUseDeviations(model, version);
  if (use.stops.some((each) => each.version === version && each.actorId === by.id && each.reason === reason && open.some(({ runId }) => runId === each.runId))) return [];
  const runId = `stopped-v${version}-${use.deviations.length + 1}`;
  return [
    { type: 'model-use-stopped-here', modelId, version, runId, reason, by: 'person' },
    { type: 'model-deviation-raised-here', modelId, version, runId, rule: STOPPED_BY_PERSON, severity: 'major', detail: reason, askedOf },
  ];
};

const deviationOf = (use: OwnUse, version: number, runId: string): UseDeviation => {
  const found = use.deviations.find((each) => each.version === version && each.runId === runId);
  if (found === undefined) throw new DomainError('deviation-not-found', `no deviation ${runId} of version ${version} at this hospital`, { deviationId: runId });
  if (found.closed !== undefined) throw new DomainError('deviation-state-wrong', `deviation ${runId} is closed, want it open`, { deviationId: runId });
  return found;
};

/**
 * Say what drift means at this hospital: what it judged itself, a stop, or what the control site told it. More than one person may; the last one counts.
 *
 * @throws DomainError `model-not-found`, `deviation-not-found`, `deviation-state-wrong` when closed, `role-missing`, `signature-meaning-wrong` (wants `review`)
 * @see 21 CFR 11.50 (meaning of a signature)
 */
export const assessDrift = (known: NodeModel | undefined, modelId: string, { version, runId }: Readonly<{ version: number; runId: string }>, assessment: Omit<DriftAssessment, 'signature'>, signatory: Signatory): readonly OwnDriftEvent[] => {
  const { model, use } = requireRecord(known, modelId, version);
  const isTold = model.drift?.some((each) => each.version === version && each.runId === runId) === true;
  if (!isTold) deviationOf(use, version, runId);
  requireSignatory(signatory, 'review', ['process-scientist', 'quality-reviewer', 'qualified-person'], 'assess drift of a model');
  return [{ type: 'model-drift-assessed-here', modelId, version, runId, ...assessment, signature: signatory.signature }];
};

/**
 * Close a deviation of the use of a model, by quality, once somebody else assessed it as acceptable. What the control site told is closed there.
 *
 * @throws DomainError `model-not-found`, `deviation-not-found`, `deviation-state-wrong` without such an assessment, `role-missing`, `signature-meaning-wrong` (wants `approval`), `signature-same-person`
 * @see 21 CFR 211.192 (investigation of a discrepancy, with conclusions and follow-up)
 */
export const closeUseDeviation = (known: NodeModel | undefined, modelId: string, { version, runId, conclusion }: Readonly<{ version: number; runId: string; conclusion: string }>, signatory: Signatory): readonly OwnDriftEvent[] => {
  const { use } = requireRecord(known, modelId, version);
  const last = deviationOf(use, version, runId).assessments.at(-1);
  if (last?.acceptable !== true) throw new DomainError('deviation-state-wrong', `deviation ${runId}: got ${last === undefined ? 'no assessment' : 'an assessment as not acceptable'}, want one as acceptable`, { deviationId: runId });
  requireSignatory(signatory, 'approval', ['quality-reviewer', 'qualified-person'], 'close a deviation of a model');
  if (last.signature.signerId === signatory.signature.signerId) throw new DomainError('signature-same-person', `this person assessed ${runId}; another person must close it`, { deviationId: runId });
  return [{ type: 'model-deviation-closed-here', modelId, version, runId, conclusion, signature: signatory.signature }];
};

/**
 * Let a version speak here again, once every deviation of its use is closed: so two people looked. It does while the control site has it active.
 *
 * @throws DomainError `model-not-found`, `model-state-wrong` when it is not stopped, `deviation-state-wrong`, `role-missing`, `signature-meaning-wrong` (wants `responsibility` of quality)
 */
export const resumeUse = (known: NodeModel | undefined, modelId: string, version: number, reason: string, signatory: Signatory): readonly OwnDriftEvent[] => {
  const { model } = requireRecord(known, modelId, version);
  if (!isStopped(model, version)) throw new DomainError('model-state-wrong', `version ${version} of ${modelId} is not stopped here, want it stopped to resume it`, { modelId, version });
  requireSignatory(signatory, 'responsibility', ['quality-reviewer', 'qualified-person'], 'resume the use of a model');
  const open = openUseDeviations(model, version).map(({ runId }) => runId);
  if (open.length > 0) throw new DomainError('deviation-state-wrong', `deviation ${open.join(', ')} of ${modelId}: want each closed`, { deviationIds: open });
  return [{ type: 'model-use-resumed-here', modelId, version, reason, signature: signatory.signature }];
};
