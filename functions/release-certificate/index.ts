import { s3 } from '../_platform/s3-client.ts';
import { environmentOf } from '../_platform/environment.ts';
import { nodePorts } from '../_platform/node-ports.ts';
import { createS3ObjectStore } from '../_platform/s3-object-store.ts';
import { createHandler } from './handler.ts';

const environment = environmentOf(['RECORD_TABLE', 'OPERATIONS_TABLE', 'DOCUMENT_BUCKET']);
const { records, operations } = nodePorts(environment);

export const handler = createHandler({ batches: records.batches, operations, documents: createS3ObjectStore(s3, environment.DOCUMENT_BUCKET) });
