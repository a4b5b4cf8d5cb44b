import type { CertificateDocument, SupplementDocument } from '../../shared/release/certificate-document.ts';
import { task } from '../_platform/batch.ts';
import { drawPdf, type Fonts } from '../_platform/pdf/draw.ts';
import { layoutOf } from './layout.ts';
import { supplementLayout } from './supplement-layout.ts';

type Ports = Readonly<{ fonts(): Fonts }>;
export type RenderInput = Readonly<{ document: CertificateDocument | SupplementDocument }>;

const isSupplement = (document: RenderInput['document']): document is SupplementDocument => 'supplementTo' in document;

/** By its last signature; of a supplement that nobody signs, by the last result it lists. */
const dateOf = (document: RenderInput['document']): string =>
  document.signatures.at(-1)?.signedAt ?? (isSupplement(document) ? document.tests.map(({ recordedAt }) => recordedAt).toSorted().at(-1) ?? '' : document.completedAt);

/** Pure of record and tables: a certificate or supplement in, its PDF out. Its date is what it says itself, so a re-run gives the same bytes. */
export const createHandler = ({ fonts }: Ports) => task(async ({ document }: RenderInput) => {
  const blocks = isSupplement(document) ? supplementLayout(document) : layoutOf(document);
  const pdf = await drawPdf(blocks, `Batch certificate ${document.certificateId}`, new Date(dateOf(document)), fonts());
  return { pdfBase64: pdf.toString('base64') };
});
