import { EventBridgeClient, PutEventsCommand } from '@aws-sdk/client-eventbridge';
import { dynamoDb } from '../_platform/dynamodb-client.ts';
import { createDynamoDbRecordStore } from '../_platform/dynamodb-record-store.ts';
import { environmentOf } from '../_platform/environment.ts';
import { STATUS_EVENT } from '../_platform/network-status.ts';
import { createNodeRecords } from '../_platform/node-records.ts';
import { once } from '../_platform/once.ts';
import { createHandler } from './handler.ts';

const { RECORD_TABLE, NETWORK_EVENT_BUS } = environmentOf(['RECORD_TABLE', 'NETWORK_EVENT_BUS']);
const events = once(() => new EventBridgeClient({}));
// The operations table is never touched: this function reads the record and writes to the bus.
const store = createDynamoDbRecordStore(dynamoDb, { recordTable: RECORD_TABLE, operationsTable: '' }, () => new Date());

export const handler = createHandler({
  batches: createNodeRecords(store).batches,
  publish: async (status) => {
    const { Entries = [] } = await events().send(new PutEventsCommand({
      Entries: [{ EventBusName: NETWORK_EVENT_BUS, Source: STATUS_EVENT.source, DetailType: STATUS_EVENT.detailType, Detail: JSON.stringify(status) }],
    }));
    const failed = Entries.find(({ ErrorCode }) => ErrorCode !== undefined);
    if (failed !== undefined) throw new Error(`the network bus refused a status: ${failed.ErrorCode ?? ''} ${failed.ErrorMessage ?? ''}`);
  },
});
