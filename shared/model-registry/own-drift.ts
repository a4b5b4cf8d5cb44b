import type { DeviationSeverity } from '../batch/events.ts';
import type { Recorded, Role, Signature } from '../record/envelope.ts';
import type { Distribution } from './distributions.ts';
import type { DriftFinding } from './put-to-use.ts';
import type { Model } from './model.ts';
import type { MonitoringPlan } from './model-plan.ts';

/** What a hospital judges drift by: the rule that was signed with the plan, and what the inputs and the score were at the test. */
export type DriftReference = Readonly<{ modelId: string; version: number; planHash: string; monitoring: MonitoringPlan; distributions: readonly Distribution[] }>;

/** References of the versions that hospitals may use. A version whose test has no distributions on record has none. */
export const driftReferencesOf = ({ modelId, versions }: Model): readonly DriftReference[] => versions.flatMap(({ version, state, planHash, plan: { monitoring }, report }) =>
  ((state === 'active' || state === 'suspended') && report?.distributions !== undefined ? [{ modelId, version, planHash, monitoring, distributions: report.distributions }] : []));

/** Times are UTC, RFC 3339; without `from`, all the version ever said here. `no-statement`: nothing could be judged, which is not that all is well. `countsSha256` of the counts in canonical JSON. */
export type OwnJudgement = Readonly<{
  version: number; runId: string; from?: string; to: string; cases: number; decision: DriftFinding['decision'] | 'no-statement'; detail: string; notJudged: readonly string[]; countsSha256: string;
}>;
/** What a hospital's people find of drift. One that is not acceptable keeps the deviation open. */
export type DriftAssessment = Readonly<{ acceptable: boolean; impact: string; rootCause: string; signature: Signature }>;

/** Who is asked, how severe drift of this output is here, by the hospital's governance table. */
export type DriftPolicy = Readonly<{ severity: DeviationSeverity; askedOf: readonly Role[] }>;

type OfRun = Readonly<{ modelId: string; version: number; runId: string }>;
/** On a hospital's record of a model: its own judgement of drift, and what its people do about the use of the model there. */
export type OwnDriftEvent =
  | (DriftReference & Readonly<{ type: 'model-reference-taken' }>)
  | (OwnJudgement & Readonly<{ type: 'model-drift-judged-here'; modelId: string }>)
  | (OfRun & Readonly<{ type: 'model-deviation-raised-here'; rule: string; severity: DeviationSeverity; detail: string; askedOf: readonly Role[]; /** By the plan people decide on stopping, and are asked for it. */ asks?: 'stop' }>)
  | (OfRun & DriftAssessment & Readonly<{ type: 'model-drift-assessed-here' }>)
  | (OfRun & Readonly<{ type: 'model-deviation-closed-here'; conclusion: string; signature: Signature }>)
  | Readonly<{ type: 'model-use-stopped-here'; modelId: string; version: number; runId: string; reason: string; by: 'person' | 'rule' }>
  | Readonly<{ type: 'model-use-resumed-here'; modelId: string; version: number; reason: string; signature: Signature }>;

/** A deviation of the use of a model at this hospital. `runId` names the judgement, or the stop, it came of. */
export type UseDeviation = Omit<Extract<OwnDriftEvent, { type: 'model-deviation-raised-here' }>, 'type' | 'modelId'> & Readonly<{ assessments: readonly DriftAssessment[]; closed?: Readonly<{ conclusion: string; signature: Signature }> }>;
/** `actorId` is the person, or the function whose rule it was; `at` is server time. */
export type UseStop = Readonly<{ version: number; runId: string; reason: string; by: 'person' | 'rule'; actorId: string; at: string }>;
/** The use of a model at this hospital. */
export type OwnUse = Readonly<{
  references: readonly DriftReference[];
  judgements: readonly OwnJudgement[];
  deviations: readonly UseDeviation[];
  /** Since it last spoke here, in order of the record. */
  stops: readonly UseStop[];
}>;
export const NO_USE: OwnUse = { references: [], judgements: [], deviations: [], stops: [] };
/** Rule of the deviation that a stop by a person opens; every other is drift. */
export const STOPPED_BY_PERSON = 'stopped-by-person';
/** Of the judgements, with the model; all of them are in the events. */
const JUDGEMENTS_KEPT = 24;

const change = (use: OwnUse, { version, runId }: OfRun, next: (held: UseDeviation) => UseDeviation): OwnUse =>
  ({ ...use, deviations: use.deviations.map((each) => (each.version === version && each.runId === runId ? next(each) : each)) });

export const evolveOwnUse = (use: OwnUse, { event, actor, recordedAt }: Pick<Recorded<OwnDriftEvent>, 'event' | 'actor' | 'recordedAt'>): OwnUse => {
  switch (event.type) {
    case 'model-reference-taken': {
      const { type: _, ...reference } = event;
      return { ...use, references: [...use.references, reference] };
    }
    case 'model-drift-judged-here': {
      const { type: _, modelId: __, ...judgement } = event;
      return { ...use, judgements: [...use.judgements, judgement].slice(-JUDGEMENTS_KEPT) };
    }
    case 'model-deviation-raised-here': {
      const { type: _, modelId: __, ...deviation } = event;
      return { ...use, deviations: [...use.deviations, { ...deviation, assessments: [] }] };
    }
    case 'model-drift-assessed-here': {
      const { acceptable, impact, rootCause, signature } = event;
      return change(use, event, (held) => ({ ...held, assessments: [...held.assessments, { acceptable, impact, rootCause, signature }] }));
    }
    case 'model-deviation-closed-here': return change(use, event, (held) => ({ ...held, closed: { conclusion: event.conclusion, signature: event.signature } }));
    case 'model-use-stopped-here': return { ...use, stops: [...use.stops, { version: event.version, runId: event.runId, reason: event.reason, by: event.by, actorId: actor.id, at: recordedAt }] };
    case 'model-use-resumed-here': return { ...use, stops: use.stops.filter(({ version }) => version !== event.version) };
    default: return event satisfies never;
  }
};
