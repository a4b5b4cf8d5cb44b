import { DomainError } from '../errors.ts';
import type { Recorded } from '../record/envelope.ts';
import type { BatchEvent } from './events.ts';
import { evolvePersonalData } from './fold-personal-data.ts';
import { evolveProduction } from './fold-production.ts';
import { evolveQuality } from './fold-quality.ts';
import type { Batch } from './state.ts';

type RecordedBatchEvent = Recorded<BatchEvent>;

const create = ({ event, version, hash, recordedAt, stream }: RecordedBatchEvent): Batch => {
  if (event.type !== 'batch-created') {
    throw new DomainError('record-corrupt', `batch ${stream.id} begins with ${event.type}, want batch-created`, { id: stream.id });
  }
  const { batchId, nodeId, productId, chainOfIdentityId, recipe } = event;
  return {
    batchId, nodeId, productId, chainOfIdentityId, recipe, version, hash, state: 'idle', createdAt: recordedAt,
    phases: {}, equipment: {}, custody: {}, deviations: {}, gaps: {}, alarms: {}, tests: {}, predictions: [], certificates: [], refusalCount: 0,
  };
};

/** One more event. @throws DomainError `record-corrupt` when the first is not `batch-created` */
export const evolveBatch = (batch: Batch | undefined, recorded: RecordedBatchEvent): Batch => {
  if (batch === undefined) return create(recorded);
  const next: Batch = { ...batch, version: recorded.version, hash: recorded.hash };
  return evolveProduction(next, recorded) ?? evolvePersonalData(next, recorded) ?? evolveQuality(next, recorded);
};

/** @returns undefined when there are no events */
export const foldBatch = (events: readonly RecordedBatchEvent[]): Batch | undefined => events.reduce<Batch | undefined>(evolveBatch, undefined);
