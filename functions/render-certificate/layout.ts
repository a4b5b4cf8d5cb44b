import type { CertificateDocument } from '../../shared/release/certificate-document.ts';
import type { Block, Column } from '../_platform/pdf/blocks.ts';

export const TEST_COLUMNS: readonly Column[] = [
  { title: 'Test', width: 128 }, { title: 'Specification', width: 96 }, { title: 'Result', width: 80 }, { title: 'Method', width: 115 }, { title: 'Conforms', width: 80 },
];
export const DEVIATION_COLUMNS: readonly Column[] = [{ title: 'Deviation', width: 120 }, { title: 'Severity', width: 70 }, { title: 'Title and conclusion', width: 309 }];
export const SIGNATURE_COLUMNS: readonly Column[] = [{ title: 'Name', width: 150 }, { title: 'Date and time (UTC)', width: 150 }, { title: 'Meaning', width: 90 }, { title: 'Of', width: 109 }];

const factsOf = (document: CertificateDocument): readonly (readonly [string, string])[] => [
  ['Product', `${document.productTitle} (${document.productId})`],
  ['Batch', document.batchId],
  ['Chain of identity', document.chainOfIdentityId],
  ['Made at', document.nodeId],
  ['Master batch record', `${document.masterBatchRecord.id}, version ${document.masterBatchRecord.version}`],
  ['Started', document.startedAt],
  ['Completed', document.completedAt],
  ['Release', document.staged ? `staged; outstanding: ${document.outstandingTests.join(', ')}` : 'complete'],
];

/** The certificate as a list of blocks, in reading order; drawing knows nothing of batches. */
export const layoutOf = (document: CertificateDocument): readonly Block[] => [
  { type: 'title', text: 'Batch certificate', subtitle: document.certificateId },
  { type: 'facts', rows: factsOf(document) },
  { type: 'heading', text: 'Quality control' },
  {
    type: 'table', columns: TEST_COLUMNS, empty: 'No results.',
    rows: document.tests.map(({ title, specification, result, unit, method, withinSpecification }) => [title, `${specification} ${unit}`.trim(), `${result} ${unit}`.trim(), method, withinSpecification ? 'yes' : 'NO']),
  },
  { type: 'heading', text: 'Deviations' },
  {
    type: 'table', columns: DEVIATION_COLUMNS, empty: 'None.',
    rows: document.deviations.map(({ deviationId, severity, title, conclusion }) => [deviationId, severity, `${title}. ${conclusion}`]),
  },
  { type: 'heading', text: 'Certification' },
  { type: 'paragraph', text: document.statement },
  { type: 'table', columns: SIGNATURE_COLUMNS, empty: '', rows: document.signatures.map(({ printedName, signedAt, meaning, subject }) => [printedName, signedAt, meaning, subject]) },
  { type: 'fine', text: `Batch record version ${document.record.version}, SHA-256 ${document.record.hash}. Master batch record content SHA-256 ${document.masterBatchRecord.contentHash}.` },
];
