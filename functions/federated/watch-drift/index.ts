import type { Training, TrainingEvent } from '../../../models/federated/workflow/coordination.ts';
import { CONTROL_SITE } from '../../../shared/audit-log/directory.ts';
import type { ModelEvent } from '../../../shared/model-registry/events.ts';
import type { Model } from '../../../shared/model-registry/model.ts';
import { dynamoDb } from '../../_platform/dynamodb-client.ts';
import { createDynamoDbOperationsStore } from '../../_platform/dynamodb-operations-store.ts';
import { createDynamoDbRecordStore } from '../../_platform/dynamodb-record-store.ts';
import { environmentOf } from '../../_platform/environment.ts';
import { readIdentities } from '../../_platform/identities.ts';
import { createCounter } from '../../_platform/metrics.ts';
import { systemClock as now } from '../../_platform/node-ports.ts';
import { s3 } from '../../_platform/s3-client.ts';
import { createS3ObjectStore } from '../../_platform/s3-object-store.ts';
import { createStreamRecords } from '../../_platform/stream-records.ts';
import { createModelPublishCall } from '../../model-publish/call.ts';
import { MODELS } from '../../model-registry-api/records.ts';
import { createTrainingWorkflow } from '../../training-api/workflow.ts';
import { TRAININGS } from '../records.ts';
import { createHandler } from './handler.ts';

const environment = environmentOf(['RECORD_TABLE', 'OPERATIONS_TABLE', 'WITNESS_TABLE', 'MODEL_BUCKET', 'MODEL_PUBLISH_FUNCTION', 'TRAINING_STATE_MACHINE_ARN', 'DRIFT_EVERY_DAYS']);
const store = createDynamoDbRecordStore(dynamoDb, { recordTable: environment.RECORD_TABLE, operationsTable: environment.OPERATIONS_TABLE }, now);
const operations = createDynamoDbOperationsStore(dynamoDb, environment.OPERATIONS_TABLE);
const witnessTable = createDynamoDbOperationsStore(dynamoDb, environment.WITNESS_TABLE);
const models = createStreamRecords<Model, ModelEvent>(MODELS, store);
const bucket = createS3ObjectStore(s3, environment.MODEL_BUCKET);

export const handler = createHandler({
  now, models, operations, bucket, trainings: createStreamRecords<Training, TrainingEvent>(TRAININGS, store), everyDays: Number(environment.DRIFT_EVERY_DAYS),
  hospitals: async () => [...(await readIdentities(witnessTable)).keys()].filter((siteId) => siteId !== CONTROL_SITE).sort(), startWorkflow: createTrainingWorkflow(environment.TRAINING_STATE_MACHINE_ARN),
  publish: createModelPublishCall(environment.MODEL_PUBLISH_FUNCTION), count: createCounter(CONTROL_SITE),
});
