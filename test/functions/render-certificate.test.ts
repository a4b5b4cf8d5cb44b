import type { Context } from 'aws-lambda';
import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { describe, expect, it } from 'vitest';
import { createHandler } from '../../functions/render-certificate/handler.ts';
import { layoutOf } from '../../functions/render-certificate/layout.ts';
import type { CertificateDocument } from '../../shared/release/certificate-document.ts';
import { pdfPages } from '../support/pdf-text.ts';

const { resolve } = createRequire(import.meta.url);
const fonts = { regular: readFileSync(resolve('dejavu-fonts-ttf/ttf/DejaVuSans.ttf')), bold: readFileSync(resolve('dejavu-fonts-ttf/ttf/DejaVuSans-Bold.ttf')) };
const handler = createHandler({ fonts: () => fonts });

const DOCUMENT: CertificateDocument = {
  formatVersion: 1, certificateId: 'CERT-north-20260302-TEST01', batchId: 'north-20260302-TEST01', nodeId: 'north', productId: 'test-product', productTitle: 'Test product', chainOfIdentityId: 'CABCDEFGHJKY',
  masterBatchRecord: { id: 'MBR-1', version: 2, contentHash: 'c'.repeat(64) }, startedAt: '2026-03-02T14:05:09.120Z', completedAt: '2026-03-11T09:00:00.000Z',
  tests: [{ testId: 'purity', title: 'Purity', specification: '≥ 70', result: '92', unit: '%', method: 'flow cytometry', withinSpecification: true }],
  deviations: [{ deviationId: 'DEV-1', severity: 'minor', title: 'Door left open', conclusion: 'No effect on the product' }],
  staged: true, outstandingTests: ['sterility'], statement: 'I certify that this batch was made as its record says.',
  signatures: [
    { printedName: 'Dr Zoë Ångström-Łukasiewicz', signedAt: '2026-03-11T12:30:00.000Z', meaning: 'approval', subject: 'release of the batch' }, { printedName: 'Δρ Ελένη Παπαδοπούλου', signedAt: '2026-03-11T12:31:00.000Z', meaning: 'responsibility', subject: 'quality control' },
  ],
  record: { version: 41, hash: 'd'.repeat(64) },
};
const render = async (own: Partial<CertificateDocument> = {}): Promise<Buffer> => Buffer.from((await handler({ document: { ...DOCUMENT, ...own } }, { awsRequestId: 'r-1' } as Context)).pdfBase64, 'base64');

describe('the rendered certificate', () => {
  it('names who signed, when and with what meaning, in any European script', async () => {
    const text = pdfPages(await render()).join('\n');
    for (const { printedName, signedAt, meaning, subject } of DOCUMENT.signatures) for (const part of [...printedName.split(/[ -]/), signedAt, meaning, subject]) expect(text).toContain(part);
    expect(text).not.toContain('\uFFFD');
  });
  it('says of which batch, patient, record and results it speaks', async () => {
    const text = pdfPages(await render()).join('\n').replaceAll('\n', '');
    for (const part of ['Batch certificate', DOCUMENT.certificateId, DOCUMENT.batchId, DOCUMENT.chainOfIdentityId, 'MBR-1, version 2', 'Purity', '92 %', '≥ 70 %', 'flow cytometry', 'yes', 'DEV-1', 'Door left open. No effect on the product', 'staged; outstanding: sterility', DOCUMENT.statement, DOCUMENT.record.hash]) {
      expect(text.replaceAll(' ', '')).toContain(part.replaceAll(' ', ''));
    }
  });
  it('is the same bytes when it is rendered again, and others when anything in it differs', async () => {
    const once = await render();
    expect((await render()).equals(once)).toBe(true);
    expect((await render({ staged: false })).equals(once)).toBe(false);
  });
  it('says NO beside a result out of its specification, and None without deviations', async () => {
    const text = pdfPages(await render({ tests: [{ ...DOCUMENT.tests[0]!, withinSpecification: false }], deviations: [] })).join('\n');
    expect(text).toContain('NO');
    expect(text).toContain('None.');
  });
  it('goes on over as many pages as it needs, numbered, and loses no row', async () => {
    const deviations = Array.from({ length: 120 }, (_, i) => ({ deviationId: `DEV-${i + 1000}`, severity: 'minor', title: `Deviation ${i}`, conclusion: 'x '.repeat(100) }));
    const pages = pdfPages(await render({ deviations }));
    expect(pages.length).toBeGreaterThan(3);
    pages.forEach((page, i) => { expect(page).toContain(`page ${i + 1} of ${pages.length}`); });
    for (const { deviationId } of deviations) expect(pages.filter((page) => page.includes(deviationId))).toHaveLength(1);
    expect(pages.at(-1)).toContain('approval');
  });
  it('is dated by its last signature, not by a clock', async () => { expect((await render()).toString('latin1')).toContain('(D:20260311123100Z)'); });
});

it('a certificate is laid out without knowing how it is drawn', () => {
  expect(layoutOf(DOCUMENT).map(({ type }) => type)).toEqual(['title', 'facts', 'heading', 'table', 'heading', 'table', 'heading', 'paragraph', 'table', 'fine']);
  expect(layoutOf({ ...DOCUMENT, staged: false }).find(({ type }) => type === 'facts')).toMatchObject({ rows: expect.arrayContaining([['Release', 'complete']]) as unknown });
});
