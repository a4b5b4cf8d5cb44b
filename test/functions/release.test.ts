import type { Context } from 'aws-lambda';
import { createHash } from 'node:crypto';
import { beforeEach, describe, expect, it } from 'vitest';
import { createHandler as createCertificate } from '../../functions/release-certificate/handler.ts';
import { createHandler as createProgress, type WaitingRelease } from '../../functions/release-progress/handler.ts';
import { createHandler as createWait, type WaitInput } from '../../functions/release-wait/handler.ts';
import type { BatchEvent } from '../../shared/batch/events.ts';
import { keyOf } from '../../shared/storage/keys.ts';
import { networkStatusOf } from '../../shared/batch/status.ts';
import { act, actSigned, advance, BATCH_ROUTE, createEquippedJourney, type Journey } from '../support/journey.ts';
import { codeOfAsync } from '../support/error-code.ts';
import type { TestNode } from '../support/node.ts';
import { PEOPLE } from '../support/people.ts';
import { streamRecord } from '../support/stream-record.ts';

const CONTEXT = { awsRequestId: 'r-1' } as Context;
const { operator, qualified, reviewer, engineer, scientist } = PEOPLE;

let node: TestNode;
let journey: Journey;
beforeEach(async () => { ({ node, journey } = await createEquippedJourney()); });

const work = async (): Promise<readonly string[]> => {
  const lists = await Promise.all([reviewer, qualified, engineer].map(async (person) => (await node.call(person, 'GET /v1/work', { query: { role: person.roles[0]! } })).body['items'] as readonly Readonly<{ subject: string; title: string; detail: string }>[]));
  return lists.flatMap((items, i) => items.map(({ subject, title, detail }) => `${[reviewer, qualified, engineer][i]!.roles[0]!} | ${subject} | ${title} | ${detail}`));
};
const batchId = (): string => journey.batchId;

describe('the release workflow waits', () => {
  const woken: (readonly [string, unknown])[] = [];
  beforeEach(() => { woken.length = 0; });
  const wait = (own: Partial<WaitInput> = {}) => createWait({ operations: node.operations, batches: node.records.batches, now: node.now, wake: (token, output) => { woken.push([token, output]); return Promise.resolve(); } })(
    { batchId: batchId(), taskToken: 'token-1', waitingFor: 'open-points', reviewedVersion: 0, ...own }, CONTEXT);

  it('with its token kept, and the work on the list of the role that has it', async () => {
    await advance(journey, 'reviewed');
    const { version } = await node.batch(batchId());
    await wait({ reviewedVersion: version, openPoints: [{ rule: 'test-missing', subject: 'purity', detail: 'Purity has no result' }] });
    expect(await node.operations.get<WaitingRelease>(keyOf.releaseWait(batchId()))).toMatchObject({ taskToken: 'token-1', waitingFor: 'open-points', reviewedVersion: version });
    expect([await work(), woken]).toEqual([[`quality-reviewer | release/${batchId()} | Open points before release: ${batchId()} | test-missing: purity`], []]);
    await wait({ reviewedVersion: version, waitingFor: 'disposition' });
    expect(await work()).toEqual([`qualified-person | release/${batchId()} | Batch awaits certification: ${batchId()} | Every rule of the review is met`]);
    await wait({ reviewedVersion: version, waitingFor: 'attention', cause: 'rendering failed' });
    expect(await work()).toEqual([`site-engineer | release/${batchId()} | Release workflow needs attention: ${batchId()} | rendering failed`]);
  });
  it('not at all for what happened between the review and the wait', async () => {
    await advance(journey, 'reviewed');
    const { version } = await node.batch(batchId());
    await act(journey, operator, `${BATCH_ROUTE}/deviations`, { severity: 'minor', title: 'Door left open', detail: 'For a minute.' });
    await wait({ reviewedVersion: version });
    expect(woken).toEqual([['token-1', { disposition: 'none' }]]);
  });
  it('not at all when the disposition was taken meanwhile', async () => {
    await advance(journey, 'released');
    await wait();
    expect(woken).toEqual([['token-1', { disposition: 'release' }]]);
  });
  it('for no batch that is not here', async () => { expect(await codeOfAsync(() => wait({ batchId: 'hill-1' }))).toBe('batch-not-found'); });
});

describe('the release workflow follows the record', () => {
  const calls: (readonly unknown[])[] = [];
  beforeEach(() => { calls.length = 0; });
  const follow = async (fromVersion: number) => createProgress({
    operations: node.operations, followStagedResults: (id) => { calls.push(['late', id]); return Promise.resolve(); }, count: (name, value) => { calls.push(['count', name, value]); },
    workflow: { start: (id, version) => { calls.push(['start', id, version]); return Promise.resolve(); }, wake: (token, output) => { calls.push(['wake', token, output]); return Promise.resolve(); } },
  })({ Records: (await node.store.load({ kind: 'batch', id: batchId() })).slice(fromVersion).map(streamRecord) }, CONTEXT);
  const waitAt = (reviewedVersion: number) => node.operations.put(keyOf.releaseWait(batchId()), { taskToken: 'token-1', waitingFor: 'open-points', reviewedVersion });

  it('and starts once the last phase is complete, under a name that a repeat has too', async () => {
    await advance(journey, 'completed');
    await follow(0);
    await follow(0);
    const { version } = (await node.store.load<BatchEvent>({ kind: 'batch', id: batchId() })).find(({ event }) => event.type === 'batch-completed')!;
    expect(calls).toEqual([['start', batchId(), version], ['start', batchId(), version]]);
  });
  it('and wakes at what a person does after the review', async () => {
    await advance(journey, 'completed');
    const { version } = await node.batch(batchId());
    await waitAt(version);
    await advance(journey, 'tested', 'completed');
    await follow(version);
    expect(calls).toEqual([['wake', 'token-1', { disposition: 'none' }]]);
  });
  it('and says which disposition was taken', async () => {
    await advance(journey, 'reviewed');
    const { version } = await node.batch(batchId());
    await waitAt(version);
    await advance(journey, 'released', 'reviewed');
    await follow(version);
    expect(calls).toEqual([['wake', 'token-1', { disposition: 'release' }]]);
  });
  it('and sleeps through its own review, through older events, and when nothing waits', async () => {
    await advance(journey, 'tested');
    const { version } = await node.batch(batchId());
    await follow(version - 1);
    await waitAt(version);
    await advance(journey, 'reviewed', 'tested');
    await follow(version - 1);
    expect(calls).toEqual([]);
  });
  it('and takes a rejected batch off the work lists, whether the workflow waited or not', async () => {
    await advance(journey, 'reviewed');
    const { version } = await node.batch(batchId());
    await waitAt(version);
    await node.operations.put(keyOf.work('qualified-person', `release/${batchId()}`), { subject: `release/${batchId()}`, title: 't', detail: 'd' });
    await actSigned(journey, qualified, 'approval', `${BATCH_ROUTE}/disposition`, { disposition: 'reject', reason: 'as its record says' });
    await follow(version);
    expect([calls, await work(), await node.operations.get(keyOf.releaseWait(batchId()))]).toEqual([[['wake', 'token-1', { disposition: 'reject' }]], [], undefined]);
    await createWait({ operations: node.operations, batches: node.records.batches, now: node.now, wake: () => Promise.resolve() })({ batchId: batchId(), taskToken: 'token-2', waitingFor: 'disposition', reviewedVersion: version }, CONTEXT);
    expect([await work(), await node.operations.get(keyOf.releaseWait(batchId()))]).toEqual([[], undefined]);
  });
  it('and tells people at once of growth in a batch that was released before its sterility was known', async () => {
    await advance(journey, 'released');
    const { version, disposition } = await node.batch(batchId());
    const { status } = await actSigned(journey, reviewer, 'responsibility', `${BATCH_ROUTE}/test-results`, { testId: 'sterility', value: 'growth', method: 'culture', sampleId: 'S-2' });
    await follow(version);
    const { deviations } = await node.batch(batchId());
    const [deviationId = ''] = Object.keys(deviations);
    expect([status, disposition?.staged, deviations[deviationId]]).toMatchObject([200, true, { severity: 'critical', rule: 'test-out-of-specification', state: 'open' }]);
    expect(calls).toEqual([['late', batchId()], ['count', 'ReleasedBatchDeviations', 1], ['late', batchId()]]);
    const told = ['quality-reviewer', 'qualified-person'].map((role) => `${role} | released/${batchId()}/${deviationId} | RELEASED batch ${batchId()}: Sterility out of specification | Sterility: got growth, want no growth. Tell the treating physician now; stop the use of the product if it is not infused`);
    expect(await work()).toEqual(told);
    expect(networkStatusOf(await node.batch(batchId()), '')).toMatchObject({ disposition: 'release', openDeviationCount: 1 });
    const at = { deviationId };
    expect((await actSigned(journey, scientist, 'review', `${BATCH_ROUTE}/deviations/{deviationId}/assessment`, { impact: 'not infused', rootCause: 'a leak' }, at)).status).toBe(200);
    expect((await actSigned(journey, reviewer, 'approval', `${BATCH_ROUTE}/deviations/{deviationId}/closure`, { conclusion: 'product destroyed', testResult: 'stands' }, at)).status).toBe(200);
    await follow(version);
    expect(await work()).toEqual([]);
  });
});

describe('the certificate', () => {
  const rendered: unknown[] = [];
  beforeEach(() => { rendered.length = 0; });
  const certificate = (pdf = '%PDF-1', batches: Parameters<typeof createCertificate>[0]['batches'] = node.records.batches) => createCertificate({
    batches, record: node.store, operations: node.operations, documents: node.documents,
    render: (document) => {
      rendered.push(document);
      return Promise.resolve(Buffer.from(pdf));
    },
  });
  const issue = async (pdf: string, id = batchId()) => certificate(pdf)({ batchId: id }, CONTEXT);
  const sha256 = (bytes: Uint8Array): string => createHash('sha256').update(bytes).digest('hex');
  const files = async () => {
    const [{ objectKey, jsonSha256, pdfSha256 } = { objectKey: '', jsonSha256: '', pdfSha256: '' }] = (await node.batch(batchId())).certificates;
    return { stated: [jsonSha256, pdfSha256], stored: await Promise.all(['json', 'pdf'].map(async (format) => sha256((await node.documents.get(`${objectKey}.${format}`))!.body))) };
  };

  it('is composed of the record alone, again and again the same', async () => {
    await advance(journey, 'released');
    const answer = await issue('%PDF-1');
    expect(answer).toEqual({ certificateId: `CERT-${batchId()}` });
    expect(rendered).toMatchObject([{ batchId: batchId(), chainOfIdentityId: journey.chainOfIdentityId, staged: true, outstandingTests: ['sterility'], signatures: [{ printedName: 'Dr Emil Qualified', meaning: 'approval', subject: 'release of the batch' }] }]);
    await issue('%PDF-1');
    expect(rendered[1]).toEqual(rendered[0]);
  });
  it('is not composed for a batch that is not released, or not here', async () => {
    await advance(journey, 'reviewed');
    expect(await codeOfAsync(() => issue('%PDF-1'))).toBe('batch-state-wrong');
    expect(await codeOfAsync(() => issue('%PDF-1', 'hill-1'))).toBe('batch-not-found');
    expect(rendered).toEqual([]);
  });
  it('is stored with the hashes the record states, once, and the work is off the lists', async () => {
    await advance(journey, 'released');
    await node.operations.put(keyOf.releaseWait(batchId()), { taskToken: 't' });
    await node.operations.put(keyOf.work('qualified-person', `release/${batchId()}`), { subject: `release/${batchId()}` });
    await issue('%PDF-1');
    const after = await node.held(batchId());
    await issue('%PDF-1');
    expect(await node.held(batchId())).toEqual(after);
    const { stated, stored } = await files();
    expect(stated).toEqual(stored);
    expect([await work(), await node.operations.get(keyOf.releaseWait(batchId()))]).toEqual([[], undefined]);
    expect((await node.call(qualified, `GET ${BATCH_ROUTE}/certificate`, { path: { batchId: batchId() }, query: { format: 'pdf' } })).file?.toString()).toBe('%PDF-1');
  });
  it('states the hash of what is stored also when it was cut off after the file and is rendered otherwise the second time', async () => {
    await advance(journey, 'released');
    const failing = certificate('%PDF-1 by an older renderer', { ...node.records.batches, change: () => Promise.reject(new Error('cut off')) });
    await expect(failing({ batchId: batchId() }, CONTEXT)).rejects.toThrow('cut off');
    expect(await issue('%PDF-1 by a newer renderer')).toEqual({ certificateId: `CERT-${batchId()}` });
    const { stated, stored } = await files();
    expect(stated).toEqual(stored);
  });
});
