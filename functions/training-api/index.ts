import type { Training, TrainingEvent } from '../../models/federated/workflow/coordination.ts';
import type { Person, PersonEvent } from '../../shared/registers/person.ts';
import { dynamoDb } from '../_platform/dynamodb-client.ts';
import { createDynamoDbOperationsStore } from '../_platform/dynamodb-operations-store.ts';
import { createDynamoDbRecordStore } from '../_platform/dynamodb-record-store.ts';
import { environmentOf } from '../_platform/environment.ts';
import { readIdentities } from '../_platform/identities.ts';
import { systemClock as now } from '../_platform/node-ports.ts';
import { PEOPLE, personOf } from '../_platform/people.ts';
import { createReadLog } from '../_platform/read-log.ts';
import { createReauthenticationVerifier } from '../_platform/reauthentication.ts';
import { refusalLogOver } from '../_platform/refusals.ts';
import { createStreamRecords } from '../_platform/stream-records.ts';
import { TRAININGS } from '../federated/records.ts';
import { createHandler } from './handler.ts';
import { createTrainingWorkflow } from './workflow.ts';

const environment = environmentOf(['RECORD_TABLE', 'OPERATIONS_TABLE', 'WITNESS_TABLE', 'TRAINING_STATE_MACHINE_ARN', 'ISSUER_URL', 'USER_POOL_CLIENT_ID']);
const history = createDynamoDbRecordStore(dynamoDb, { recordTable: environment.RECORD_TABLE, operationsTable: environment.OPERATIONS_TABLE }, now);
const witnessTable = createDynamoDbOperationsStore(dynamoDb, environment.WITNESS_TABLE);

export const handler = createHandler({
  now, history, readLog: createReadLog(dynamoDb, environment.RECORD_TABLE), refusals: refusalLogOver(history, now), operations: createDynamoDbOperationsStore(dynamoDb, environment.OPERATIONS_TABLE), trainings: createStreamRecords<Training, TrainingEvent>(TRAININGS, history),
  nodeIds: async () => [...(await readIdentities(witnessTable)).keys()], startWorkflow: createTrainingWorkflow(environment.TRAINING_STATE_MACHINE_ARN),
  personOf: personOf({ people: createStreamRecords<Person, PersonEvent>(PEOPLE, history) }),
  verifyReauthentication: createReauthenticationVerifier(environment.ISSUER_URL, environment.USER_POOL_CLIENT_ID),
});
