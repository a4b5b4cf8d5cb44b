import { randomBytes } from 'node:crypto';
import type { Budget, BudgetEvent } from '../../models/federated/private/budget.ts';
import type { Participation, ParticipationEvent } from '../../models/federated/workflow/participation.ts';
import type { Partner, PartnerEvent } from '../../models/federated/workflow/partner.ts';
import type { TrainingData, TrainingDataEvent } from '../../shared/training-data/dataset.ts';
import { createDynamoDbOperationsStore } from '../_platform/dynamodb-operations-store.ts';
import { dynamoDb } from '../_platform/dynamodb-client.ts';
import { environmentOf } from '../_platform/environment.ts';
import { readIdentities } from '../_platform/identities.ts';
import { signWith } from '../_platform/log-key.ts';
import { nodePorts } from '../_platform/node-ports.ts';
import { personOf } from '../_platform/people.ts';
import { createReauthenticationVerifier } from '../_platform/reauthentication.ts';
import { createRefusalLog } from '../_platform/refusals.ts';
import { s3 } from '../_platform/s3-client.ts';
import { createS3ObjectStore } from '../_platform/s3-object-store.ts';
import { createStreamRecords } from '../_platform/stream-records.ts';
import { createTrainingRows } from '../_platform/training-rows.ts';
import { createOwnFiles } from '../federated/participate/own-files.ts';
import { PARTICIPATION, TRAINING_BUDGETS, TRAINING_PARTNERS } from '../federated/records.ts';
import { createCertifier } from '../federated/vouch/training-key.ts';
import { createHandler } from './handler.ts';
import { TRAINING_DATA } from './records.ts';

const environment = environmentOf(['NODE_ID', 'RECORD_TABLE', 'OPERATIONS_TABLE', 'TRAINING_BUCKET', 'TRAINING_KEY_ARN', 'WITNESS_TABLE', 'ISSUER_URL', 'USER_POOL_CLIENT_ID']);
const { store, records, operations, now } = nodePorts(environment);
const witnessTable = createDynamoDbOperationsStore(dynamoDb, environment.WITNESS_TABLE);
const bucket = createS3ObjectStore(s3, environment.TRAINING_BUCKET);

export const handler = createHandler({
  nodeId: environment.NODE_ID, now, operations, record: store, bucket, personOf: personOf(records), refusals: createRefusalLog(records.security, now),
  datasets: createStreamRecords<TrainingData, TrainingDataEvent>(TRAINING_DATA, store), participation: createStreamRecords<Participation, ParticipationEvent>(PARTICIPATION, store), budgets: createStreamRecords<Budget, BudgetEvent>(TRAINING_BUDGETS, store),
  partners: createStreamRecords<Partner, PartnerEvent>(TRAINING_PARTNERS, store), directory: () => readIdentities(witnessTable),
  rows: createTrainingRows({ bucket, operations, record: store, randomBytes }), files: createOwnFiles(bucket, randomBytes),
  certify: createCertifier({ bucket, sign: signWith(environment.TRAINING_KEY_ARN) }),
  verifyReauthentication: createReauthenticationVerifier(environment.ISSUER_URL, environment.USER_POOL_CLIENT_ID),
});
