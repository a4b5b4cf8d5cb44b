import type { CertificateDocument } from '../../shared/release/certificate-document.ts';
import { task } from '../_platform/batch.ts';
import { drawPdf, type Fonts } from '../_platform/pdf/draw.ts';
import { layoutOf } from './layout.ts';

type Ports = Readonly<{ fonts(): Fonts }>;
export type RenderInput = Readonly<{ document: CertificateDocument }>;

/** Pure of record and tables: a certificate in, its PDF out. Signed time is the document's date, so a re-run gives the same bytes. */
export const createHandler = ({ fonts }: Ports) => task(async ({ document }: RenderInput) => {
  const signedAt = document.signatures.at(-1)?.signedAt ?? document.completedAt;
  const pdf = await drawPdf(layoutOf(document), `Batch certificate ${document.certificateId}`, new Date(signedAt), fonts());
  return { pdfBase64: pdf.toString('base64') };
});
