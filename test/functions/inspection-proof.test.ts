import { unzipSync } from 'fflate';
import { spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { bundleVerifier } from '../../scripts/verify-bundle.ts';
import { parseCheckpoint } from '../../shared/audit-log/checkpoint.ts';
import { integrate } from '../../shared/audit-log/log-writer.ts';
import { parseNote } from '../../shared/audit-log/note.ts';
import { publishCheckpoint } from '../../shared/audit-log/publish.ts';
import { entryOf } from '../../shared/audit-log/receipt.ts';
import { formatVerifierKey } from '../../shared/audit-log/verifier-key.ts';
import type { StreamId } from '../../shared/record/envelope.ts';
import { act, advance, BATCH_ROUTE, createJourney, equip, type Journey } from '../support/journey.ts';
import { createNode, type TestNode } from '../support/node.ts';
import { pdfPages } from '../support/pdf-text.ts';
import { PEOPLE } from '../support/people.ts';
import { sampleOf } from '../support/verify/events.ts';

const PACK = 'GET /v1/audit/batches/{batchId}/inspection-pack';
const FILLER = sampleOf(300).recorded.map(entryOf);

const folder = mkdtempSync(join(tmpdir(), 'bedside-pack-'));
let node: TestNode;
let journey: Journey;
let verifier: Uint8Array;

const publish = async (): Promise<void> => {
  const streams: readonly StreamId[] = [...[PEOPLE.operator, PEOPLE.second, PEOPLE.reviewer].map(({ id }) => ({ kind: 'person', id } as const)), { kind: 'batch', id: journey.batchId }, { kind: 'chain-of-identity', id: journey.chainOfIdentityId }, { kind: 'material-lot', id: journey.patientLot }];
  for (const stream of streams) await integrate(node.log.store, (await node.store.load(stream)).map(entryOf));
  await publishCheckpoint(node.log.store, { key: node.log.key, signer: node.log.signer, witnesses: [], quorum: 0 });
};

const ask = () => node.call(PEOPLE.regulator, PACK, { path: { batchId: journey.batchId } });

/** Make the pack, and unzip it as an inspector would. */
const unzipped = async (name: string): Promise<string> => {
  const { file, status } = await ask();
  expect(status).toBe(200);
  const place = mkdtempSync(join(folder, name));
  for (const [path, body] of Object.entries(unzipSync(file!))) writeFileSync(join(place, path), body);
  return place;
};

/** The program out of the pack, with nothing in its environment. */
const verify = (place: string, ...words: readonly string[]) => spawnSync(process.execPath, [join(place, 'verify.mjs'), place, '--key', formatVerifierKey(node.log.key), ...words], { cwd: place, env: {}, encoding: 'utf8' });
const damagesOf = (place: string): unknown => (JSON.parse(verify(place, '--json').stdout) as Readonly<{ damages: unknown }>).damages;
const text = (place: string, path: string): string => readFileSync(join(place, path), 'utf8');

/** Write a file, and its sum. */
const replace = (place: string, path: string, content: string): void => {
  const sumOf = (bytes: string): string => createHash('sha256').update(bytes).digest('hex');
  writeFileSync(join(place, 'SHA256SUMS'), text(place, 'SHA256SUMS').replace(sumOf(text(place, path)), sumOf(content)));
  writeFileSync(join(place, path), content);
};

beforeAll(async () => {
  verifier = await bundleVerifier();
  node = createNode();
  node.packs.verifier = verifier;
  await equip(node);
  await integrate(node.log.store, FILLER);
  journey = await advance(await createJourney(node), 'valued');
});
afterAll(() => { rmSync(folder, { recursive: true, force: true }); });

describe('an inspection pack with proofs', () => {
  it('is not given out before a checkpoint covers the first event, and says what to do', async () => {
    const refused = { status: 409, body: { type: '/problems/record-not-published', batchId: journey.batchId, detail: expect.stringMatching(/Ask again in a minute/) as string } };
    expect(await ask()).toMatchObject(refused);
    await publishCheckpoint(node.log.store, { key: node.log.key, signer: node.log.signer, witnesses: [], quorum: 0 });
    expect(await ask()).toMatchObject(refused);
  });

  it('verifies by itself, with nothing but Node', async () => {
    await publish();
    const place = await unzipped('sound-');
    const { status, stdout, stderr } = verify(place);
    expect({ status, stderr }).toEqual({ status: 0, stderr: '' });
    const { version } = await node.batch(journey.batchId);
    expect(stdout).toContain(`record       batch ${journey.batchId}, version ${version}: ${version} events, ${version} of them proven by the log`);
    expect(stdout).toContain('signed by bedside.network/north');
    expect(stdout).toMatch(/^OK {11}/m);
  });

  it('holds the own records of its signers, proven under the same checkpoint, and says where they end', async () => {
    const place = await unzipped('people-');
    const { treeSize, events } = JSON.parse(text(place, 'people.json')) as Readonly<{ treeSize: number; events: readonly Readonly<{ index: number; event: Readonly<{ stream: StreamId; version: number }> }>[] }>;
    expect(treeSize).toBe((JSON.parse(text(place, 'proofs.json')) as Readonly<{ treeSize: number }>).treeSize);
    for (const { id } of [PEOPLE.operator, PEOPLE.second]) expect(events.map(({ event }) => event).filter(({ stream }) => stream.id === id)).toEqual(await node.store.load({ kind: 'person', id }));
    expect(events.every(({ event: { stream } }) => stream.kind === 'person')).toBe(true);
    expect(verify(place).stdout).toMatch(/note .*end before the last of them \(op-2 to version 2, op-1 to version 2\)/);
  });

  it('shows an inspector of one product the records of its signers, and names of no one else', async () => {
    const { file } = await node.call(PEOPLE.regulator, PACK, { path: { batchId: journey.batchId } });
    node.grant({ grantId: 'GRANT-2', login: 'reg-1', productIds: ['test-product'], from: '2020-01-01T00:00:00Z', until: '2040-01-01T00:00:00Z' });
    const bound = await node.call(PEOPLE.regulator, PACK, { path: { batchId: journey.batchId } });
    node.grant({ grantId: 'GRANT-1', login: 'reg-1', from: '2020-01-01T00:00:00Z', until: '2040-01-01T00:00:00Z' });
    expect(unzipSync(bound.file!)['people.json']).toEqual(unzipSync(file!)['people.json']);
  });

  it('holds what it says, in an order that does not change', async () => {
    const place = await unzipped('files-');
    expect(text(place, 'log-key.txt')).toBe(`${formatVerifierKey(node.log.key)}\n`);
    expect(readFileSync(join(place, 'verify.mjs')).equals(verifier)).toBe(true);
    expect(text(place, 'checkpoint')).toBe(Buffer.from((await node.log.store.readCheckpoint())!.bytes).toString('utf8'));
    expect(text(place, 'proofs.json')).toBe(text(await unzipped('again-'), 'proofs.json'));
    const { proofs } = JSON.parse(text(place, 'proofs.json')) as Readonly<{ proofs: readonly Readonly<{ version: number; index: number }>[] }>;
    for (const { version, index } of proofs.slice(0, 3)) {
      const { body } = await node.call(PEOPLE.regulator, 'GET /v1/batches/{batchId}/proof', { path: { batchId: journey.batchId }, query: { version: String(version) } });
      expect(proofs.find((each) => each.version === version)).toMatchObject({ index, inclusionProof: body['inclusionProof'] });
    }
  });

  it('tells its reader in plain short lines how to verify it', async () => {
    const instructions = text(await unzipped('read-'), 'INSTRUCTIONS.txt');
    for (const part of ['Unzip', 'node verify.mjs <folder> --key <key>', 'by another way than this pack', 'checkpoint ', 'log-key.txt ', 'proofs.json ', 'people.json ', 'verify.mjs ']) expect(instructions).toContain(part);
    expect(instructions).not.toContain('no proof');
    expect(instructions.split('\n').filter((line) => line.length > 80 || /[^ -~]/.test(line))).toEqual([]);
  });

  it('with one value altered, and its sum with it, exits 1 and names the batch and the event', async () => {
    const place = await unzipped('altered-');
    const record = text(place, 'batch-record.json');
    replace(place, 'batch-record.json', record.replace('"value":90', '"value":91'));
    expect(text(place, 'batch-record.json')).not.toBe(record);
    const version = record.split('\n').findIndex((line) => line.includes('"value":90'));
    const { status, stdout } = verify(place);
    expect(status).toBe(1);
    expect(stdout).toContain(`DAMAGE       batch-record.json · batch ${journey.batchId}, version ${version}`);
    expect(damagesOf(place)).toMatchObject([{ file: 'batch-record.json', batch: { kind: 'batch', id: journey.batchId, version } }]);
    expect(stdout).toContain('NOT OK');
  });

  it('asked for between an event and its checkpoint, is of the version that the checkpoint covers, whole and proven, and says so', async () => {
    const { version } = await node.batch(journey.batchId);
    const before = Object.entries(unzipSync((await ask()).file!)).filter(([path]) => !['INSTRUCTIONS.txt', 'batch-record.pdf', 'SHA256SUMS'].includes(path));
    await act(journey, PEOPLE.operator, `${BATCH_ROUTE}/hold`, { reason: 'power failure' });
    await act(journey, PEOPLE.operator, `${BATCH_ROUTE}/resume`, { reason: 'power is back' });
    const late = await unzipped('late-');
    const { status, stdout } = verify(late);
    expect(status, stdout).toBe(0);
    expect(stdout).toContain(`version ${version}: ${version} events, ${version} of them proven by the log`);
    for (const [path, body] of before) expect(readFileSync(join(late, path)).equals(body), path).toBe(true);
    const { size } = parseCheckpoint(parseNote((await node.log.store.readCheckpoint())!.bytes).text);
    const instructions = text(late, 'INSTRUCTIONS.txt');
    for (const part of [`Version   ${version},`, `checkpoint of ${size} entries`, `all as of version ${version}.`, 'Later events are not in this pack: 2 came too late']) expect(instructions).toContain(part);
    expect(instructions.split('\n').filter((line) => line.length > 80 || /[^ -~]/.test(line))).toEqual([]);
    const pdf = pdfPages(readFileSync(join(late, 'batch-record.pdf'))).join('').replaceAll(/\s+/g, '');
    expect(pdf).toContain(`Asofversion${version},publishedinthelog'scheckpointof${size}entries;2laterevent(s)cametoolateforthatcheckpointandarenotinthiscopy`);
    expect(pdf).not.toContain('powerfailure');
    await publish();
    const later = await unzipped('later-');
    expect(verify(later).stdout).toContain(`version ${version + 2}: ${version + 2} events, ${version + 2} of them proven by the log`);
    expect(text(later, 'INSTRUCTIONS.txt')).toContain('It was the newest when this pack was made.');
  });

  it('leaves out what a signer\'s own record got since the checkpoint', async () => {
    const before = text(await unzipped('signer-'), 'people.json');
    const { position } = await node.records.people.load(PEOPLE.second.id);
    await node.ok(PEOPLE.steward, 'POST /v1/people/{personId}/suspension', { path: { personId: PEOPLE.second.id }, body: { reason: 'on leave', standing: 'suspended', signature: node.sign(PEOPLE.steward, 'responsibility', position.version) } });
    const place = await unzipped('stopped-');
    expect([verify(place).status, text(place, 'people.json')]).toEqual([0, before]);
  });

  it('never leaves out an event that is neither in the log nor on its way there: the verifier names it', async () => {
    await act(journey, PEOPLE.operator, `${BATCH_ROUTE}/hold`, { reason: 'power failure' });
    const { version } = await node.batch(journey.batchId);
    const pending = [...node.operations.items].filter(([, item]) => JSON.stringify(item).includes(journey.batchId) && 'fromVersion' in item && item['toVersion'] === version);
    expect(pending).toHaveLength(1);
    for (const [key] of pending) node.operations.items.delete(key);
    await act(journey, PEOPLE.operator, `${BATCH_ROUTE}/resume`, { reason: 'power is back' });
    const place = await unzipped('absent-');
    expect(damagesOf(place)).toMatchObject([{ file: 'proofs.json', batch: { id: journey.batchId, version } }]);
    expect(text(place, 'INSTRUCTIONS.txt')).toContain('NOT PROVEN: the log does not hold 1 of these events');
    expect(text(place, 'INSTRUCTIONS.txt')).toContain('not in this pack: 1 came too late');
    for (const [key, item] of pending) node.operations.items.set(key, item);
  });

  it('in which an event that the checkpoint covers lost its proof is damaged, and the event named', async () => {
    const place = await unzipped('lost-');
    const { proofs } = JSON.parse(text(place, 'proofs.json')) as Readonly<{ proofs: readonly object[] }>;
    const lost = text(place, 'proofs.json').split('\n').filter((line) => !line.startsWith(`{"version":${proofs.length},`)).join('\n').replace('},\n]', '}\n]');
    replace(place, 'proofs.json', lost);
    expect(damagesOf(place)).toMatchObject([{ file: 'proofs.json', batch: { id: journey.batchId, version: proofs.length }, message: 'has no proof' }]);
  });
});

describe('the pack of a batch with 5,000 events', () => {
  const EVENTS = 5_000;
  const AT_ONCE = 40;
  it('is given whole, as an answer or as a link, and verifies with nothing but Node', async () => {
    while ((await node.batch(journey.batchId)).version < EVENTS) {
      const { version, state } = await node.batch(journey.batchId);
      const next = (i: number) => ((state === 'held') === (i % 2 === 0) ? 'batch-resumed' : 'batch-held');
      const events = Array.from({ length: Math.min(AT_ONCE, EVENTS - version) }, (_, i) => ({ type: next(i), reason: createHash('sha512').update(`${version + i}`).digest('base64') }) as const);
      await node.records.batches.change(journey.batchId, () => events, { actor: { kind: 'system', id: 'test', version: '1' } });
    }
    await publish();
    const { status, body, file } = await node.call(PEOPLE.regulator, PACK, { path: { batchId: journey.batchId } });
    expect(status).toBe(200);
    const zip = file ?? Buffer.from(node.kept.get(`${journey.batchId}/${String(body['sha256'])}.zip`) ?? []);
    expect(zip.length).toBe(file === undefined ? body['bytes'] : file.length);
    const place = mkdtempSync(join(folder, 'large-'));
    for (const [path, bytes] of Object.entries(unzipSync(zip))) writeFileSync(join(place, path), bytes);
    const { status: code, stdout } = verify(place);
    expect(code, stdout.slice(-500)).toBe(0);
    expect((JSON.parse(text(place, 'proofs.json')) as Readonly<{ proofs: unknown[] }>).proofs).toHaveLength(EVENTS);
  });
});

describe('a pack with a signature of who must not sign', () => {
  it('is named with batch, event and stop, by the program out of the pack', async () => {
    await node.ok(PEOPLE.steward, 'POST /v1/people/{personId}/suspension', {
      path: { personId: PEOPLE.operator.id }, body: { reason: 'left the hospital', standing: 'revoked', signature: node.sign(PEOPLE.steward, 'responsibility', (await node.records.people.load(PEOPLE.operator.id)).position.version) },
    });
    node.time.epochMs += 3_600_000;
    const stoppedAt = (await node.store.load({ kind: 'person', id: PEOPLE.operator.id })).at(-1)!.recordedAt;
    const { version, hash } = (await node.store.load({ kind: 'batch', id: journey.batchId })).at(-1)!;
    const signedAt = node.now().toISOString();
    await node.records.batches.change(journey.batchId, () => [{
      type: 'batch-stopped', reason: 'no growth', signature: { signerId: PEOPLE.operator.id, printedName: PEOPLE.operator.name, signedAt, meaning: 'responsibility', signedVersion: version, signedHash: hash, reauthenticatedAt: signedAt, reauthenticationId: 'stolen-1' },
    }], { actor: { kind: 'person', id: PEOPLE.operator.id, printedName: PEOPLE.operator.name, roles: PEOPLE.operator.roles } });
    await publish();
    expect(damagesOf(await unzipped('revoked-'))).toEqual([{
      file: 'batch-record.json', batch: { kind: 'batch', id: journey.batchId, version: version + 1 },
      message: `is signed by op-1, who was revoked at ${stoppedAt} (person op-1, version 3)`,
    }]);
  });
});
