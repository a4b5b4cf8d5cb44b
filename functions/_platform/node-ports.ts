import { dynamoDb } from './dynamodb-client.ts';
import { createDynamoDbOperationsStore } from './dynamodb-operations-store.ts';
import { createDynamoDbRecordStore } from './dynamodb-record-store.ts';
import { createNodeRecords, type NodeRecords } from './node-records.ts';
import type { Clock, OperationsStore, RecordStore } from './ports.ts';

/** The clock of a deployed function is the machine's. */
export const systemClock: Clock = () => new Date();

type Environment = Readonly<{ RECORD_TABLE: string; OPERATIONS_TABLE: string; PERSONAL_DATA_TABLE?: string }>;

/** Records and operations of the node this function runs in; personal data only where the environment names its table. */
export const nodePorts = ({ RECORD_TABLE, OPERATIONS_TABLE, PERSONAL_DATA_TABLE }: Environment):
Readonly<{ store: RecordStore; records: NodeRecords; operations: OperationsStore; now: Clock }> => {
  const store = createDynamoDbRecordStore(dynamoDb, {
    recordTable: RECORD_TABLE, operationsTable: OPERATIONS_TABLE, ...(PERSONAL_DATA_TABLE === undefined ? {} : { personalDataTable: PERSONAL_DATA_TABLE }),
  }, systemClock);
  return { store, records: createNodeRecords(store), operations: createDynamoDbOperationsStore(dynamoDb, OPERATIONS_TABLE), now: systemClock };
};
