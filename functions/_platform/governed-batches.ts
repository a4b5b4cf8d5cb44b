import type { BatchEvent } from '../../shared/batch/events.ts';
import { evolveBatch, foldBatch } from '../../shared/batch/fold.ts';
import type { Batch } from '../../shared/batch/state.ts';
import { summaryOf } from '../../shared/batch/status.ts';
import { EMPTY_LEDGER, evolveLedger, type Ledger } from '../../shared/prediction-governance/ledger.ts';
import type { Governed } from '../../shared/prediction-governance/recommend.ts';
import { effectiveTable, type GovernanceTableEvent, type TableRecord } from '../../shared/prediction-governance/table.ts';
import type { Recorded } from '../../shared/record/envelope.ts';
import type { GatewayReader } from './gateways.ts';
import type { NodeModels } from './node-models.ts';
import type { Clock, RecordStore } from './ports.ts';
import { createStreamRecords, type StreamRecords, type StreamType } from './stream-records.ts';

/** A batch with the ledger of what models said of it: two folds of one stream. */
export type GovernedBatch = Readonly<{ batch: Batch; ledger: Ledger }>;
export type GovernedBatches = StreamRecords<GovernedBatch, BatchEvent>;

const evolve = (state: GovernedBatch | undefined, recorded: Recorded<BatchEvent>): GovernedBatch =>
  ({ batch: evolveBatch(state?.batch, recorded), ledger: evolveLedger(state?.ledger ?? EMPTY_LEDGER, recorded) });
const fold = (recorded: readonly Recorded<BatchEvent>[], after?: GovernedBatch): GovernedBatch | undefined => {
  const batch = foldBatch(recorded, after?.batch);
  return batch === undefined ? undefined : { batch, ledger: recorded.reduce(evolveLedger, after?.ledger ?? EMPTY_LEDGER) };
};

/** The same stream and the same summary as those of batches: which function appended an event can not be told from the lists. */
const GOVERNED_BATCHES: StreamType<GovernedBatch, BatchEvent> = { kind: 'batch', evolve, fold, summaryOf: ({ batch }) => summaryOf(batch) };

export const createGovernedBatches = (store: RecordStore): GovernedBatches => createStreamRecords<GovernedBatch, BatchEvent>(GOVERNED_BATCHES, store);

export type GovernancePorts = Readonly<{
  batches: GovernedBatches;
  tables: Pick<StreamRecords<TableRecord, GovernanceTableEvent>, 'load'>;
  models: Pick<NodeModels, 'records'>;
  gateways: GatewayReader;
  now: Clock;
}>;

/** Table and models in force for a batch's product now, and what is behind its gateways, to judge a step on it by. @throws DomainError `governance-table-not-effective` when the product has none */
export const inForce = async ({ tables, models, gateways, now }: Omit<GovernancePorts, 'batches'>, { productId, equipment }: Pick<Batch, 'productId' | 'equipment'>): Promise<(state: GovernedBatch) => Governed> => {
  const table = effectiveTable((await tables.load(productId)).state, productId);
  const records = await models.records();
  const known = await gateways(Object.values(equipment).flatMap(({ device, to }) => (device === undefined || to !== undefined ? [] : [device.edgeNodeId])));
  return ({ batch, ledger }) => ({ batch, ledger, table, models: records, gateways: known, nowEpochMs: now().getTime() });
};
