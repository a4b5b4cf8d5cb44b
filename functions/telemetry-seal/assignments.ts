import type { Actor } from '../../shared/record/envelope.ts';
import { keyOf } from '../../shared/storage/keys.ts';
import { gapOf, type Gap } from '../../shared/telemetry/sequence.ts';
import type { DeviceAssignment } from '../_platform/device-assignment.ts';
import type { OperationsStore } from '../_platform/ports.ts';
import type { SealPorts } from './ports.ts';

export const SEAL_ACTOR: Actor = { kind: 'system', id: 'telemetry-seal', version: '1.0.0' };

/** A batch that has a device, or had it until `to`. */
export type Assignment = DeviceAssignment & Readonly<{ deviceId: string; to?: string | undefined }>;

const PAGE = 200;

export const listAll = async <Item>(operations: Pick<OperationsStore, 'list'>, pk: string, options: Readonly<{ prefix?: string }> = {}): Promise<readonly Item[]> => {
  const items: Item[] = [];
  let cursor: string | undefined;
  do {
    const page = await operations.list<Item>(pk, { limit: PAGE, ...(cursor === undefined ? {} : { cursor }) }, options);
    items.push(...page.items);
    cursor = page.nextCursor;
  } while (cursor !== undefined);
  return items;
};

/** Batches that have devices of one gateway, and those that had one until lately: telemetry comes late. */
export const assignmentsOf = async ({ operations }: Pick<SealPorts, 'operations'>, edgeNodeId: string): Promise<readonly Assignment[]> => {
  const now = await listAll<DeviceAssignment & Readonly<{ sk: string }>>(operations, keyOf.device(edgeNodeId, '-').pk);
  const before = await listAll<Assignment>(operations, keyOf.deviceBefore(edgeNodeId, '-', '-').pk);
  return [...before, ...now.map(({ sk, ...assignment }) => ({ ...assignment, deviceId: sk }))];
};

export const endOf = ({ to }: Assignment): number => (to === undefined ? Infinity : Date.parse(to));

const iso = (epochMs: number): string => new Date(epochMs).toISOString();

/** Put a gap on the record of one batch, once. A gap stays on record when its messages come late after all: someone has to have looked. */
const recordInBatch = async ({ batches }: SealPorts, { batchId, deviceId, criticalMetrics }: Assignment, { gapId, edgeNodeId, fromEpochMs, toEpochMs, lostMessages, cause }: Gap): Promise<void> => {
  const id = `${gapId}-${deviceId}`.slice(0, 64);
  await batches.change(batchId, ({ state }) => (state === undefined || state.gaps[id] !== undefined ? [] : [
    { type: 'telemetry-gap-recorded', gapId: id, edgeNodeId, deviceId, from: iso(fromEpochMs), to: iso(toEpochMs), lostMessages, cause, critical: criticalMetrics.length > 0 },
  ]), { actor: SEAL_ACTOR });
};

/** A time offline concerns a batch until it let the device go; whether the gateway came back afterwards is not its matter, and makes no second gap. */
const ofAssignment = (gap: Gap, assignment: Assignment): Gap =>
  (gap.cause === 'offline' ? gapOf({ ...gap, deviceId: assignment.deviceId, toEpochMs: Math.min(gap.toEpochMs, endOf(assignment)) }) : gap);

/** Put gaps on the record of every batch that had a device they concern at that time. A lost message may have held anything, so a critical parameter makes it critical. */
export const recordGaps = async (ports: SealPorts, edgeNodeId: string, gaps: readonly Gap[]): Promise<void> => {
  if (gaps.length === 0) return;
  const assignments = await assignmentsOf(ports, edgeNodeId);
  for (const gap of gaps) {
    const concerned = assignments.filter((each) => (gap.deviceId === undefined || gap.deviceId === each.deviceId) && gap.toEpochMs >= Date.parse(each.from) && gap.fromEpochMs < endOf(each));
    for (const assignment of concerned) await recordInBatch(ports, assignment, ofAssignment(gap, assignment));
  }
};
