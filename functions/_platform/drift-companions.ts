import type { ModelRecordEvent, NodeModel } from '../../shared/model-registry/node-record.ts';
import { NO_USE, STOPPED_BY_PERSON } from '../../shared/model-registry/own-drift.ts';
import type { Role } from '../../shared/record/envelope.ts';
import { keyOf } from '../../shared/storage/keys.ts';
import type { Companion } from './ports.ts';

const subjectOf = ({ modelId, version, runId }: Readonly<{ modelId: string; version: number; runId: string }>): string => `model-drift/${modelId}/${version}/${runId}`;

type Held = Pick<NodeModel, 'drift' | 'use'>;
type Raised = Extract<ModelRecordEvent, { type: 'model-deviation-raised-here' }>;
const asked = (roles: readonly Role[], subject: string, item: Readonly<Record<string, unknown>>): readonly Companion[] =>
  roles.map((role) => ({ type: 'put', key: keyOf.work(role, subject), onlyIfAbsent: false, attributes: { subject, kind: 'model-drift', ...item } }));
const done = (roles: readonly Role[], subject: string): readonly Companion[] => roles.map((role) => ({ type: 'delete', key: keyOf.work(role, subject) }));

const titleOf = ({ modelId, version, rule }: Raised): string => `${rule === STOPPED_BY_PERSON ? 'Use of' : 'Own drift of'} model ${modelId} version ${version}`;
const detailOf = ({ severity, asks, rule, detail }: Raised): string => `${severity} deviation, ${rule}${asks === 'stop' ? ', asks whether to stop the model here' : ''}: ${detail}`;

/**
 * Drift on the work list of everyone who is asked: what the control site told until it is settled there or assessed here, the hospital's own until quality closes it.
 *
 * @param held before the events
 */
export const driftCompanions = ({ drift = [], use = NO_USE }: Held, events: readonly ModelRecordEvent[], at: string): readonly Companion[] => events.flatMap((event): readonly Companion[] => {
  const isOfRun = (each: Readonly<{ version: number; runId: string }>): boolean => 'runId' in event && each.version === event.version && each.runId === event.runId;
  switch (event.type) {
    case 'model-drift-told':
      return asked(event.askedOf, subjectOf(event), {
        title: `Drift of model ${event.modelId} version ${event.version}`, raisedAt: at, detail: `${event.decision === 'suspend' ? 'suspension by the rule of its plan' : 'alarm'}, on ${event.cases} cases of all hospitals: ${event.detail}`,
      });
    case 'model-drift-settled': case 'model-drift-assessed-here': return done(drift.find(isOfRun)?.askedOf ?? [], subjectOf(event));
    case 'model-deviation-raised-here': return asked(event.askedOf, subjectOf(event), { title: titleOf(event), raisedAt: at, detail: detailOf(event) });
    case 'model-deviation-closed-here': return done(use.deviations.find(isOfRun)?.askedOf ?? [], subjectOf(event));
    case 'model-record-taken': case 'model-reference-taken': case 'model-drift-judged-here': case 'model-use-stopped-here': case 'model-use-resumed-here': return [];
    default: return event satisfies never;
  }
});
