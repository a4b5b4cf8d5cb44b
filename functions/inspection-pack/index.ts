import type { BatchRecordDocument } from '../../shared/audit/batch-record-document.ts';
import { bundledVerifier } from '../_platform/bundled-verifier.ts';
import { dynamoDb } from '../_platform/dynamodb-client.ts';
import { environmentOf } from '../_platform/environment.ts';
import { createInvoke } from '../_platform/invoke.ts';
import { readVerifierKey } from '../_platform/log-key.ts';
import { createLogStore } from '../_platform/log-store.ts';
import { nodePorts } from '../_platform/node-ports.ts';
import { once } from '../_platform/once.ts';
import { createReadLog } from '../_platform/read-log.ts';
import { s3 } from '../_platform/s3-client.ts';
import { createS3ObjectStore } from '../_platform/s3-object-store.ts';
import { createEvidence } from './evidence.ts';
import { createHandler } from './handler.ts';

const environment = environmentOf(['RECORD_TABLE', 'OPERATIONS_TABLE', 'RENDER_FUNCTION', 'LOG_BUCKET', 'LOG_KEY_ARN', 'LOG_ORIGIN', 'TELEMETRY_BUCKET']);
const { store, operations, now } = nodePorts(environment);
const log = createS3ObjectStore(s3, environment.LOG_BUCKET);

export const handler = createHandler({
  now, record: store, telemetry: createS3ObjectStore(s3, environment.TELEMETRY_BUCKET), readLog: createReadLog(dynamoDb, environment.RECORD_TABLE),
  render: createInvoke<Readonly<{ document: BatchRecordDocument }>, Readonly<{ pdfBase64: string }>>(environment.RENDER_FUNCTION),
  evidence: createEvidence({ store: createLogStore({ log, staging: log, operations }), key: once(() => readVerifierKey(environment.LOG_KEY_ARN, environment.LOG_ORIGIN)), verifier: bundledVerifier }),
});
