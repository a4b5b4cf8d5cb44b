import { DomainError } from '../errors.ts';
import type { Recorded } from '../record/envelope.ts';
import type { BatchEvent } from './events.ts';
import { evolvePersonalData } from './fold-personal-data.ts';
import { evolveProduction } from './fold-production.ts';
import { evolveQuality } from './fold-quality.ts';
import { byCopy, inPlace, type Growth } from './growth.ts';
import type { Batch } from './state.ts';

type RecordedBatchEvent = Recorded<BatchEvent>;

const create = ({ event, version, hash, recordedAt, stream }: RecordedBatchEvent): Batch => {
  if (event.type !== 'batch-created') {
    throw new DomainError('record-corrupt', `batch ${stream.id} begins with ${event.type}, want batch-created`, { id: stream.id });
  }
  const { batchId, nodeId, productId, chainOfIdentityId, recipe } = event;
  return {
    batchId, nodeId, productId, chainOfIdentityId, recipe, version, hash, state: 'idle', createdAt: recordedAt,
    phases: {}, equipment: [], custody: {}, deviations: {}, gaps: {}, alarms: {}, results: {}, predictions: [], undecidedRecommendations: [], certificates: [], refusalCount: 0,
  };
};

const evolve = (grow: Growth, batch: Batch | undefined, recorded: RecordedBatchEvent): Batch => {
  if (batch === undefined) return create(recorded);
  const next: Batch = { ...batch, version: recorded.version, hash: recorded.hash };
  return evolveProduction(grow, next, recorded) ?? evolvePersonalData(next, recorded) ?? evolveQuality(grow, next, recorded);
};

/** One more event. @throws DomainError `record-corrupt` when the first is not `batch-created` */
export const evolveBatch = (batch: Batch | undefined, recorded: RecordedBatchEvent): Batch => evolve(byCopy, batch, recorded);

/**
 * All of them in order, in time that grows with their number and no faster; the same as `evolveBatch` one by one.
 *
 * @param after the state they continue from, which stays as it is; from the beginning by default
 * @param grow for this fold alone
 * @returns undefined when there are no events and no state
 */
export const foldBatch = (events: readonly RecordedBatchEvent[], after?: Batch, grow: Growth = inPlace()): Batch | undefined =>
  events.reduce<Batch | undefined>((batch, recorded) => evolve(grow, batch, recorded), after);
