import { DomainError } from '../errors.ts';
import type { Signature } from '../record/envelope.ts';
import type { DriftJudgement } from './drift-judgement.ts';
import type { Basis, Fact, ModelEvent, Training } from './events.ts';
import type { ModelPlan } from './model-plan.ts';
import type { TestReport } from './test-report.ts';
import type { UseAtHospital } from './use-at-hospital.ts';

export const MODEL_STATES = ['drafted', 'candidate', 'accepted', 'active', 'suspended', 'retired'] as const;
export type ModelState = (typeof MODEL_STATES)[number];

export type ModelDeviation = Readonly<{
  deviationId: string; version: number; rule: string; criterionIds: readonly string[]; detail: string; asks?: 'suspension';
  assessment?: Readonly<{ acceptable: boolean; impact: string; rootCause: string; signature: Signature }>;
}>;
export type ModelVersion = Readonly<{
  version: number;
  state: ModelState;
  plan: ModelPlan;
  planHash: string;
  basis: Basis;
  /** When this plan was signed for this version; taken back when the plan is drafted again. */
  planApprovedAt?: string;
  planSignature?: Signature;
  training?: Training;
  authorId?: string;
  report?: TestReport;
  testSignature?: Signature;
  testDataId?: string;
  adequacy?: string;
  /** The last ones, in order of the record. */
  driftJudgements?: readonly DriftJudgement[];
  /** Who assessed a deviation of it since it was last active and then suspended, acceptable or not. */
  assessorIds?: readonly string[];
  /** In order of the record. A version that is suspended and stopped once more has another move to `suspended`. Of a stop: the deviation that asks about it, and of one by a rule the rule and the counts it was found in. */
  moves: readonly Readonly<{ to: ModelState; at: string; reason?: string; signature?: Signature; rule?: string; evidenceSha256?: string; deviationId?: string }>[];
}>;
/** `events` counts the events seen. */
export type Model = Readonly<{ modelId: string; versions: readonly ModelVersion[]; deviations: readonly ModelDeviation[]; /** What each hospital told last of its use, in the order they first did. */ hospitals?: readonly UseAtHospital[]; events: number }>;

/** Of drift, with a version; all of them are in the events. */
const JUDGEMENTS_KEPT = 12;

const change = (model: Model, version: number, next: (each: ModelVersion) => ModelVersion): Model =>
  ({ ...model, versions: model.versions.map((each) => (each.version === version ? next(each) : each)) });

type Move = Omit<ModelVersion['moves'][number], 'to'>;
const moved = (to: ModelState, move: Move, more: Partial<ModelVersion> = {}) => (each: ModelVersion): ModelVersion =>
  ({ ...each, ...more, state: to, moves: [...each.moves, { to, ...move }] });

/** The first stop begins to ask who assesses; a further one goes on with those who did. */
const stopped = ({ reason, by, deviationId }: Extract<ModelEvent, { type: 'model-suspended' }>, at: string) => (each: ModelVersion): ModelVersion =>
  moved('suspended', { at, reason, ...(by.kind === 'person' ? { signature: by.signature } : { rule: by.rule, evidenceSha256: by.evidenceSha256 }), ...(deviationId !== undefined && { deviationId }) }, { assessorIds: each.state === 'suspended' ? each.assessorIds ?? [] : [] })(each);

/** The last that each hospital told, in the order they first did. */
const withTold = (held: readonly UseAtHospital[] = [], told: UseAtHospital): readonly UseAtHospital[] =>
  (held.some(({ nodeId }) => nodeId === told.nodeId) ? held.map((each) => (each.nodeId === told.nodeId ? told : each)) : [...held, told]);

/** The assessment with its deviation; and, where the version waits to come back, who gave it. */
const assessed = (model: Model, { type: _, deviationId, ...assessment }: Extract<ModelEvent, { type: 'model-deviation-assessed' }>): Model => {
  const deviations = model.deviations.map((each) => (each.deviationId === deviationId ? { ...each, assessment } : each));
  const version = deviations.find((each) => each.deviationId === deviationId)?.version;
  return { ...model, deviations, versions: model.versions.map((each) => (each.version === version && each.state === 'suspended' ? { ...each, assessorIds: [...each.assessorIds ?? [], assessment.signature.signerId] } : each)) };
};

type LaterEvent = Exclude<ModelEvent, { type: 'model-version-drafted' }>;

const evolveLater = (model: Model, event: LaterEvent, at: string): Model => {
  switch (event.type) {
    case 'model-plan-approved':
      return change(model, event.version, (each) => ({ ...each, planApprovedAt: at, planSignature: event.signature }));
    case 'model-candidate-submitted':
      return change(model, event.version, moved('candidate', { at, signature: event.signature }, { training: event.training, authorId: event.signature.signerId }));
    case 'model-test-recorded':
      return change(model, event.version, (each) => ({ ...each, report: event.report, testSignature: event.signature }));
    case 'model-deviation-raised': {
      const { type: _, ...deviation } = event;
      return { ...model, deviations: [...model.deviations, deviation] };
    }
    case 'model-drift-judged': {
      const { type: _, version, ...judgement } = event;
      return change(model, version, (each) => ({ ...each, driftJudgements: [...each.driftJudgements ?? [], judgement].slice(-JUDGEMENTS_KEPT) }));
    }
    case 'model-use-told': {
      const { type: _, ...told } = event;
      return { ...model, hospitals: withTold(model.hospitals, told) };
    }
    case 'model-deviation-assessed': return assessed(model, event);
    case 'model-accepted':
      return change(model, event.version, moved('accepted', { at, signature: event.signature }, { testDataId: event.testDataId, adequacy: event.adequacy }));
    case 'model-activated': {
      const active = change(model, event.version, moved('active', { at, signature: event.signature }));
      return event.supersededVersion === undefined ? active : change(active, event.supersededVersion, moved('retired', { at, reason: `superseded by version ${event.version}`, signature: event.signature }));
    }
    case 'model-suspended': return change(model, event.version, stopped(event, at));
    case 'model-reinstated':
      return change(model, event.version, moved('active', { at, reason: event.reason, signature: event.signature }));
    case 'model-retired':
      return change(model, event.version, moved('retired', { at, reason: event.reason, signature: event.signature }));
    default:
      return event satisfies never;
  }
};

export const evolveModel = (model: Model | undefined, { event, recordedAt, stream, version: events }: Fact<ModelEvent>): Model => {
  if (event.type === 'model-version-drafted') {
    const { modelId, version, plan, planHash, basis } = event;
    const others = model?.versions.filter((each) => each.version !== version) ?? [];
    return { ...model, modelId, versions: [...others, { version, state: 'drafted', plan, planHash, basis, moves: [{ to: 'drafted', at: recordedAt }] }], deviations: model?.deviations ?? [], events };
  }
  if (model === undefined) throw new DomainError('record-corrupt', `model ${stream.id} does not begin with a draft`, { id: stream.id });
  return { ...evolveLater(model, event, recordedAt), events };
};

export const versionIn = (model: Model, ...states: readonly ModelState[]): ModelVersion | undefined => model.versions.find(({ state }) => states.includes(state));

/** The version in work: at most one, since a next draft waits for it. */
export const inWork = (model: Model): ModelVersion | undefined => versionIn(model, 'drafted', 'candidate', 'accepted');

/** Has this version, at any time, been accepted? */
export const wasAccepted = ({ moves }: ModelVersion): boolean => moves.some(({ to }) => to === 'accepted');

/** Did this person train the version, or hand it in? */
export const isDeveloper = ({ plan, authorId }: ModelVersion, personId: string): boolean => authorId === personId || plan.design.developerIds.includes(personId);

/** Versions that carry this plan, to the byte: a planned retraining and what it came of. */
const ofSamePlan = ({ versions }: Model, { planHash }: ModelVersion): readonly ModelVersion[] => versions.filter((each) => each.planHash === planHash);

/** Did this person sign the plan of this version as an independent expert, here or where a planned retraining has it from? */
export const signedPlan = (model: Model, found: ModelVersion, personId: string): boolean => ofSamePlan(model, found).some(({ planSignature }) => planSignature?.signerId === personId);

/** Did this person train a version under this plan, by what the plan says or by having handed it in? */
export const trainsUnderPlan = (model: Model, found: ModelVersion, personId: string): boolean => ofSamePlan(model, found).some((each) => isDeveloper(each, personId));

/**
 * When the criteria of this version were signed: with its own plan, or, where a planned retraining carries the same plan on, with the version it came from.
 *
 * @returns RFC 3339; undefined while nobody has signed
 */
export const fixedPlanTime = (model: Model, { planApprovedAt, planHash, basis }: ModelVersion): string | undefined => {
  if (planApprovedAt === undefined || basis.kind === 'new-question') return planApprovedAt;
  const origin = model.versions.find(({ version }) => version === basis.ofVersion);
  return origin?.planHash === planHash ? fixedPlanTime(model, origin) : planApprovedAt;
};

/** @throws DomainError `model-not-found`, `model-state-wrong` */
export const requireVersion = (model: Model | undefined, modelId: string, version: number, ...wanted: readonly ModelState[]): Readonly<{ model: Model; found: ModelVersion }> => {
  const found = model?.versions.find((each) => each.version === version);
  if (model === undefined || found === undefined) throw new DomainError('model-not-found', `no version ${version} of model ${modelId}`, { modelId, version });
  if (!wanted.includes(found.state)) throw new DomainError('model-state-wrong', `version ${version} of model ${modelId} is ${found.state}, want ${wanted.join(' or ')}`, { modelId, version, state: found.state });
  return { model, found };
};
