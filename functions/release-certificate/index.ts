import type { CertificateDocument, SupplementDocument } from '../../shared/release/certificate-document.ts';
import { s3 } from '../_platform/s3-client.ts';
import { environmentOf } from '../_platform/environment.ts';
import { createInvoke } from '../_platform/invoke.ts';
import { nodePorts } from '../_platform/node-ports.ts';
import { createS3ObjectStore } from '../_platform/s3-object-store.ts';
import { createHandler } from './handler.ts';

const environment = environmentOf(['RECORD_TABLE', 'OPERATIONS_TABLE', 'DOCUMENT_BUCKET', 'RENDER_FUNCTION']);
const rendered = createInvoke<Readonly<{ document: CertificateDocument | SupplementDocument }>, Readonly<{ pdfBase64: string }>>(environment.RENDER_FUNCTION);
const { store, records, operations } = nodePorts(environment);

export const handler = createHandler({
  batches: records.batches, record: store, operations, documents: createS3ObjectStore(s3, environment.DOCUMENT_BUCKET),
  render: async (document) => Buffer.from((await rendered({ document })).pdfBase64, 'base64'),
});
