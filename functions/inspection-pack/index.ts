import type { BatchRecordDocument } from '../../shared/audit/batch-record-document.ts';
import { dynamoDb } from '../_platform/dynamodb-client.ts';
import { environmentOf } from '../_platform/environment.ts';
import { createInvoke } from '../_platform/invoke.ts';
import { nodePorts } from '../_platform/node-ports.ts';
import { createReadLog } from '../_platform/read-log.ts';
import { createHandler } from './handler.ts';

const environment = environmentOf(['RECORD_TABLE', 'OPERATIONS_TABLE', 'RENDER_FUNCTION']);
const { store, now } = nodePorts(environment);

export const handler = createHandler({
  now, record: store, readLog: createReadLog(dynamoDb, environment.RECORD_TABLE), evidence: () => Promise.resolve([]),
  render: createInvoke<Readonly<{ document: BatchRecordDocument }>, Readonly<{ pdfBase64: string }>>(environment.RENDER_FUNCTION),
});
