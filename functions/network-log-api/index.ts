import { environmentOf } from '../_platform/environment.ts';
import { readVerifierKey } from '../_platform/log-key.ts';
import { createLogObjects } from '../_platform/log-store.ts';
import { once } from '../_platform/once.ts';
import { s3 } from '../_platform/s3-client.ts';
import { createS3ObjectStore } from '../_platform/s3-object-store.ts';
import { createHandler } from './handler.ts';

const environment = environmentOf(['LOG_BUCKET', 'LOG_KEY_ARN', 'LOG_ORIGIN']);

export const handler = createHandler({ store: createLogObjects(createS3ObjectStore(s3, environment.LOG_BUCKET)), key: once(() => readVerifierKey(environment.LOG_KEY_ARN, environment.LOG_ORIGIN)) });
