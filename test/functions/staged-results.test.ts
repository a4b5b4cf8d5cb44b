import type { Context } from 'aws-lambda';
import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { beforeEach, describe, expect, it } from 'vitest';
import { createHandler as createCertificate } from '../../functions/release-certificate/handler.ts';
import { createHandler as createProgress } from '../../functions/release-progress/handler.ts';
import { createHandler as createRender } from '../../functions/render-certificate/handler.ts';
import type { CertificateDocument, SupplementDocument } from '../../shared/release/certificate-document.ts';
import { act, actSigned, advance, BATCH_ROUTE, createEquippedJourney, createJourney, type Journey } from '../support/journey.ts';
import type { TestNode } from '../support/node.ts';
import { pdfPages } from '../support/pdf-text.ts';
import { PEOPLE } from '../support/people.ts';
import { streamRecord } from '../support/stream-record.ts';

const CONTEXT = { awsRequestId: 'r-1' } as Context;
const { qualified, reviewer, scientist } = PEOPLE;
const { resolve } = createRequire(import.meta.url);
const fonts = { regular: readFileSync(resolve('dejavu-fonts-ttf/ttf/DejaVuSans.ttf')), bold: readFileSync(resolve('dejavu-fonts-ttf/ttf/DejaVuSans-Bold.ttf')) };
const render = createRender({ fonts: () => fonts });
const CERTIFICATION = `${BATCH_ROUTE}/staged-results/certification`;

let node: TestNode;
let journey: Journey;
let rendered: (CertificateDocument | SupplementDocument)[];
/** Version up to which the followers of the record have seen it. */
let followed: number;

const certificates = () => createCertificate({
  batches: node.records.batches, record: node.store, operations: node.operations, documents: node.documents,
  render: async (document) => {
    rendered.push(document);
    return Buffer.from((await render({ document }, CONTEXT)).pdfBase64, 'base64');
  },
});
/** The record's stream, as far as it goes: what follows an event may be an event. */
const follow = async (): Promise<void> => {
  const progress = createProgress({ operations: node.operations, count: () => undefined, followStagedResults: (batchId) => certificates()({ batchId, late: true }, CONTEXT), workflow: { start: () => Promise.resolve(), wake: () => Promise.resolve() } });
  for (let events = await node.store.load({ kind: 'batch', id: journey.batchId }); events.length > followed; events = await node.store.load({ kind: 'batch', id: journey.batchId })) {
    const Records = events.slice(followed).map(streamRecord);
    followed = events.length;
    await progress({ Records }, CONTEXT);
  }
};
const result = (value: string, reason?: string) => actSigned(journey, reviewer, 'responsibility', `${BATCH_ROUTE}/test-results`, { testId: 'sterility', value, method: 'culture', sampleId: 'S-2', ...(reason === undefined ? {} : { reason }) });
const certify = (person = qualified) => actSigned(journey, person, 'approval', CERTIFICATION);
const certificate = async (of?: 'staged-results', format: 'json' | 'pdf' = 'json') => node.call(reviewer, `GET ${BATCH_ROUTE}/certificate`, { path: { batchId: journey.batchId }, query: { format, ...(of === undefined ? {} : { of }) } });
const work = async (): Promise<readonly string[]> => ((await node.call(qualified, 'GET /v1/work', { query: { role: 'qualified-person' } })).body['items'] as readonly Readonly<{ subject: string }>[]).map(({ subject }) => subject);
const settle = async (testResult: 'stands' | 'invalid'): Promise<void> => {
  const [deviationId = ''] = Object.keys((await node.batch(journey.batchId)).deviations).slice(-1);
  await actSigned(journey, scientist, 'review', `${BATCH_ROUTE}/deviations/{deviationId}/assessment`, { impact: 'not infused', rootCause: 'a contaminated plate' }, { deviationId });
  await actSigned(journey, reviewer, 'approval', `${BATCH_ROUTE}/deviations/{deviationId}/closure`, { conclusion: 'the plate, not the product', testResult }, { deviationId });
  await follow();
};

beforeEach(async () => {
  ({ node, journey } = await createEquippedJourney());
  await advance(journey, 'released');
  [rendered, followed] = [[], 0];
  await certificates()({ batchId: journey.batchId }, CONTEXT);
  await follow();
});

describe('results that come after a staged release', () => {
  it('wait for the Qualified Person once the last is in, and get a certificate of their own that names the first', async () => {
    const [first, before] = [await certificate(), await node.batch(journey.batchId)];
    expect([await work(), (await certificate('staged-results')).code]).toEqual([[], 'batch-open-points']);
    await result('no growth');
    await follow();
    expect(await work()).toEqual([`staged-results/${journey.batchId}`]);
    expect((await certificate('staged-results')).code).toBe('batch-open-points');
    const signedAt = await node.batch(journey.batchId);
    expect((await certify()).status).toBe(200);
    await follow();
    const { body } = await certificate('staged-results');
    const file = before.certificates[0]!;
    expect(body).toMatchObject({
      batchId: journey.batchId, chainOfIdentityId: journey.chainOfIdentityId, certified: true, deviations: [],
      supplementTo: { certificateId: `CERT-${journey.batchId}`, jsonSha256: file.jsonSha256, pdfSha256: file.pdfSha256, recordVersion: before.disposition!.signature.signedVersion, recordHash: before.disposition!.signature.signedHash },
      tests: [{ testId: 'sterility', result: 'no growth', withinSpecification: true, foundInvalid: false }],
      signatures: [{ printedName: 'Dr Emil Qualified', meaning: 'approval', subject: 'results after a staged release' }], record: { version: signedAt.version, hash: signedAt.hash },
    });
    expect(await certificate()).toEqual(first);
    expect(await work()).toEqual([]);
    const text = pdfPages((await certificate('staged-results', 'pdf')).file!).join('\n').replaceAll(/\s/g, '');
    for (const part of ['Supplement to a batch certificate', String(body['certificateId']), file.jsonSha256, file.pdfSha256, 'no growth', 'Dr Emil Qualified', 'certified']) expect(text).toContain(part.replaceAll(' ', ''));
  });
  it('are stored with the hashes the record states, once, however often their turn comes', async () => {
    await result('no growth');
    await certify();
    await follow();
    const { certificates: issued, version } = await node.batch(journey.batchId);
    followed = 0;
    await follow();
    await certificates()({ batchId: journey.batchId }, CONTEXT);
    expect(await node.batch(journey.batchId)).toMatchObject({ certificates: issued, version });
    const [, { objectKey, jsonSha256, pdfSha256 }] = issued as readonly [unknown, (typeof issued)[number]];
    const stored = await Promise.all(['json', 'pdf'].map(async (format) => createHash('sha256').update((await node.documents.get(`${objectKey}.${format}`))!.body).digest('hex')));
    expect([issued.length, stored]).toEqual([2, [jsonSha256, pdfSha256]]);
  });
  it('out of specification are in a supplement that nobody signs, at once, with the deviation', async () => {
    const first = await certificate();
    await result('growth');
    await follow();
    const [deviationId = ''] = Object.keys((await node.batch(journey.batchId)).deviations);
    expect((await certificate('staged-results')).body).toMatchObject({ certified: false, signatures: [], tests: [{ result: 'growth', withinSpecification: false, deviationId }], deviations: [{ deviationId, severity: 'critical', conclusion: 'not closed (open)' }] });
    expect(pdfPages((await certificate('staged-results', 'pdf')).file!).join('\n').replaceAll(/\s/g, '')).toContain('OUTOFSPECIFICATION;notcertified');
    expect((await certify()).code).toBe('batch-open-points');
    expect(await work()).toEqual([`released/${journey.batchId}/${deviationId}`]);
    await settle('stands');
    expect([(await certify()).code, (await node.batch(journey.batchId)).certificates.length]).toEqual(['batch-open-points', 2]);
    expect(await certificate()).toEqual(first);
  });
  it('found invalid want another, and both are in the supplement that is signed then', async () => {
    await result('growth');
    await follow();
    await settle('invalid');
    expect([await work(), (await certify()).code]).toEqual([[], 'batch-open-points']);
    await result('no growth', 'plated again');
    await follow();
    await certify();
    await follow();
    expect((await certificate('staged-results')).body).toMatchObject({ certified: true, tests: [{ result: 'growth', foundInvalid: true }, { result: 'no growth', foundInvalid: false }], deviations: [{ conclusion: 'the plate, not the product' }] });
    expect((await node.batch(journey.batchId)).certificates).toHaveLength(3);
  });
  it.each([
    ['before the last is in', () => Promise.resolve(), () => certify(), 'batch-open-points'],
    ['with a deviation open that was raised since', async () => { await result('no growth'); await act(journey, reviewer, `${BATCH_ROUTE}/deviations`, { severity: 'minor', title: 'Label torn', detail: 'On arrival.' }); }, () => certify(), 'batch-open-points'],
    ['by anybody but the Qualified Person', () => result('no growth'), () => certify(reviewer), 'role-missing'],
    ['as anything but approval', () => result('no growth'), () => actSigned(journey, qualified, 'review', CERTIFICATION), 'signature-meaning-wrong'],
    ['twice', async () => { await result('no growth'); await certify(); }, () => certify(), 'batch-already-dispositioned'],
    ['while the record is not under a checkpoint', async () => { await result('no growth'); node.publication.isAsked = true; }, () => certify(), 'record-not-published'],
  ] as const)('are not certified %s', async (_, prepare, attempt, code) => {
    await prepare();
    expect((await attempt()).code).toBe(code);
  });
  it('are nothing to certify where the batch has no staged release', async () => {
    const other = await advance(await createJourney(node), 'started');
    expect((await actSigned(other, qualified, 'approval', CERTIFICATION)).code).toBe('batch-state-wrong');
  });
  it('leave what the first certificate says when it is made only after them', async () => {
    const [document] = rendered;
    await result('growth');
    rendered = [];
    await certificates()({ batchId: journey.batchId }, CONTEXT);
    expect(rendered[0]).toEqual(document);
  });
});
