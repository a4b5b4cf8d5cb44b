import type { DynamoDBRecord } from 'aws-lambda';
import type { Batch } from '../../shared/batch/state.ts';
import type { BatchEvent } from '../../shared/batch/events.ts';
import { networkStatusOf, type NetworkStatus } from '../../shared/batch/status.ts';
import type { ModelRecordEvent, NodeModel } from '../../shared/model-registry/node-record.ts';
import { useOf, type VersionAtHospital } from '../../shared/model-registry/use-at-hospital.ts';
import type { Recorded } from '../../shared/record/envelope.ts';
import { streamBatch } from '../_platform/batch.ts';
import type { StreamRecords } from '../_platform/stream-records.ts';
import { eventOf } from '../_platform/stream-event.ts';

type Ports = Readonly<{
  nodeId: string;
  batches: Pick<StreamRecords<Batch, BatchEvent>, 'load'>;
  models: Pick<StreamRecords<NodeModel, ModelRecordEvent>, 'load'>;
  publish(status: NetworkStatus): Promise<void>;
  publishUse(use: Told): Promise<void>;
}>;
type Told = Readonly<{ nodeId: string; modelId: string; version: number; at: string; versions: readonly VersionAtHospital[] }>;

/** How a model fares here, once there is something to tell. */
const tellUse = async ({ nodeId, models, publishUse }: Ports, { stream: { id: modelId }, recordedAt }: Recorded<ModelRecordEvent>): Promise<void> => {
  const { state, position: { version, recordedAt: at = recordedAt } } = await models.load(modelId);
  const versions = state === undefined ? [] : useOf(state);
  if (versions.length > 0) await publishUse({ nodeId, modelId, version, at, versions });
};

/** Tell the network where a batch stands after each event of its record, and how a model fares here after each event of its. The status is of the latest version and its time; an older one is never sent after it, in whatever order a restore puts events back. */
export const createHandler = (ports: Ports) => streamBatch(async (record: DynamoDBRecord) => {
  const ofModel = eventOf<ModelRecordEvent>(record, 'model-record');
  if (ofModel !== undefined) return tellUse(ports, ofModel);
  const recorded = eventOf<BatchEvent>(record, 'batch');
  if (recorded === undefined) return undefined;
  const { state: batch, position } = await ports.batches.load(recorded.stream.id);
  if (batch !== undefined) await ports.publish(networkStatusOf(batch, position.recordedAt ?? recorded.recordedAt));
  return undefined;
});
