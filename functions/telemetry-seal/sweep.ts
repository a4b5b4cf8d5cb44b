import { createHash } from 'node:crypto';
import type { SealedChunk } from '../../shared/batch/events.ts';
import type { Batch } from '../../shared/batch/state.ts';
import { keyOf } from '../../shared/storage/keys.ts';
import { MINUTE_MS, labelOfKey, minuteOf, objectKeyOf } from '../../shared/telemetry/minute.ts';
import { inParallel } from '../_platform/in-parallel.ts';
import { listAll } from './assignments.ts';
import type { NamingPorts } from './ports.ts';

type Stretch = Readonly<{ edgeNodeId: string; deviceId: string | undefined; fromEpochMs: number; toEpochMs: number }>;

/** Devices for the time the batch had them, and their gateways' own messages. */
const stretchesOf = ({ equipment, completedAt }: Batch): readonly Stretch[] => Object.values(equipment).flatMap(({ device, from, to = completedAt ?? from }) => {
  if (device === undefined) return [];
  const stretch = { edgeNodeId: device.edgeNodeId, fromEpochMs: minuteOf(Date.parse(from)), toEpochMs: Date.parse(to) };
  return [{ ...stretch, deviceId: device.deviceId }, { ...stretch, deviceId: undefined }];
});

const keysIn = async ({ objects }: NamingPorts, { edgeNodeId, deviceId, fromEpochMs, toEpochMs }: Stretch): Promise<readonly string[]> =>
  (await objects.list(objectKeyOf.chunkPrefix(edgeNodeId, deviceId), { startAfter: objectKeyOf.chunk(edgeNodeId, deviceId, fromEpochMs - MINUTE_MS) })).filter((key) => labelOfKey(key) < toEpochMs);

/**
 * Chunks in the store of a batch's devices and time that neither wait to be named nor are: after the loss of what waited, there are some. Looked for before the record says
 * that all is named, so that it is true whatever became of the operations table.
 */
export const sweep = async (ports: NamingPorts, batch: Batch, waiting: readonly SealedChunk[]): Promise<readonly SealedChunk[]> => {
  const hours = await listAll<Readonly<{ named: Readonly<Record<string, unknown>> }>>(ports.operations, keyOf.namedChunks(batch.batchId, '-').pk);
  const known = new Set([...hours.flatMap(({ named }) => Object.keys(named)), ...waiting.map(({ key }) => key)]);
  const keys = new Set((await inParallel(stretchesOf(batch), (stretch) => keysIn(ports, stretch))).flat());
  return (await inParallel([...keys].filter((key) => !known.has(key)), async (key) => {
    const body = (await ports.objects.get(key))?.body;
    return body === undefined ? [] : [{ key, sha256: createHash('sha256').update(body).digest('hex') }];
  })).flat();
};
