import { build, type Plugin } from 'esbuild';
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it, vi } from 'vitest';
import { environmentOnly, pureShapes, regionsWithoutWords, versionOnly, withoutMatrixArithmetic, withoutUnusedParts } from '../../infra/bundle/plugins.ts';

const ROOT = join(import.meta.dirname, '..', '..');
const folder = mkdtempSync(join(tmpdir(), 'bedside-left-out-'));
afterAll(() => { rmSync(folder, { recursive: true, force: true }); });

/** Asks a bucket for all that functions ask one for, and tells what went over the wire but for times and numbers of the call. */
const SOURCE = `
import { DeleteObjectCommand, DeleteObjectsCommand, GetObjectCommand, ListObjectsV2Command, PutObjectCommand, S3Client } from '@aws-sdk/client-s3';
import { HttpResponse } from '@smithy/core/protocols';
import { EigenvalueDecomposition, Matrix } from 'ml-matrix';
import { Readable } from 'node:stream';
const LIST = '<?xml version="1.0"?><ListBucketResult><IsTruncated>true</IsTruncated><NextContinuationToken>t/1</NextContinuationToken><Contents><Key>a &amp; b</Key><Size>7</Size><LastModified>2026-03-01T00:00:00.000Z</LastModified></Contents></ListBucketResult>';
const OWN = ['amz-sdk-invocation-id', 'x-amz-date', 'authorization', 'x-amz-user-agent', 'user-agent'];
const gather = async (body) => { if (body === undefined || typeof body === 'string' || body instanceof Uint8Array) return String(body); const parts = []; for await (const part of body) parts.push(Buffer.from(part)); return Buffer.concat(parts).toString(); };
const clientOf = (settings, requests) => new S3Client({ credentials: { accessKeyId: 'a', secretAccessKey: 'b' }, ...settings, requestHandler: { handle: async ({ method, protocol, hostname, path, query, headers, body }) => {
  requests.push({ method, protocol, hostname, path, query, headers: Object.entries(headers).filter(([name]) => !OWN.includes(name)).sort(), body: await gather(body) });
  if (path.endsWith('absent')) return { response: new HttpResponse({ statusCode: 404, headers: {}, body: Readable.from([Buffer.from('<Error><Code>NoSuchKey</Code><Message>no</Message></Error>')]) }) };
  return { response: new HttpResponse({ statusCode: 200, headers: {}, body: Readable.from([Buffer.from(query['list-type'] === '2' ? LIST : method === 'POST' ? '<DeleteResult></DeleteResult>' : 'bytes')]) }) };
} } });
export const askAll = async (settings) => {
  const requests = [];
  const client = clientOf(settings, requests);
  await client.send(new PutObjectCommand({ Bucket: 'b-1', Key: 'a/b c', Body: Buffer.from('bytes'), IfNoneMatch: '*', ContentType: 'application/json', Metadata: { by: 'ours' }, ObjectLockMode: 'COMPLIANCE', ObjectLockRetainUntilDate: new Date(1800000000000) }));
  await client.send(new PutObjectCommand({ Bucket: 'b-1', Key: 'streamed', Body: Readable.from([Buffer.from('by'), Buffer.from('tes')]), ContentLength: 5 }));
  const { Body } = await client.send(new GetObjectCommand({ Bucket: 'b-1', Key: 'a/b c' }));
  const listed = await client.send(new ListObjectsV2Command({ Bucket: 'b-1', Prefix: 'a/', ContinuationToken: 't/0' }));
  await client.send(new DeleteObjectCommand({ Bucket: 'b-1', Key: 'a/b c' }));
  const refused = await client.send(new GetObjectCommand({ Bucket: 'b-1', Key: 'absent' })).catch(({ name, message, $metadata }) => ({ name, message, status: $metadata?.httpStatusCode }));
  return { requests, body: await Body.transformToString(), contents: listed.Contents, next: listed.NextContinuationToken, refused };
};
export const askWithXml = (settings) => clientOf(settings, []).send(new DeleteObjectsCommand({ Bucket: 'b-1', Delete: { Objects: [{ Key: 'a' }] } }));
export const planeOf = (rows) => { const { realEigenvalues, eigenvectorMatrix } = new EigenvalueDecomposition(new Matrix(rows), { assumeSymmetric: true }); return { realEigenvalues, vectors: rows.map((_, i) => eigenvectorMatrix.getColumn(i)) }; };
`;
const ASKED = ['DeleteObjectCommand', 'GetObjectCommand', 'ListObjectsV2Command', 'PutObjectCommand'];

type Settings = Readonly<{ region?: string; endpoint?: string; forcePathStyle?: boolean }>;
type Bundle = Readonly<{ askAll: (settings: Settings) => Promise<unknown>; askWithXml: (settings: Settings) => Promise<unknown>; planeOf: (rows: readonly (readonly number[])[]) => unknown }>;
const bundled = async (name: string, plugins: readonly Plugin[]): Promise<Bundle> => {
  const outfile = join(folder, `${name}.mjs`);
  await build({
    stdin: { contents: SOURCE, resolveDir: ROOT }, outfile, bundle: true, minify: true, platform: 'node', format: 'esm', target: 'node24', mainFields: ['module', 'main'], conditions: ['module', 'import', 'node'], plugins: [...plugins], logLevel: 'error',
    alias: { 'ml-matrix': join(ROOT, 'node_modules', 'ml-matrix', 'src', 'index.js') }, banner: { js: "import { createRequire } from 'node:module'; const require = createRequire(import.meta.url);" },
  });
  return (await import(outfile)) as Bundle;
};

let whole: Bundle;
let lean: Bundle;
beforeAll(async () => {
  [whole, lean] = await Promise.all([bundled('whole', []), bundled('lean', [pureShapes, versionOnly, regionsWithoutWords, environmentOnly, withoutUnusedParts, withoutMatrixArithmetic])]);
});

describe('a bundle without what nothing asks for', () => {
  beforeEach(() => { for (const name of ['AWS_REGION', 'AWS_DEFAULT_REGION', 'AWS_PROFILE', 'AWS_ENDPOINT_URL', 'AWS_ENDPOINT_URL_S3']) vi.stubEnv(name, undefined); });
  afterEach(() => { vi.unstubAllEnvs(); });

  it.each<[Settings]>([[{ region: 'eu-west-1' }], [{ region: 'us-east-1' }], [{ region: 'cn-north-1' }], [{ region: 'us-gov-west-1' }], [{ region: 'xx-nowhere-9' }], [{ region: 'eu-west-1', endpoint: 'http://127.0.0.1:4566', forcePathStyle: true }]])(
    'asks a bucket as the whole SDK does, and understands what it answers: %j', async (settings) => {
      const [wanted, got] = [await whole.askAll(settings), await lean.askAll(settings)];
      expect(got).toEqual(wanted);
      expect(got).toMatchObject({ body: 'bytes', next: 't/1', refused: { name: 'NoSuchKey' } });
    });

  it('says what was left out to one who asks for it', async () => {
    await whole.askWithXml({ region: 'eu-west-1' });
    await expect(lean.askWithXml({ region: 'eu-west-1' })).rejects.toThrow('bodies of requests in XML are left out of the bundle (infra/bundle/plugins.ts)');
  });

  it('takes its settings from the environment, and from no file of a home folder', async () => {
    const file = join(folder, 'config');
    writeFileSync(file, '[default]\nregion = eu-north-1\n');
    vi.stubEnv('AWS_CONFIG_FILE', file);
    expect(JSON.stringify(await whole.askAll({}))).toContain('s3.eu-north-1');
    await expect(lean.askAll({})).rejects.toThrow('Region is missing');
    vi.stubEnv('AWS_REGION', 'eu-west-2');
    expect(JSON.stringify(await lean.askAll({}))).toContain('s3.eu-west-2');
  });

  it('finds the same axes of a plane, to the last bit', () => {
    const rows = [[1, 0.3, -0.2], [0.3, 1, 0.55], [-0.2, 0.55, 1]];
    expect(lean.planeOf(rows)).toEqual(whole.planeOf(rows));
  });

  it('has all that functions ask of a bucket', () => {
    const sources = readdirSync(join(ROOT, 'functions'), { recursive: true, encoding: 'utf8' }).filter((path) => path.endsWith('.ts')).map((path) => readFileSync(join(ROOT, 'functions', path), 'utf8'));
    const named = sources.flatMap((source) => [...source.matchAll(/import (?:type )?\{([^}]*)\} from '@aws-sdk\/client-s3'/g)]).flatMap(([, names = '']) => names.split(',').map((name) => name.trim()).filter((name) => name.endsWith('Command')));
    expect([...new Set(named)].toSorted()).toEqual(ASKED);
  });
});
