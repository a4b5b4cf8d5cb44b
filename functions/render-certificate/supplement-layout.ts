import type { SupplementDocument, SupplementTest } from '../../shared/release/certificate-document.ts';
import type { Block } from '../_platform/pdf/blocks.ts';
import { DEVIATION_COLUMNS, SIGNATURE_COLUMNS, TEST_COLUMNS } from './layout.ts';

const factsOf = (document: SupplementDocument): readonly (readonly [string, string])[] => [
  ['Product', `${document.productTitle} (${document.productId})`],
  ['Batch', document.batchId],
  ['Chain of identity', document.chainOfIdentityId],
  ['Made at', document.nodeId],
  ['Supplement to', document.supplementTo.certificateId],
  ['which speaks of', `batch record version ${document.supplementTo.recordVersion}`],
  ['Results', document.certified ? 'certified' : 'OUT OF SPECIFICATION; not certified'],
];

const conformsOf = ({ withinSpecification, foundInvalid, deviationId }: SupplementTest): string =>
  `${withinSpecification ? 'yes' : 'NO'}${foundInvalid ? ', found invalid' : ''}${deviationId === undefined ? '' : ` (${deviationId})`}`;

/** The supplement to the certificate of a staged release, as a list of blocks in reading order. */
export const supplementLayout = (document: SupplementDocument): readonly Block[] => [
  { type: 'title', text: 'Supplement to a batch certificate', subtitle: document.certificateId },
  { type: 'facts', rows: factsOf(document) },
  { type: 'heading', text: 'Results that came after the staged release' },
  {
    type: 'table', columns: TEST_COLUMNS, empty: 'No results.',
    rows: document.tests.map((test) => [`${test.title} (${test.recordedAt})`, `${test.specification} ${test.unit}`.trim(), `${test.result} ${test.unit}`.trim(), test.method, conformsOf(test)]),
  },
  { type: 'heading', text: 'Deviations raised after the release' },
  {
    type: 'table', columns: DEVIATION_COLUMNS, empty: 'None.',
    rows: document.deviations.map(({ deviationId, severity, title, conclusion }) => [deviationId, severity, `${title}. ${conclusion}`]),
  },
  { type: 'heading', text: document.certified ? 'Certification' : 'No certification' },
  { type: 'paragraph', text: document.statement },
  { type: 'table', columns: SIGNATURE_COLUMNS, empty: 'Made by rule; signed by nobody.', rows: document.signatures.map(({ printedName, signedAt, meaning, subject }) => [printedName, signedAt, meaning, subject]) },
  { type: 'fine', text: `Certificate ${document.supplementTo.certificateId}: SHA-256 of its JSON ${document.supplementTo.jsonSha256}, of its PDF ${document.supplementTo.pdfSha256}; record version ${document.supplementTo.recordVersion}, SHA-256 ${document.supplementTo.recordHash}.` },
  { type: 'fine', text: `This supplement: batch record version ${document.record.version}, SHA-256 ${document.record.hash}. Master batch record content SHA-256 ${document.masterBatchRecord.contentHash}.` },
];
