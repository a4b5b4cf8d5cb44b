import { randomBytes } from 'node:crypto';
import type { TrainingData, TrainingDataEvent } from '../../shared/training-data/dataset.ts';
import { environmentOf } from '../_platform/environment.ts';
import { signWith } from '../_platform/log-key.ts';
import { readArtefact } from '../_platform/node-models.ts';
import { nodePorts } from '../_platform/node-ports.ts';
import { personOf } from '../_platform/people.ts';
import { createReauthenticationVerifier } from '../_platform/reauthentication.ts';
import { createRefusalLog } from '../_platform/refusals.ts';
import { s3 } from '../_platform/s3-client.ts';
import { createS3ObjectStore } from '../_platform/s3-object-store.ts';
import { createStreamRecords } from '../_platform/stream-records.ts';
import { createTrainingRows } from '../_platform/training-rows.ts';
import { createCertifier } from '../federated/vouch/training-key.ts';
import { TRAINING_DATA } from '../training-data-api/records.ts';
import { createHandler } from './handler.ts';
import { scorerOf } from './scorer.ts';

const environment = environmentOf(['NODE_ID', 'RECORD_TABLE', 'OPERATIONS_TABLE', 'TRAINING_BUCKET', 'TRAINING_KEY_ARN', 'NETWORK_MODEL_BUCKET', 'LEAST_COHORT', 'ISSUER_URL', 'USER_POOL_CLIENT_ID']);
const { store, records, operations, now } = nodePorts(environment);
const bucket = createS3ObjectStore(s3, environment.TRAINING_BUCKET);
const networkModels = createS3ObjectStore(s3, environment.NETWORK_MODEL_BUCKET);

export const handler = createHandler({
  nodeId: environment.NODE_ID, now, operations, record: store, bucket, leastCohort: Number(environment.LEAST_COHORT), personOf: personOf(records), refusals: createRefusalLog(records.security, now),
  datasets: createStreamRecords<TrainingData, TrainingDataEvent>(TRAINING_DATA, store), rows: createTrainingRows({ bucket, operations, record: store, randomBytes }), certify: createCertifier({ bucket, sign: signWith(environment.TRAINING_KEY_ARN) }),
  // A candidate is evaluated before it is put to use, so its file is the control site's and not yet this hospital's.
  artefact: async (sha256) => scorerOf(await readArtefact(networkModels, sha256)),
  verifyReauthentication: createReauthenticationVerifier(environment.ISSUER_URL, environment.USER_POOL_CLIENT_ID),
});
