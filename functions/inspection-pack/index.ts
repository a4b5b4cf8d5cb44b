import type { BatchRecordDocument } from '../../shared/audit/batch-record-document.ts';
import type { Coverage } from '../../shared/audit/coverage.ts';
import type { Signers } from '../../shared/audit/signers.ts';
import { bundledVerifier } from '../_platform/bundled-verifier.ts';
import { dynamoDb } from '../_platform/dynamodb-client.ts';
import { createDynamoDbManyItems } from '../_platform/dynamodb-many-items.ts';
import { environmentOf } from '../_platform/environment.ts';
import { createInvoke } from '../_platform/invoke.ts';
import { readVerifierKey } from '../_platform/log-key.ts';
import { createLogPlaces } from '../_platform/log-places.ts';
import { createLogStore } from '../_platform/log-store.ts';
import { once } from '../_platform/once.ts';
import { readingPorts } from '../_platform/reading-ports.ts';
import { s3 } from '../_platform/s3-client.ts';
import { createS3ObjectStore } from '../_platform/s3-object-store.ts';
import { createEvidence } from './evidence.ts';
import { createHandler } from './handler.ts';
import { createPackStore } from './pack-store.ts';

const environment = environmentOf(['NODE_ID', 'NODE_ACCOUNT', 'LIBRARY_BUCKET', 'RECORD_TABLE', 'OPERATIONS_TABLE', 'RENDER_FUNCTION', 'LOG_BUCKET', 'LOG_KEY_ARN', 'LOG_ORIGIN', 'PACK_BUCKET', 'TELEMETRY_BUCKET']);
const reading = readingPorts(environment);
const log = createS3ObjectStore(s3, environment.LOG_BUCKET);
const many = createDynamoDbManyItems(dynamoDb, environment.OPERATIONS_TABLE);

export const handler = createHandler({
  ...reading, keep: createPackStore(s3, environment.PACK_BUCKET, reading.now), telemetry: createS3ObjectStore(s3, environment.TELEMETRY_BUCKET),
  render: createInvoke<Readonly<{ document: BatchRecordDocument; signers: Signers; coverage?: Coverage | undefined }>, Readonly<{ pdfBase64: string }>>(environment.RENDER_FUNCTION),
  evidence: createEvidence({ operations: reading.operations, places: createLogPlaces(many), store: createLogStore({ log, staging: log, operations: reading.operations, many }), key: once(() => readVerifierKey(environment.LOG_KEY_ARN, environment.LOG_ORIGIN)), verifier: bundledVerifier }),
});
