import { randomBytes } from 'node:crypto';
import type { Participation, ParticipationEvent } from '../../../models/federated/workflow/participation.ts';
import { placeOf } from '../../../shared/storage/place.ts';
import { dynamoDb } from '../../_platform/dynamodb-client.ts';
import { createDynamoDbOperationsStore } from '../../_platform/dynamodb-operations-store.ts';
import { environmentOf } from '../../_platform/environment.ts';
import { readIdentities } from '../../_platform/identities.ts';
import { driftRowsHere } from '../../_platform/drift-rows.ts';
import { signWith } from '../../_platform/log-key.ts';
import { createCounter } from '../../_platform/metrics.ts';
import { createNodeModels } from '../../_platform/node-models.ts';
import { nodePorts } from '../../_platform/node-ports.ts';
import { s3 } from '../../_platform/s3-client.ts';
import { createS3ObjectStore } from '../../_platform/s3-object-store.ts';
import { createStreamRecords } from '../../_platform/stream-records.ts';
import { readPartners } from '../../_platform/training-partners.ts';
import { columnsOf, createTrainingRows } from '../../_platform/training-rows.ts';
import { PARTICIPATION } from '../records.ts';
import { createBudgets } from './budgets.ts';
import { createHandler } from './handler.ts';
import { createCertifier } from '../vouch/training-key.ts';
import { createOwnFiles } from './own-files.ts';

const environment = environmentOf(['NODE_ID', 'NODE_ACCOUNT', 'RECORD_TABLE', 'OPERATIONS_TABLE', 'WITNESS_TABLE', 'TRAINING_BUCKET', 'MAILBOX_BUCKET', 'TRAINING_KEY_ARN', 'LEAST_COHORT', 'THINKING_MINUTES', 'TRAINING_CONSENT']);
const { store, records, operations, now } = nodePorts(environment);
const leastCohort = Number(environment.LEAST_COHORT);
const bucket = createS3ObjectStore(s3, environment.TRAINING_BUCKET);
const witnessTable = createDynamoDbOperationsStore(dynamoDb, environment.WITNESS_TABLE);
const models = createNodeModels({ models: records.models, operations, bucket });
const rows = createTrainingRows({ bucket, operations, record: store, randomBytes });

export const handler = createHandler({
  nodeId: environment.NODE_ID, place: placeOf({ id: environment.NODE_ID, account: environment.NODE_ACCOUNT }), now, count: createCounter(environment.NODE_ID), mailbox: createS3ObjectStore(s3, environment.MAILBOX_BUCKET), files: createOwnFiles(bucket, randomBytes),
  participation: createStreamRecords<Participation, ParticipationEvent>(PARTICIPATION, store), budgets: createBudgets(store), directory: () => readIdentities(witnessTable), partners: () => readPartners(operations, store), leastCohort, consent: environment.TRAINING_CONSENT === 'signed' ? 'signed' : 'after-thinking-time', thinkingMs: Number(environment.THINKING_MINUTES) * 60_000,
  rows: async (plan) => (plan.drift === undefined ? columnsOf(await rows.rowsOf('training', plan), plan.features) : driftRowsHere({ records: models.records, digests: rows.digests, operations, record: store }, plan, leastCohort)),
  certify: createCertifier({ bucket, sign: signWith(environment.TRAINING_KEY_ARN) }),
});
