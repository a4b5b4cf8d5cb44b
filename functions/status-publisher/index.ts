import { EventBridgeClient, PutEventsCommand } from '@aws-sdk/client-eventbridge';
import { dynamoDb } from '../_platform/dynamodb-client.ts';
import { createDynamoDbRecordStore } from '../_platform/dynamodb-record-store.ts';
import { environmentOf } from '../_platform/environment.ts';
import { MODEL_USE_EVENT, STATUS_EVENT } from '../_platform/network-status.ts';
import { createNodeRecords } from '../_platform/node-records.ts';
import { once } from '../_platform/once.ts';
import { createHandler } from './handler.ts';

const { NODE_ID, RECORD_TABLE, NETWORK_EVENT_BUS } = environmentOf(['NODE_ID', 'RECORD_TABLE', 'NETWORK_EVENT_BUS']);
const events = once(() => new EventBridgeClient({}));
// The operations table is never touched: this function reads the record and writes to the bus.
const store = createDynamoDbRecordStore(dynamoDb, { recordTable: RECORD_TABLE, operationsTable: '' }, () => new Date());

const records = createNodeRecords(store);

const send = async ({ source, detailType }: Readonly<{ source: string; detailType: string }>, detail: object): Promise<void> => {
  const { Entries = [] } = await events().send(new PutEventsCommand({ Entries: [{ EventBusName: NETWORK_EVENT_BUS, Source: source, DetailType: detailType, Detail: JSON.stringify(detail) }] }));
  const failed = Entries.find(({ ErrorCode }) => ErrorCode !== undefined);
  if (failed !== undefined) throw new Error(`the network bus refused a status: ${failed.ErrorCode ?? ''} ${failed.ErrorMessage ?? ''}`);
};

export const handler = createHandler({
  nodeId: NODE_ID, batches: records.batches, models: records.models, publish: (status) => send(STATUS_EVENT, status), publishUse: (use) => send(MODEL_USE_EVENT, use),
});
