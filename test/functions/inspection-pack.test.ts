import { unzipSync } from 'fflate';
import { createCipheriv, createHash } from 'node:crypto';
import { beforeEach, describe, expect, it, onTestFinished } from 'vitest';
import { createHandler } from '../../functions/inspection-pack/handler.ts';
import { instructionsFor } from '../../functions/inspection-pack/instructions.ts';
import { createPackStore } from '../../functions/inspection-pack/pack-store.ts';
import { composeBatchRecord } from '../../shared/audit/compose-batch-record.ts';
import { hexOf, leafHashOf } from '../../shared/audit-log/hash.ts';
import { receiptOf } from '../../shared/audit-log/receipt.ts';
import type { BatchEvent } from '../../shared/batch/events.ts';
import { canonicalJson } from '../../shared/record/canonical-json.ts';
import { verifyChain } from '../../shared/record/chain.ts';
import type { Recorded } from '../../shared/record/envelope.ts';
import { act, actSigned, advance, BATCH_ROUTE, createJourney, equip, PHASE_ROUTE, type Journey } from '../support/journey.ts';
import { apiEvent } from '../support/api.ts';
import { NOW } from '../support/batch-fixtures.ts';
import { codeOf } from '../support/error-code.ts';
import { createNode, type TestNode } from '../support/node.ts';
import { startLocalS3, type LocalS3 } from '../support/local-s3.ts';
import { pdfPages } from '../support/pdf-text.ts';
import { PEOPLE, type TestPerson } from '../support/people.ts';

const { operator, reviewer, qualified, scientist, regulator } = PEOPLE;
const PACK = 'GET /v1/audit/batches/{batchId}/inspection-pack';
const AT = '2026-03-02 14:05:09 UTC';

let node: TestNode;
let journey: Journey;
beforeEach(async () => {
  node = createNode();
  await equip(node);
  journey = await advance(await createJourney(node), 'valued');
});

const ask = (person: TestPerson = regulator, batchId = journey.batchId) => node.call(person, PACK, { path: { batchId } });
const filesOf = (zip: Buffer | undefined): ReadonlyMap<string, Buffer> => new Map(Object.entries(unzipSync(zip!)).map(([path, body]) => [path, Buffer.from(body)]));
const files = async () => filesOf((await ask()).file);
const json = async (name: string) => JSON.parse((await files()).get(name)!.toString('utf8')) as Readonly<Record<string, unknown>>;
const pdfText = async (): Promise<string> => pdfPages((await files()).get('batch-record.pdf')!).join('\n').replaceAll(/\s+/g, '');
const saysAll = (text: string, parts: readonly string[]): void => { for (const part of parts) expect(text).toContain(part.replaceAll(/\s+/g, '')); };

describe('the inspection pack', () => {
  it('is one zip with the record to read, the record for a machine, its audit trail and how to check them', async () => {
    const { status, headers, file } = await ask();
    const { version } = await node.batch(journey.batchId);
    expect([status, headers['content-type'], headers['content-disposition']]).toEqual([200, 'application/zip', `attachment; filename="${journey.batchId}-version-${version}.zip"`]);
    expect([...filesOf(file).keys()]).toEqual(['INSTRUCTIONS.txt', 'batch-record.pdf', 'batch-record.json', 'audit-trail.json', 'SHA256SUMS']);
  });
  it('holds every event as it was stored, chained, in the form its hash is of', async () => {
    const stream = { kind: 'batch', id: journey.batchId } as const;
    const { events, version, hash } = await json('batch-record.json') as Readonly<{ events: Recorded<BatchEvent>[]; version: number; hash: string }>;
    expect(events).toEqual(await node.store.load(stream));
    expect(() => { verifyChain(stream, events); }).not.toThrow();
    expect({ version, hash }).toEqual({ version: events.length, hash: events.at(-1)?.hash });
    const lines = (await files()).get('batch-record.json')!.toString('utf8').split('\n').slice(1, -2);
    expect(lines.map((line) => line.replace(/,$/, ''))).toEqual(events.map(canonicalJson));
  });
  it('holds each event in the bytes of its entry in the log, as many as the record has', async () => {
    const lines = (await files()).get('batch-record.json')!.toString('utf8').split('\n').slice(1, -2).map((line) => line.replace(/,$/, ''));
    const logged = (await node.store.load({ kind: 'batch', id: journey.batchId })).map((event) => receiptOf(event).leafHash);
    expect(lines.map((line) => hexOf(leafHashOf(Buffer.from(line))))).toEqual(logged);
  });
  it('holds the whole audit trail, as the interface gives it', async () => {
    await act(journey, operator, `${BATCH_ROUTE}/hold`, { reason: 'power failure', deviceTime: '2026-03-02T15:05:09.000+01:00' });
    const { body } = await node.call(regulator, 'GET /v1/audit/batches/{batchId}/audit-trail', { path: { batchId: journey.batchId }, query: { limit: '200' } });
    expect((await json('audit-trail.json'))['entries']).toEqual(body['items']);
  });
  it('has the sum of each of its files', async () => {
    const all = await files();
    const sums = new Map(all.get('SHA256SUMS')!.toString('utf8').trimEnd().split('\n').map((line) => line.split('  ') as [string, string]).map(([sum, path]) => [path, sum]));
    expect([...sums.keys()]).toEqual([...all.keys()].filter((path) => path !== 'SHA256SUMS'));
    for (const [path, sum] of sums) expect(createHash('sha256').update(all.get(path)!).digest('hex')).toBe(sum);
  });
  it('is the same bytes when it is asked for again', async () => { expect((await ask()).file!.equals((await ask()).file!)).toBe(true); });
  it('tells its reader in plain short lines what is in it, and that it holds no proof', async () => {
    const text = (await files()).get('INSTRUCTIONS.txt')!.toString('utf8');
    const { version, hash } = await node.batch(journey.batchId);
    for (const part of [journey.batchId, `Version   ${version}`, hash, 'sha256sum -c SHA256SUMS', 'no proof from the transparency log']) expect(text).toContain(part);
    expect(text.split('\n').filter((line) => line.length > 80 || /[^ -~]/.test(line))).toEqual([]);
  });
});

describe('the batch record to read', () => {
  it('says what was made for whom, with what and on what, and who held it', async () => {
    saysAll(await pdfText(), ['Batch record', journey.batchId, journey.chainOfIdentityId, 'test, version 1', 'Upstream › Receive › culture', `Cells${journey.patientLot}80 mL`, 'Medium MED-1 200 mL', 'BIO-1, Bioreactor', 'Room 1', `Ben Operator, ${AT}, responsibility`, 'intact', 'Phase filling was not begun.']);
  });
  it('shows a value with its limits, and each change of it with old, new, why, by whom, when and signed', async () => {
    await actSigned(journey, operator, 'responsibility', `${PHASE_ROUTE}/values/{valueId}/correction`, { value: 60, reason: 'misread' }, { phaseId: 'culture', valueId: 'viability' });
    await actSigned(journey, operator, 'responsibility', `${PHASE_ROUTE}/values/{valueId}/correction`, { value: 91, reason: 'counted again' }, { phaseId: 'culture', valueId: 'viability' });
    const text = await pdfText();
    saysAll(text, ['Viability 70 to 100 % 91 %, within limits', `CHANGED: Viability old 90 % new 60 % Reason: misread. Anna Operator, ${AT}. Signed: Anna Operator, ${AT}, responsibility`, 'CHANGED: Viability old 60 % new 91 % Reason: counted again.', 'Dose1 to 2 mL1.5 mL, within limits']);
    expect(text.split('CHANGED:Viability')).toHaveLength(5);
    saysAll(text, ['Viability out of limits', 'by rule value-out-of-limits', 'OPEN']);
  });
  it('shows a scan as it stands, with each change of its quantity', async () => {
    const { version } = (await node.batch(journey.batchId)).phases['culture']!.materials[0]!;
    await actSigned(journey, operator, 'responsibility', `${PHASE_ROUTE}/materials/correction`, { lotId: 'MED-1', scanVersion: version, quantity: 150, reason: 'misread the scale' }, { phaseId: 'culture' });
    const text = await pdfText();
    saysAll(text, ['Medium MED-1 150 mL', 'changed 1 time(s), see below', `CHANGED: Medium old 200 mL new 150 mL Reason: misread the scale. Anna Operator, ${AT}. Signed: Anna Operator, ${AT}, responsibility`, 'CHANGED: Medium, lot MED-1 (culture)']);
  });
  it('says OUTSIDE LIMITS of a value as it stands, and that nothing was changed when nothing was', async () => {
    saysAll(await pdfText(), ['No recorded value or quantity was changed.']);
    await actSigned(journey, operator, 'responsibility', `${PHASE_ROUTE}/values/{valueId}/correction`, { value: 60, reason: 'misread' }, { phaseId: 'culture', valueId: 'viability' });
    saysAll(await pdfText(), ['60 %, OUTSIDE LIMITS']);
  });
  it('has the printed name, time with zone and meaning of every signature, of a released batch too', async () => {
    await act(journey, operator, `${PHASE_ROUTE}/start`, {}, { phaseId: 'filling' });
    await advance(journey, 'released', 'valued');
    const text = await pdfText();
    const events = await node.store.load<BatchEvent>({ kind: 'batch', id: journey.batchId });
    const signatures = events.flatMap(({ event }) => ('signature' in event ? [event.signature] : []));
    expect(signatures.length).toBeGreaterThan(8);
    const section = text.slice(text.indexOf('Allsignatures'));
    for (const { printedName, meaning } of signatures) saysAll(section, [`${printedName}${AT}${meaning}`]);
    saysAll(text, ['Batch certified for release', `Dr Emil Qualified, ${AT}, approval`, 'Purity ≥ 70 % 92 %', 'rpa-review 1.4.0', 'Refused: startPhase (phase-out-of-order)', 'Equipment BIO-1 no longer in use']);
  });
  it('leaves no event out', async () => {
    await advance(journey, 'released', 'valued');
    await act(journey, reviewer, `${BATCH_ROUTE}/deviations`, { severity: 'minor', title: 'Door left open', detail: 'For a minute.' });
    const events = await node.store.load<BatchEvent>({ kind: 'batch', id: journey.batchId });
    const document = composeBatchRecord(events);
    const versions = new Set(Array.from(JSON.stringify(document).matchAll(/"version":(\d+)/g), ([, version]) => Number(version)));
    const signedOnly: ReadonlySet<string> = new Set(['phase-signed', 'custody-offered', 'custody-accepted', 'test-result-recorded', 'disposition-recorded', 'review-performed', 'certificate-issued']);
    expect(events.filter(({ version, event }) => !versions.has(version) && !signedOnly.has(event.type)).map(({ event }) => event.type)).toEqual([]);
    const signed = events.filter(({ event }) => 'signature' in event).length;
    expect([document.signatures.length, document.reviews.length, document.tests.length, document.decisions.length]).toEqual([signed, 1, 1, 1]);
  });
  it('is not made of nothing', () => { expect(codeOf(() => composeBatchRecord([]))).toBe('record-corrupt'); });
});

describe('evidence', () => {
  const file = (path: string) => ({ path, body: Buffer.from(path) });
  it('is put beside the record, summed and named in the instructions', async () => {
    node.evidence.push(file('log/checkpoint'), file('log/tile/0/x001/234.p/7'), file('verify.mjs'));
    const all = await files();
    expect(all.get('log/tile/0/x001/234.p/7')!.toString()).toBe('log/tile/0/x001/234.p/7');
    for (const name of ['SHA256SUMS', 'INSTRUCTIONS.txt']) for (const path of ['log/checkpoint', 'verify.mjs']) expect(all.get(name)!.toString()).toContain(path);
    expect(all.get('INSTRUCTIONS.txt')!.toString()).not.toContain('no proof');
  });
  it('is dated by its witnesses where it has some', () => {
    const coverage = { treeSize: 1234, cosignedAt: '2026-03-02T14:05:09.000Z', laterEvents: 0, unprovenEvents: 0 };
    const text = instructionsFor({ batchId: 'north-1', nodeId: 'north', record: { version: 7, hash: '0', recordedAt: AT } }, ['checkpoint'], coverage);
    expect(text.replaceAll(/\s+/g, ' ')).toContain('checkpoint of 1234 entries, cosigned 2026-03-02T14:05:09.000Z The record, the PDF, the telemetry and the proofs are all as of version 7. It was the newest');
  });
  it.each(['batch-record.json', 'SHA256SUMS', '../x', '/x', 'a/../b', 'a//b', '.hidden', 'a/', ''])('may not be named %j', async (path) => {
    node.evidence.push(file(path));
    expect(await ask()).toMatchObject({ status: 500, body: { type: '/problems/record-corrupt' } });
  });
  it('that makes the pack larger than one answer gives a link to it, whole, and the read is on record', async () => {
    node.evidence.push({ path: 'log/noise', body: createCipheriv('aes-128-ctr', Buffer.alloc(16), Buffer.alloc(16)).update(Buffer.alloc(4_400_001)) });
    const { status, headers, body, file } = await ask();
    const [[key, zip]] = [...node.kept] as [[string, Uint8Array]];
    const sha256 = createHash('sha256').update(zip).digest('hex');
    expect([status, file, key]).toEqual([303, undefined, `${journey.batchId}/${sha256}.zip`]);
    expect(headers['location']).toBe(`https://packs.invalid/${key}`);
    expect(body).toEqual({ url: `https://packs.invalid/${key}`, expiresAt: new Date(node.time.epochMs + 300_000).toISOString(), fileName: `${journey.batchId}-version-${(await node.batch(journey.batchId)).version}.zip`, bytes: zip.length, sha256 });
    expect([...filesOf(Buffer.from(zip)).keys()]).toEqual(['INSTRUCTIONS.txt', 'batch-record.pdf', 'batch-record.json', 'audit-trail.json', 'log/noise', 'SHA256SUMS']);
    expect(node.reads.map(({ operation }) => operation)).toEqual(['readInspectionPack']);
  });
});

describe('a link to a large pack', () => {
  const packs = (nowEpochMs: number) => {
    const s3 = startLocalS3(nowEpochMs);
    onTestFinished(() => s3.stop());
    return { s3, keep: createPackStore(() => s3.client, s3.createBucket('packs'), () => new Date(NOW)) };
  };
  const follow = (s3: LocalS3, url: string, method = 'GET') => {
    const { pathname, searchParams } = new URL(url);
    return s3.get({ method, path: pathname, query: Object.fromEntries(searchParams) });
  };
  const WHOLE_SECOND = Math.floor(NOW / 1000) * 1000;
  it.each([[0, 200], [299_999, 200], [300_000, 403]])('%i ms after it was given answers %i, with the pack and nothing else', async (ageMs, status) => {
    const { s3, keep } = packs(WHOLE_SECOND + ageMs);
    const { url, expiresAt } = await keep('north-1/a.zip', Buffer.from('a pack'));
    expect(expiresAt).toBe(new Date(WHOLE_SECOND + 300_000).toISOString());
    const answer = await follow(s3, url);
    expect(answer.status).toBe(status);
    if (status === 200) expect(String(answer.body)).toBe('a pack');
  });
  it('writes and removes nothing', async () => {
    const { s3, keep } = packs(NOW);
    const { url } = await keep('north-1/a.zip', Buffer.from('a pack'));
    for (const method of ['PUT', 'DELETE', 'HEAD']) expect((await follow(s3, url, method)).status).toBe(403);
    expect((await follow(s3, url.replace(/X-Amz-Signature=[^&]+/, 'X-Amz-Signature='))).status).toBe(403);
  });
});

describe('asking for the pack', () => {
  it('is for who inspects, of a batch that is here, and on record first', async () => {
    for (const person of [regulator, reviewer, qualified]) expect((await ask(person)).status).toBe(200);
    for (const person of [operator, scientist]) expect((await ask(person)).code).toBe('role-missing');
    expect((await ask(regulator, 'hill-20260302-000000')).code).toBe('batch-not-found');
    expect(node.reads.map(({ operation, readerId }) => `${operation} ${readerId}`)).toEqual([regulator, reviewer, qualified, regulator].map(({ id }) => `readInspectionPack ${id}`));
    node.readLog.isDown = true;
    expect((await ask()).status).toBe(500);
  });
  it('fails as a whole when the record can not be drawn', async () => {
    const handler = createHandler({ now: node.now, readLog: { write: () => Promise.resolve() }, record: node.store, operations: node.operations, telemetry: node.telemetryObjects, grants: () => Promise.resolve({ type: 'everything', grantIds: [] }), evidence: (events, people) => Promise.resolve({ events, people, files: [] }), keep: () => Promise.reject(new Error('no bucket')), render: () => Promise.reject(new Error('out of memory')) });
    expect(await handler(apiEvent(regulator, PACK, { path: { batchId: journey.batchId } }), { awsRequestId: 'r-1' } as never)).toMatchObject({ statusCode: 500 });
  });
});
