import { S3Client } from '@aws-sdk/client-s3';
import { once } from './once.ts';

/** Endpoint, region and credentials come from the SDK's own environment, in the cloud and locally alike. */
export const s3 = once(() => new S3Client({}));
