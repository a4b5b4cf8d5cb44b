import { unusedLots } from './quantities.ts';
import type { Batch } from './state.ts';

/** What the network may know of a batch: never the chain-of-identity identifier, a value, a name or free text. */
export type NetworkStatus = Readonly<{
  nodeId: string; batchId: string; productId: string; state: Batch['state']; disposition?: string; openDeviationCount: number; currentPhaseIds: readonly string[]; version: number; at: string;
}>;

export const openDeviationCount = ({ deviations }: Batch): number => Object.values(deviations).filter(({ state }) => state !== 'closed').length;

export const networkStatusOf = (batch: Batch, at: string): NetworkStatus => ({
  nodeId: batch.nodeId, batchId: batch.batchId, productId: batch.productId, state: batch.state,
  ...(batch.disposition === undefined ? {} : { disposition: batch.disposition.disposition }),
  openDeviationCount: openDeviationCount(batch),
  currentPhaseIds: Object.values(batch.phases).filter(({ completedAt }) => completedAt === undefined).map(({ phaseId }) => phaseId).toSorted(),
  version: batch.version, at,
});

/** Phase in which the cells grow; the clock of the early prediction starts with it. */
export const EXPANSION_PHASE_ID = 'expansion-culture';

const unused = (lotIds: readonly string[]) => (lotIds.length === 0 ? {} : { unusedLotIds: lotIds });

/** What lists of this hospital show, kept beside the record in one transaction; a lot in `unusedLotIds` is in no genealogy of it. */
export const summaryOf = (batch: Batch): Readonly<Record<string, unknown>> => ({
  batchId: batch.batchId, productId: batch.productId, chainOfIdentityId: batch.chainOfIdentityId, state: batch.state, createdAt: batch.createdAt,
  openDeviationCount: openDeviationCount(batch), predictionCount: batch.predictions.length,
  disposition: batch.disposition?.disposition, expansionStartedAt: batch.phases[EXPANSION_PHASE_ID]?.startedAt, ...unused(unusedLots(batch)),
});
