import type { DriftHere } from '../../shared/model-registry/node-drift.ts';
import type { ModelRecordEvent } from '../../shared/model-registry/node-record.ts';
import { keyOf } from '../../shared/storage/keys.ts';
import type { Companion } from './ports.ts';

const subjectOf = ({ modelId, version, runId }: Readonly<{ modelId: string; version: number; runId: string }>): string => `model-drift/${modelId}/${version}/${runId}`;

/**
 * Drift on the work list of everyone who is asked, until it is settled.
 *
 * @param held of drift before the events
 */
export const driftCompanions = (held: readonly DriftHere[], events: readonly ModelRecordEvent[], at: string): readonly Companion[] => events.flatMap((event): readonly Companion[] => {
  if (event.type === 'model-drift-told') {
    const subject = subjectOf(event);
    const detail = `${event.decision === 'suspend' ? 'suspension by the rule of its plan' : 'alarm'}, on ${event.cases} cases of all hospitals: ${event.detail}`;
    return event.askedOf.map((role) => ({ type: 'put', key: keyOf.work(role, subject), onlyIfAbsent: false, attributes: { subject, kind: 'model-drift', title: `Drift of model ${event.modelId} version ${event.version}`, detail, raisedAt: at } }));
  }
  if (event.type !== 'model-drift-settled') return [];
  const asked = held.find(({ version, runId }) => version === event.version && runId === event.runId)?.askedOf ?? [];
  return asked.map((role) => ({ type: 'delete', key: keyOf.work(role, subjectOf(event)) }));
});
