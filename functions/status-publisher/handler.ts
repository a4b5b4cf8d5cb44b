import type { DynamoDBRecord } from 'aws-lambda';
import type { Batch } from '../../shared/batch/state.ts';
import type { BatchEvent } from '../../shared/batch/events.ts';
import { networkStatusOf, type NetworkStatus } from '../../shared/batch/status.ts';
import { streamBatch } from '../_platform/batch.ts';
import type { StreamRecords } from '../_platform/stream-records.ts';
import { eventOf } from '../_platform/stream-event.ts';

type Ports = Readonly<{ batches: Pick<StreamRecords<Batch, BatchEvent>, 'load'>; publish(status: NetworkStatus): Promise<void> }>;

/** Tell the network where a batch stands after each event of its record. The status is of the latest version and its time; an older one is never sent after it, in whatever order a restore puts events back. */
export const createHandler = ({ batches, publish }: Ports) => streamBatch(async (record: DynamoDBRecord) => {
  const recorded = eventOf<BatchEvent>(record, 'batch');
  if (recorded === undefined) return;
  const { state: batch, position } = await batches.load(recorded.stream.id);
  if (batch !== undefined) await publish(networkStatusOf(batch, position.recordedAt ?? recorded.recordedAt));
});
