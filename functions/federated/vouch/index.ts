import { environmentOf } from '../../_platform/environment.ts';
import { readPublicKey, signWith } from '../../_platform/log-key.ts';
import { s3 } from '../../_platform/s3-client.ts';
import { createS3ObjectStore } from '../../_platform/s3-object-store.ts';
import { createHandler } from './handler.ts';

const environment = environmentOf(['NODE_ID', 'TRAINING_BUCKET', 'TRAINING_KEY_ARN', 'LOG_KEY_ARN']);

export const handler = createHandler({
  siteId: environment.NODE_ID, bucket: createS3ObjectStore(s3, environment.TRAINING_BUCKET), publicKey: () => readPublicKey(environment.TRAINING_KEY_ARN), sign: signWith(environment.LOG_KEY_ARN),
});
