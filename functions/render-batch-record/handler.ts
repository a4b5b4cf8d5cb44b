import type { BatchRecordDocument } from '../../shared/audit/batch-record-document.ts';
import type { Coverage } from '../../shared/audit/coverage.ts';
import type { Signers } from '../../shared/audit/signers.ts';
import { task } from '../_platform/batch.ts';
import { drawPdf, type Fonts } from '../_platform/pdf/draw.ts';
import { layoutOf } from './layout.ts';

type Ports = Readonly<{ fonts(): Fonts }>;
export type RenderInput = Readonly<{ document: BatchRecordDocument; signers: Signers; coverage?: Coverage | undefined }>;
export type Rendered = Readonly<{ pdfBase64: string }>;

/** Pure of record and tables: a batch record in, its PDF out. The last event's time is the file's date, so a re-run gives the same bytes. */
export const createHandler = ({ fonts }: Ports) => task(async ({ document, signers, coverage }: RenderInput): Promise<Rendered> => {
  const pdf = await drawPdf(layoutOf(document, signers, coverage), `Batch record ${document.batchId}, version ${document.record.version}`, new Date(document.record.recordedAt), fonts());
  return { pdfBase64: pdf.toString('base64') };
});
