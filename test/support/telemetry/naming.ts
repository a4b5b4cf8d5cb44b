import { createHash } from 'node:crypto';
import type { BatchEvent, SealedChunk } from '../../../shared/batch/events.ts';
import { objectKeyOf } from '../../../shared/telemetry/minute.ts';
import { Gateway } from './gateway.ts';
import { BATCH, createHospital } from './hospital.ts';

export type Hospital = ReturnType<typeof createHospital>;
export type Sealed = Extract<BatchEvent, { type: 'telemetry-sealed' }>;
export const [MINUTE_MS, HOUR, GRACE] = [60_000, 3_600_000, 180_000];
export const ACTOR = { kind: 'system', id: 'test', version: '1' } as const;
export const DEVICE = { edgeNodeId: 'gateway-1', deviceId: 'bioreactor-1' };
export const sha256 = (bytes: Uint8Array): string => createHash('sha256').update(bytes).digest('hex');
export const at = (hospital: Hospital, epochMs: number): void => { hospital.time.epochMs = epochMs; };
export const record = (hospital: Hospital, ...events: readonly BatchEvent[]) => hospital.batches.change(BATCH, () => events, { actor: ACTOR });
export const namedIn = async ({ record }: Hospital): Promise<readonly Sealed[]> => (await record.load<BatchEvent>({ kind: 'batch', id: BATCH })).map(({ event }) => event).filter((event) => event.type === 'telemetry-sealed');
export const chunksNamed = async (hospital: Hospital): Promise<readonly SealedChunk[]> => (await namedIn(hospital)).flatMap(({ chunks }) => chunks);
export const waiting = ({ operations }: Hospital): readonly string[] => [...operations.items.keys()].filter((key) => key.startsWith('TELEMETRY-UNNAMED'));
export const storedHashes = ({ keys, objects }: Hospital): readonly string[] => keys('sealed/').map((key) => `${key} ${sha256(objects.objects.get(key)!)}`);
export const asText = ({ key, sha256: hash }: SealedChunk): string => `${key} ${hash}`;
/** Bytes that a name stands for: at its key, or kept from before. */
export const bytesOf = ({ objects }: Hospital, { key, sha256: hash }: SealedChunk): Uint8Array | undefined =>
  [objects.objects.get(key), objects.objects.get(objectKeyOf.superseded(hash))].find((bytes) => bytes !== undefined && sha256(bytes) === hash);

/** A batch that has begun, with equipment that measures. */
export const begin = async (): Promise<Readonly<{ hospital: Hospital; gateway: Gateway }>> => {
  const hospital = createHospital();
  await hospital.beginBatch();
  await record(hospital, { type: 'batch-started' }, { type: 'phase-started', phaseId: 'culture' }, { type: 'equipment-assigned', phaseId: 'culture', equipmentId: 'EQ-1', equipmentClassId: 'bioreactor', device: DEVICE });
  return { hospital, gateway: new Gateway() };
};
