import { GetObjectCommand, PutObjectCommand, S3Client } from '@aws-sdk/client-s3';
import { spawn } from 'node:child_process';
import { cpSync, existsSync, mkdtempSync, readFileSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import Ajv2020 from 'ajv/dist/2020.js';
import addFormats from 'ajv-formats';
import mqtt from 'mqtt';
import sparkplug from 'sparkplug-client';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { ProblemError, signIn } from '../../scripts/client/api-client.ts';
import { readEndpoints, type Endpoints, type NodeSite } from '../../scripts/client/endpoints.ts';
import { LocalClock } from '../../scripts/client/local-clock.ts';
import { EXAMPLE_PATIENT } from '../../scripts/example/example-values.ts';
import { signInAs } from '../../scripts/example/seed-network.ts';
import { verifyProof, type ProofOfInclusion, type Receipt } from '../../shared/audit-log/receipt.ts';
import { parseVerifierKey } from '../../shared/audit-log/verifier-key.ts';
import { answersOf, whole } from '../support/local/answers.ts';
import { CloudProcess } from '../support/local/cloud-process.ts';
import { copyLog, loseTables } from './lost-tables.ts';

const state = mkdtempSync(join(tmpdir(), 'bedside-e2e-'));
/** The hospitals of this network, in a folder of its own: a hospital that is added stays out of the project. */
const nodesFolder = join(state, 'nodes');
cpSync('infra/nodes', nodesFolder, { recursive: true, filter: (path) => !path.endsWith('.ts') });
/** Below the ports that outgoing connections take. */
const cloud = new CloudProcess(state, 10_000 + Math.floor(Math.random() * 20_000), '--nodes', nodesFolder);
let endpoints: Endpoints;
let north: NodeSite;
const until = cloud.until.bind(cloud);

const start = async (): Promise<void> => {
  endpoints = await cloud.start();
  north = endpoints.nodes['north']!;
};

type Directory = Readonly<{ sites: readonly Readonly<{ siteId: string; witnessKey: string; witnesses?: number; quorum?: number }>[] }>;
type Variables = Readonly<Record<string, string>>;
const script = (first: Variables | string, ...rest: string[]): Promise<{ code: number; text: string }> => new Promise((resolve) => {
  const [variables, [name = '', ...args]] = typeof first === 'string' ? [{}, [first, ...rest]] : [first, rest];
  const child = spawn(process.execPath, [`scripts/${name}.ts`, ...args], { stdio: ['ignore', 'pipe', 'pipe'], env: { ...process.env, ...variables } });
  let text = '';
  child.stdout.on('data', (part: Buffer) => { text += part.toString(); });
  child.stderr.on('data', (part: Buffer) => { text += part.toString(); });
  child.on('exit', (code) => { resolve({ code: code ?? -1, text }); });
});

const device = async (nodeId: string, name: string): Promise<{ folder: string; options: { host: string; port: number; caFile: string; certFile: string; keyFile: string } }> => {
  const folder = join(state, 'made', nodeId, name);
  const { code, text } = await script('node-device', '--node', nodeId, '--device', name, '--out', folder, '--state', state);
  expect(text).toContain('mosquitto_pub');
  expect(code).toBe(0);
  const { host, port } = endpoints.nodes[nodeId]!.mqtt;
  return { folder, options: { host, port, caFile: join(folder, 'ca.crt'), certFile: join(folder, 'device.crt'), keyFile: join(folder, 'device.key') } };
};

const statusOf = async (run: () => Promise<unknown>): Promise<number> => {
  try {
    await run();
    return 200;
  } catch (error) {
    if (error instanceof ProblemError) return error.status;
    throw error;
  }
};

const exampleOf = (member: 'batchId' | 'chainOfIdentityId'): string => (JSON.parse(readFileSync(join(state, 'example.json'), 'utf8')) as Record<'batchId' | 'chainOfIdentityId', string>)[member];

beforeAll(async () => { await start(); });
afterAll(() => cloud.end('SIGTERM'));

describe('interfaces', () => {
  it('refuse a missing token, another hospital\'s token and a token of the control site', async () => {
    const get = async (token?: string): Promise<number> => (await fetch(`${north.apiUrl}/v1/batches`, token === undefined ? {} : { headers: { authorization: `Bearer ${token}` } })).status;
    expect(await get()).toBe(401);
    expect(await get(await signIn(endpoints.nodes['hill']!, north.logins[0]!))).toBe(401);
    expect(await get(await signIn(endpoints.network, endpoints.network.logins[0]!))).toBe(401);
    expect(await get(await signIn(north, north.logins[0]!))).toBe(200);
  });
  it('refuse a regulator every write', async () => {
    const regulator = await signInAs(north, 'regulator');
    for (const path of ['/v1/batches', '/v1/chains-of-identity', '/v1/materials', '/v1/equipment', '/v1/people']) expect((await regulator.request('POST', path, {})).status).toBe(403);
  });
  it.each([
    ['a wrong type', { productId: 7 }, 400, 'body.productId'], ['an extra field', { productId: 'cd19-car-t', extra: 1 }, 400, 'extra'], ['nothing', {}, 400, 'body.productId'], ['an oversize body', { productId: 'x'.repeat(70_000) }, 413, 'bytes'],
  ])('answer %s with a problem that names it, and store nothing', async (_, body, status, named) => {
    const answer = await (await signInAs(north, 'operator.one')).request('POST', '/v1/chains-of-identity', body);
    expect(answer.status).toBe(status);
    expect(JSON.stringify(answer.body)).toContain(named);
  });
  it('give the first answer again to the same idempotency key, and refuse it for another request', async () => {
    const operator = await signInAs(north, 'operator.one');
    const first = await operator.post('/v1/chains-of-identity', { productId: 'cd19-car-t' }, 'e2e-key-0001');
    expect(await operator.post('/v1/chains-of-identity', { productId: 'cd19-car-t' }, 'e2e-key-0001')).toMatchObject({ id: first['id'] });
    expect(await statusOf(() => operator.post('/v1/chains-of-identity', { productId: 'other' }, 'e2e-key-0001'))).toBe(409);
    expect((await fetch(`${north.apiUrl}/v1/chains-of-identity`, { method: 'POST', body: '{', headers: { authorization: `Bearer ${await signIn(north, north.logins[0]!)}`, 'idempotency-key': 'e2e-key-0002' } })).status).toBe(400);
  });
  it('answer as their OpenAPI document says', async () => {
    const document = (await (await fetch(`${north.apiUrl}/openapi.json`)).json()) as { openapi: string; paths: Record<string, Record<string, { responses: Record<string, { content: Record<string, { schema: object }> }> }>> };
    expect(document.openapi).toBe('3.1.0');
    const ajv = addFormats.default(new Ajv2020.default({ strict: false }));
    const [operator, regulator] = [await signInAs(north, 'operator.one'), await signInAs(north, 'regulator')];
    for (const [route, path, person] of [['/v1/batches', '/v1/batches', regulator], ['/v1/materials', '/v1/materials', operator], ['/v1/equipment', '/v1/equipment', operator], ['/v1/people', '/v1/people', operator], ['/v1/work', '/v1/work?role=operator', operator]] as const) {
      const validate = ajv.compile(document.paths[route]!['get']!.responses['200']!.content['application/json']!.schema);
      expect(validate(await person.get(path)), `${route}: ${JSON.stringify(validate.errors)}`).toBe(true);
    }
  });
});

describe('devices', () => {
  it('get credentials only their owner can read', async () => {
    const { folder } = await device('north', 'e2e-files');
    for (const file of ['device.key', 'device.crt', 'connection.json']) expect(statSync(join(folder, file)).mode & 0o777).toBe(0o600);
    expect((await script('node-device', '--node', 'nowhere', '--device', 'x', '--state', state)).text).toMatch(/--node: got nowhere, want one of .*north/);
  });
  it('of another hospital are refused', async () => {
    const { options } = await device('hill', 'e2e-foreign');
    const connect = mqtt.connectAsync({ protocol: 'mqtts', host: north.mqtt.host, port: north.mqtt.port, clientId: 'e2e-foreign', ca: readFileSync(options.caFile), cert: readFileSync(options.certFile), key: readFileSync(options.keyFile), reconnectPeriod: 0, connectTimeout: 5000 });
    await expect(connect).rejects.toThrow();
  });
  it('are cut off when they speak on another\'s topic, and may not subscribe to it', async () => {
    const { options } = await device('north', 'e2e-greedy');
    const client = await mqtt.connectAsync({ protocol: 'mqtts', host: options.host, port: options.port, clientId: 'e2e-greedy', ca: readFileSync(options.caFile), cert: readFileSync(options.certFile), key: readFileSync(options.keyFile), reconnectPeriod: 0 });
    const closed = new Promise<void>((resolve) => { client.on('close', () => { resolve(); }); });
    await expect(client.subscribeAsync('spBv1.0/north/NCMD/gateway-1')).rejects.toThrow();
    client.publish('spBv1.0/north/NDATA/gateway-1', 'x', { qos: 1 }, () => undefined);
    await closed;
  });
  it('that send poison have it quarantined, and their next message taken', async () => {
    const { options } = await device('north', 'e2e-poison');
    const client = await mqtt.connectAsync({ protocol: 'mqtts', host: options.host, port: options.port, clientId: 'e2e-poison', ca: readFileSync(options.caFile), cert: readFileSync(options.certFile), key: readFileSync(options.keyFile), reconnectPeriod: 0 });
    await client.publishAsync('spBv1.0/north/NDATA/e2e-poison', Buffer.from('this is no protobuf'), { qos: 1 });
    await client.endAsync();
    const engineer = await signInAs(north, 'engineer');
    await until('the quarantine entry', async () => ((await engineer.get('/v1/telemetry/quarantine?limit=200'))['items'] as { topic: string; reason: string }[]).some(({ topic, reason }) => topic.endsWith('e2e-poison') && reason === 'sparkplug-malformed'), 60);
  });
  it('of an independent Sparkplug client are taken, and asked to be born again when an alias is unknown', async () => {
    const { options } = await device('north', 'e2e-client');
    const client = sparkplug.newClient({ serverUrl: `mqtts://${options.host}:${options.port}`, username: '', password: '', groupId: 'north', edgeNode: 'e2e-client', clientId: 'e2e-client', version: 'spBv1.0', mqttOptions: { ca: readFileSync(options.caFile), cert: readFileSync(options.certFile), key: readFileSync(options.keyFile), reconnectPeriod: 0 } });
    client.on('error', () => undefined);
    await new Promise<void>((resolve) => { client.on('birth', () => { resolve(); }); });
    client.publishNodeBirth({ timestamp: Date.now(), metrics: [{ name: 'Node Control/Rebirth', type: 'Boolean', value: false }] } as never);
    const reborn = new Promise<void>((resolve) => { client.on('ncmd', () => { resolve(); }); });
    client.publishNodeData({ timestamp: Date.now(), metrics: [{ alias: 99, type: 'Double', value: 1 }] } as never);
    await reborn;
    client.stop();
  });
});

describe('a fourth hospital', () => {
  const file = join(nodesFolder, 'e2e-fourth.json');
  const add = (...options: readonly string[]) => script('node-add', ...options, '--state', state, '--nodes', nodesFolder);
  afterAll(() => { rmSync(file, { force: true }); });
  it('is refused when its data is wrong, and nothing is written', async () => {
    const { code, text } = await add('--id', 'e2e-fourth', '--name', 'Fourth', '--account', '12', '--region', 'eu-west-3');
    expect([code, existsSync(file)]).toEqual([2, false]);
    expect(text).toContain('want the 12 digits');
    expect((await add('--id', 'north', '--name', 'North', '--account', '555555555555', '--region', 'eu-west-3')).text).toContain('exists already');
  });
  it('comes up in the running cloud without a restart', async () => {
    const { code, text } = await add('--id', 'e2e-fourth', '--name', 'Fourth Hospital', '--account', '555555555555', '--region', 'eu-west-3', '--country', 'FR');
    expect(text).toContain('npx cdk deploy Bedside-Network Bedside-Node-e2e-fourth');
    expect(code, text).toBe(0);
    const fourth = readEndpoints(state).nodes['e2e-fourth']!;
    expect(await (await signInAs(fourth, 'regulator')).get('/v1/batches')).toEqual({ items: [] });
    const { items } = await (await signInAs(endpoints.network, 'coordinator')).get('/v1/nodes') as { items: { nodeId: string }[] };
    expect(items.map(({ nodeId }) => nodeId)).toContain('e2e-fourth');
  });
  it('is a witness of the others at once, and they of it, without a restart', async () => {
    const { sites } = await (await signInAs(endpoints.network, 'coordinator')).get('/v1/directory') as Directory;
    expect(sites.find(({ siteId }) => siteId === 'north')).toMatchObject({ witnesses: 4, quorum: 3 });
    const checkpointOf = async (node: NodeSite): Promise<string> => (await fetch(`${node.apiUrl}/v1/log/checkpoint`, { headers: { authorization: `Bearer ${await signIn(node, node.logins.find(({ username }) => username === 'regulator')!)}` } })).text();
    await until('the fourth hospital\'s cosignature on north\'s checkpoint', async () => (await checkpointOf(north)).includes('\n— bedside.network/witness/e2e-fourth '), 150);
    const fourth = readEndpoints(state).nodes['e2e-fourth']!;
    await until('a checkpoint of the fourth hospital', async () => (await checkpointOf(fourth)).includes('\n— bedside.network/witness/north '), 150);
  });
});

describe('the example batch', () => {
  const batchId = (): string => exampleOf('batchId');
  const record = async (): Promise<{ version: number; hash: string }[]> => {
    const regulator = await signInAs(north, 'regulator');
    const events: { version: number; hash: string }[] = [];
    let cursor = '';
    do {
      const page = await regulator.get(`/v1/batches/${batchId()}/record?limit=200${cursor === '' ? '' : `&cursor=${cursor}`}`) as { items: { version: number; hash: string }[]; nextCursor?: string };
      events.push(...page.items);
      cursor = page.nextCursor ?? '';
    } while (cursor !== '');
    return events;
  };
  it('loses nothing acknowledged when everything is killed in the middle of it', async () => {
    await until('the expansion', () => cloud.output.includes('expansion, day'), 120);
    const before = await record();
    const clock = await new LocalClock(endpoints).read();
    expect(clock.offsetMs).toBeGreaterThan(0);
    await cloud.end('SIGKILL');
    await start();
    const after = await record();
    expect(after.slice(0, before.length)).toEqual(before);
  });
  it('goes on to its certificate', async () => {
    await until('the release', () => cloud.output.includes('is released'), 420);
    const [operator, regulator] = [await signInAs(north, 'operator.one'), await signInAs(north, 'regulator')];
    const view = await operator.get(`/v1/batches/${batchId()}`);
    expect(view).toMatchObject({ state: 'complete', disposition: 'release', staged: true, predictions: [{ modelName: 'early-prediction' }] });
    const certificate = await regulator.get(`/v1/batches/${batchId()}/certificate`);
    expect(certificate).toMatchObject({ batchId: batchId(), signatures: [{ meaning: 'approval', printedName: 'Dr Luca Bianchi' }] });
    expect(await operator.get(`/v1/batches/${batchId()}/personal-data`)).toMatchObject({ fields: EXAMPLE_PATIENT, withheld: [] });
    expect((await regulator.request('GET', `/v1/batches/${batchId()}/personal-data`)).status).toBe(403);
    const events = await record() as readonly unknown[];
    expect(JSON.stringify(events)).toContain('"type":"personal-data-recorded"');
    expect(JSON.stringify(events)).not.toContain(EXAMPLE_PATIENT.patientReference);
    const series = await operator.get(`/v1/batches/${batchId()}/telemetry?metric=Bioreactor/Temperature&points=50`) as { sampleCount: number; points: [number, number][] };
    expect(series.sampleCount).toBeGreaterThan(30_000);
    const { items } = await whole(regulator, `/v1/batches/${batchId()}/audit-trail`) as { items: { who: string; what: string }[] };
    expect(items.some(({ what }) => what.startsWith('Batch certified for release'))).toBe(true);
    const status = await (await signInAs(endpoints.network, 'coordinator')).get('/v1/batches?nodeId=north');
    expect(JSON.stringify(status)).toContain(batchId());
    expect(JSON.stringify(status)).not.toContain(String(view['chainOfIdentityId']));
  });
});

/** With a released batch, and before anyone alters its log. */
describe('a hospital whose tables are lost', () => {
  const answers = async () => answersOf(await signInAs(north, 'operator.one'), await signInAs(north, 'regulator'));
  const restore = (from: string, ...more: readonly string[]) => script('restore', '--node', 'north', '--from', from, '--state', state, ...more);
  const rootOf = (text: string): string | undefined => /^root +(\S+)$/m.exec(text)?.[1];
  it('is restored from a copy of its log: the same root, and the same answer to every question', async () => {
    // A dry run refuses tables with events that the log does not hold: it passes when the log has taken everything in.
    let looked = { code: -1, text: '' };
    await until('the log to hold every event', async () => (looked = await restore(north.outputs['LogBucketName']!, '--dry-run')).code === 0, 150);
    const before = await answers();
    const [copy, backup] = [join(state, 'copy-of-log'), join(state, 'personal.json')];
    await copyLog(north, copy);
    expect(await script('backup-personal', '--node', 'north', '--to', backup, '--state', state)).toMatchObject({ code: 0 });
    await cloud.end('SIGTERM');
    await loseTables(state, north, 9_000 + Math.floor(Math.random() * 900));
    await cloud.start('--standby');
    const { code, text } = await restore(copy, '--personal', backup);
    expect(code, text).toBe(0);
    expect(text).toMatch(/^identical +yes$/m);
    expect([rootOf(text), text.includes('copy it there')]).toEqual([rootOf(looked.text), false]);
    await cloud.end('SIGTERM');
    await start();
    expect(await answers()).toEqual(before);
  });
  it('goes on: a new event enters the same log, which verifies', async () => {
    const size = async (): Promise<number> => Number((await (await fetch(`${north.apiUrl}/v1/log/checkpoint`, { headers: { authorization: `Bearer ${await signIn(north, north.logins.find(({ username }) => username === 'regulator')!)}` } })).text()).split('\n')[1]);
    const before = await size();
    await (await signInAs(north, 'steward')).post('/v1/materials', { lotId: 'E2E-AFTER', materialId: 'culture-medium', supplier: 'Supplier', quantity: 5, unit: 'mL', expiresAt: '2099-01-01T00:00:00Z' });
    await until('a checkpoint that covers it', async () => {
      await new LocalClock(endpoints).advance(60_000);
      return await size() > before;
    }, 90);
    expect((await restore(north.outputs['LogBucketName']!, '--dry-run')).text).toMatch(/^identical +nothing was written$/m);
  });
});

/** After the example and before its log is verified: every proof must hold all the same. */
describe('the erasure of personal data', () => {
  const batchId = (): string => exampleOf('batchId');
  const erase = (...options: readonly string[]) => script('erase', '--node', 'north', '--coi', exampleOf('chainOfIdentityId'), '--state', state, ...options);
  it('lists first, then takes everything of the patient with two signatures, and keeps the record', async () => {
    const operator = await signInAs(north, 'operator.one');
    const read = () => operator.request('GET', `/v1/batches/${batchId()}/personal-data`);
    const dry = await erase('--dry-run');
    expect([dry.code, dry.text]).toEqual([0, expect.stringMatching(/erasure none[^]*held: .*patientReference/)]);
    expect((await read()).status).toBe(200);
    const { code, text } = await erase('--reason', 'asked for by the patient');
    expect(code, text).toBe(0);
    expect(text).toContain('erasure complete');
    expect(await read()).toMatchObject({ status: 410, body: { type: '/problems/personal-data-erased' } });
    const { items } = await whole(await signInAs(north, 'regulator'), `/v1/batches/${batchId()}/audit-trail`) as { items: { type: string }[] };
    expect(items.map(({ type }) => type)).toEqual(expect.arrayContaining(['personal-data-recorded', 'personal-data-erased']));
  });
});

/** After the example, when the clock is real time again and no jump makes a sign-in old. */
describe('signatures', () => {
  it('want a fresh sign-in of the same person to sign, once', async () => {
    const [steward, reviewer] = [await signInAs(north, 'steward'), await signInAs(north, 'reviewer')];
    await steward.post('/v1/materials', { lotId: 'E2E-1', materialId: 'culture-medium', supplier: 'Supplier', quantity: 5, unit: 'mL', expiresAt: '2099-01-01T00:00:00Z' });
    const sign = (token: string, version = 1) => reviewer.request('POST', '/v1/materials/E2E-1/status', { status: 'released', reason: 'conforms', signature: { meaning: 'approval', version, reauthenticationToken: token } });
    expect((await sign(await signIn(north, north.logins.find(({ username }) => username === 'steward')!))).body['type']).toBe('/problems/reauthentication-failed');
    const login = north.logins.find(({ username }) => username === 'reviewer')!;
    const token = await signIn(north, login);
    expect((await sign(token, 9)).body['type']).toBe('/problems/version-conflict');
    expect((await sign(token)).status).toBe(200);
    expect((await reviewer.request('POST', '/v1/materials/E2E-1/status', { status: 'rejected', reason: 'recall', signature: { meaning: 'approval', version: 2, reauthenticationToken: token } })).body['type']).toBe('/problems/reauthentication-used');
  });
});

/** After the example: its record is in the log by then. */
describe('the transparency log', () => {
  const batchId = (): string => exampleOf('batchId');
  const verify = async (): Promise<{ code: number; text: string }> => {
    const token = await signIn(north, north.logins.find(({ username }) => username === 'regulator')!);
    const { key } = await (await signInAs(north, 'regulator')).get('/v1/log/key') as { key: string };
    const { sites } = await (await signInAs(endpoints.network, 'coordinator')).get('/v1/directory') as Directory;
    const { quorum = 0 } = sites.find(({ siteId }) => siteId === 'north') ?? {};
    const witnesses = sites.filter(({ siteId }) => siteId !== 'north').flatMap(({ witnessKey }) => ['--witness', witnessKey]);
    return script({ BEDSIDE_TOKEN: token }, 'verify', `${north.apiUrl}/v1/log`, '--key', key, ...witnesses, '--quorum', String(quorum));
  };
  const entriesOf = (bundle: Buffer): Buffer[] => {
    const entries: Buffer[] = [];
    for (let at = 0; at < bundle.length; at += 2 + bundle.readUInt16BE(at)) entries.push(bundle.subarray(at + 2, at + 2 + bundle.readUInt16BE(at)));
    return entries;
  };
  const bundled = (entries: readonly Buffer[]): Buffer => Buffer.concat(entries.flatMap((entry) => [Buffer.of(entry.length >> 8, entry.length & 255), entry]));

  it('proves every event of a released batch, and verifies offline', async () => {
    const regulator = await signInAs(north, 'regulator');
    // Its last event is the erasure, which is under a published checkpoint within a minute.
    await until('a checkpoint that covers the last event', async () => (await regulator.request('GET', `/v1/batches/${batchId()}/proof`)).status === 200, 90);
    const { receipt, ...proof } = await regulator.get(`/v1/batches/${batchId()}/proof`) as ProofOfInclusion & { receipt: Receipt };
    const { key } = await regulator.get('/v1/log/key') as { key: string };
    expect(receipt.version).toBe((await regulator.get(`/v1/batches/${batchId()}/record?limit=1`) as { version: number }).version);
    const logKey = parseVerifierKey(key);
    expect(verifyProof(receipt.leafHash, proof, { origin: logKey.name, logKeys: [logKey], witnessKeys: [], quorum: 0 }).checkpoint.size).toBeGreaterThan(proof.index);
    const { code, text } = await verify();
    expect(code, text).toBe(0);
    // The fourth hospital did not come back after everything was killed: its witness is off, and the quorum of three is there without it.
    expect(text).toMatch(/witnesses +3 of 4, 3 wanted/);
    expect(text).not.toContain('witness/e2e-fourth');
    expect(text).toContain('bedside.network/north');
    const { items } = await (await signInAs(endpoints.network, 'coordinator')).get('/v1/nodes/north/checkpoints') as { items: { size: number }[] };
    expect(items[0]!.size).toBeGreaterThan(proof.index);
  });
  it('names the batch and the event that someone with full access to the store has altered', async () => {
    const { environment, outputs } = north;
    const s3 = new S3Client({ endpoint: environment['AWS_ENDPOINT_URL']!, region: environment['AWS_REGION']!, forcePathStyle: true, credentials: { accessKeyId: environment['AWS_ACCESS_KEY_ID']!, secretAccessKey: 'local', sessionToken: 'local' } });
    const Bucket = outputs['LogBucketName']!;
    const size = Number((await (await s3.send(new GetObjectCommand({ Bucket, Key: 'checkpoint' }))).Body!.transformToString()).split('\n')[1]);
    for (let first = 0; first < size; first += 256) {
      const index = String(first / 256).padStart(3, '0');
      const Key = size - first >= 256 ? `tile/entries/${index}` : `tile/entries/${index}.p/${size - first}`;
      const entries = entriesOf(Buffer.from(await (await s3.send(new GetObjectCommand({ Bucket, Key }))).Body!.transformToByteArray()));
      const at = entries.findIndex((entry) => entry.includes(batchId()) && entry.includes('"type":"test-result-recorded"'));
      if (at < 0) continue;
      const { version } = JSON.parse(entries[at]!.toString('utf8')) as { version: number };
      entries[at] = Buffer.from(entries[at]!.toString('utf8').replace(/"value":(\d)/, (_, digit: string) => `"value":${(Number(digit) + 1) % 9 + 1}`));
      await s3.send(new PutObjectCommand({ Bucket, Key, Body: bundled(entries) }));
      const { code, text } = await verify();
      expect(code, text).toBe(1);
      expect(text).toContain(batchId());
      expect(text).toMatch(new RegExp(`\\b${version}\\b`));
      return;
    }
    throw new Error('the log holds no test result of the example batch');
  });
});

/** What the page for operators tells a new user to type. After the example, for the same reason. */
describe('the operator\'s page', () => {
  it('plays a first phase by curl, as written', async () => {
    const commands = [...readFileSync('docs/users/operator.md', 'utf8').matchAll(/^```sh\n([^`]*)^```$/gm)].map(([, block]) => block).join('\n');
    const child = spawn('bash', ['-euo', 'pipefail', '-c', commands], { env: { ...process.env, BEDSIDE_STATE: state, PATH: `${dirname(process.execPath)}:${process.env['PATH'] ?? ''}` }, stdio: ['ignore', 'pipe', 'pipe'] });
    let text = '';
    for (const stream of [child.stdout, child.stderr]) stream.on('data', (part: Buffer) => { text += part.toString(); });
    const code = await new Promise((resolve) => { child.once('exit', resolve); });
    expect(code, text).toBe(0);
    expect(text).toMatch(/Amara Okafor \| .*receive-leukapheresis/);
    expect(text).not.toContain('/problems/');
  });
});
