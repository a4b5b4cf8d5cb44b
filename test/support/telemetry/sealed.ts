import { createHash } from 'node:crypto';
import { sealTelemetry } from '../../../shared/batch/commands/telemetry.ts';
import type { SealedChunk } from '../../../shared/batch/events.ts';
import { objectKeyOf } from '../../../shared/telemetry/minute.ts';
import type { TestNode } from '../node.ts';
import { MINUTE } from './sparkplug-writer.ts';

const ACTOR = { kind: 'system', id: 'telemetry-seal', version: '1.0.0' } as const;
const sha256 = (bytes: Uint8Array): string => createHash('sha256').update(bytes).digest('hex');

/** Store chunks of `bioreactor-1` and put them on a batch's record, as the sealer does; one that is there is changed, and what it was is kept. */
export const sealChunks = async ({ records, telemetryObjects }: TestNode, batchId: string, bytesByMinute: Readonly<Record<number, Uint8Array>>): Promise<readonly SealedChunk[]> => {
  const chunks: SealedChunk[] = [];
  for (const [minute, bytes] of Object.entries(bytesByMinute)) {
    const key = objectKeyOf.chunk('gateway-1', 'bioreactor-1', MINUTE + Number(minute) * 60_000);
    const before = telemetryObjects.objects.get(key);
    if (before !== undefined) telemetryObjects.objects.set(objectKeyOf.superseded(sha256(before)), before);
    telemetryObjects.objects.set(key, bytes);
    chunks.push({ key, sha256: sha256(bytes) });
  }
  await records.batches.change(batchId, () => sealTelemetry(chunks), { actor: ACTOR });
  return chunks;
};
