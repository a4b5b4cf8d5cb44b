import { createGrantSource } from './audit-grants.ts';
import { dynamoDb } from './dynamodb-client.ts';
import { nodePorts } from './node-ports.ts';
import { createReadLog, type ReadPorts } from './read-log.ts';
import { createRefusalLog } from './refusals.ts';
import { s3 } from './s3-client.ts';
import { createS3ObjectStore } from './s3-object-store.ts';

type Environment = Readonly<{ NODE_ID: string; NODE_ACCOUNT: string; LIBRARY_BUCKET: string; RECORD_TABLE: string; OPERATIONS_TABLE: string }>;

/** What every function that inspectors read through has: the stores, the read log, the record of refusals, and the grants that the control site gave for this hospital. */
export const readingPorts = (environment: Environment): ReadPorts & Pick<ReturnType<typeof nodePorts>, 'records' | 'operations'> => {
  const { store, records, operations, now } = nodePorts(environment);
  return {
    record: store, records, operations, now, refusals: createRefusalLog(records.security, now), readLog: createReadLog(dynamoDb, environment.RECORD_TABLE),
    grants: createGrantSource(createS3ObjectStore(s3, environment.LIBRARY_BUCKET), { id: environment.NODE_ID, account: environment.NODE_ACCOUNT }, now),
  };
};
