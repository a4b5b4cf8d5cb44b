import type * as z from 'zod';
import { keyOf } from '../../shared/storage/keys.ts';
import { gatewayStates, type GatewayDevice, type GatewayState, type Heard, type Speaker } from '../../shared/telemetry/gateways.ts';
import type { SequenceState } from '../../shared/telemetry/sequence.ts';
import { decodeCursor, encodeCursor } from '../_platform/cursor.ts';
import type { View } from '../_platform/granted-view.ts';
import { inParallel } from '../_platform/in-parallel.ts';
import { walk } from '../_platform/walk.ts';
import type { ListGateways } from './schema.ts';

type Page = z.input<typeof ListGateways.answer>;
type Gateway = Page['items'][number];
type Operations = View['operations'];
type Equipment = Readonly<{ equipmentId: string; device?: Readonly<{ edgeNodeId: string; deviceId: string }> }>;

/** The latest numbering of each gateway stands in one partition: that is the list of those heard. */
const { pk: PARTITION } = keyOf.lastSequence('-');

const heardIn = async (operations: Operations): Promise<readonly Heard[]> => {
  const heard: Heard[] = [];
  for await (const { sk, state } of walk<Readonly<{ sk: string; state: SequenceState }>>(operations, PARTITION)) heard.push({ edgeNodeId: sk, state });
  return heard;
};

const speakersIn = async (operations: Operations): Promise<readonly Speaker[]> => {
  const speakers: Speaker[] = [];
  for await (const { equipmentId, device } of walk<Equipment>(operations, keyOf.summary('equipment', '-').pk)) if (device !== undefined) speakers.push({ equipmentId, ...device });
  return speakers;
};

const lastBirth = async (operations: Operations, edgeNodeId: string, deviceId: string): Promise<number | undefined> => {
  const { pk, prefix } = keyOf.birthsOfDevice(edgeNodeId, deviceId);
  return (await operations.list<Readonly<{ timestampEpochMs: number }>>(pk, { limit: 1 }, { prefix, newestFirst: true })).items[0]?.timestampEpochMs;
};

const at = <Name extends string>(name: Name, epochMs: number | undefined) => (epochMs === undefined ? {} : { [name]: new Date(epochMs).toISOString() }) as Partial<Record<Name, string>>;

const deviceView = async (operations: Operations, edgeNodeId: string, { deviceId, equipmentId, offlineSinceEpochMs }: GatewayDevice): Promise<Gateway['devices'][number]> =>
  ({ deviceId, ...(equipmentId === undefined ? {} : { equipmentId }), ...at('lastBornAt', await lastBirth(operations, edgeNodeId, deviceId)), ...at('offlineSince', offlineSinceEpochMs) });

const gatewayView = async (operations: Operations, { edgeNodeId, lastHeardEpochMs, offlineSinceEpochMs, bdSeq, devices }: GatewayState): Promise<Gateway> => ({
  edgeNodeId, ...at('lastHeardAt', lastHeardEpochMs), ...at('offlineSince', offlineSinceEpochMs), ...(bdSeq === undefined ? {} : { bdSeq }),
  devices: [...await inParallel(devices, (each) => deviceView(operations, edgeNodeId, each))],
});

/**
 * A page of the gateways of this hospital, by name. In O(gateways and equipment), a few hundred: those that were never heard are in the register of equipment alone.
 *
 * @throws DomainError `cursor-malformed`
 */
export const listGateways = async ({ operations }: Pick<View, 'operations'>, { limit, cursor }: Readonly<{ limit: number; cursor?: string | undefined }>): Promise<Page> => {
  const after = decodeCursor(cursor, PARTITION)?.sk ?? '';
  const [heard, speakers] = await Promise.all([heardIn(operations), speakersIn(operations)]);
  const left = gatewayStates(heard, speakers).filter(({ edgeNodeId }) => edgeNodeId > after);
  const page = left.slice(0, limit);
  const nextCursor = left.length > limit ? encodeCursor({ pk: PARTITION, sk: page.at(-1)?.edgeNodeId ?? '' }) : undefined;
  return { items: [...await inParallel(page, (each) => gatewayView(operations, each))], ...(nextCursor === undefined ? {} : { nextCursor }) };
};
