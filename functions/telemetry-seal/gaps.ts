import type { Actor } from '../../shared/record/envelope.ts';
import { findGaps, type Gap, type SequenceMark } from '../../shared/telemetry/sequence.ts';
import { keyOf } from '../../shared/storage/keys.ts';
import type { DeviceAssignment } from '../batch-api/equipment-companions.ts';
import type { SealPorts } from './handler.ts';

export const SEAL_ACTOR: Actor = { kind: 'system', id: 'telemetry-seal', version: '1.0.0' };
type Assigned = DeviceAssignment & Readonly<{ sk: string }>;

const lastKey = (edgeNodeId: string) => ({ pk: `SEQUENCE#${edgeNodeId}`, sk: 'LAST' });

/** Devices of one gateway that batches have now. */
export const assignmentsOf = async ({ operations }: Pick<SealPorts, 'operations'>, edgeNodeId: string): Promise<readonly Assigned[]> =>
  (await operations.list<Assigned>(keyOf.device(edgeNodeId, '-').pk, { limit: 200 })).items;

const iso = (epochMs: number): string => new Date(epochMs).toISOString();

const recordInBatch = async ({ batches }: SealPorts, { batchId, sk: deviceId, criticalMetrics, from }: Assigned, { gapId, edgeNodeId, fromEpochMs, toEpochMs, lostMessages, cause }: Gap): Promise<void> => {
  if (toEpochMs <= Date.parse(from)) return;
  const id = `${gapId}-${deviceId}`.slice(0, 64);
  await batches.change(batchId, ({ state }) => (state === undefined || state.gaps[id] !== undefined ? [] : [
    { type: 'telemetry-gap-recorded', gapId: id, edgeNodeId, deviceId, from: iso(fromEpochMs), to: iso(toEpochMs), lostMessages, cause, critical: criticalMetrics.length > 0 },
  ]), { actor: SEAL_ACTOR });
};

/**
 * Find gaps in one gateway's messages of a minute and against the last message before, and put them on the record of every batch that has one of its devices. A gap
 * stays on record when its messages come late after all: someone has to have looked.
 */
export const recordGaps = async (ports: SealPorts, edgeNodeId: string, marks: readonly SequenceMark[]): Promise<void> => {
  if (marks.length === 0) return;
  const held = await ports.operations.get<SequenceMark>(lastKey(edgeNodeId));
  const earliest = Math.min(...marks.map(({ timestampEpochMs }) => timestampEpochMs));
  const before = held === undefined || held.timestampEpochMs > earliest ? undefined : { timestampEpochMs: held.timestampEpochMs, seq: held.seq, kind: held.kind };
  const { gaps, last } = findGaps(edgeNodeId, marks, before);
  const assignments = gaps.length === 0 ? [] : await assignmentsOf(ports, edgeNodeId);
  for (const gap of gaps) for (const assignment of assignments) await recordInBatch(ports, assignment, gap);
  if (last !== undefined && (held === undefined || last.timestampEpochMs >= held.timestampEpochMs)) await ports.operations.put(lastKey(edgeNodeId), { ...last });
};
