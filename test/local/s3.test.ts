import { existsSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { crc32 } from 'node:zlib';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { decodeBody } from '../../infra/local/services/s3/body.ts';
import { rangeOf } from '../../infra/local/services/s3/range.ts';
import { S3Service } from '../../infra/local/services/s3/service.ts';
import { ADMIN, codeOf, declaration, request, roleWith, testCloud } from './support/cloud.ts';
import { temporaryFolder } from './support/temporary-folder.ts';

const DAY_MS = 86_400_000;
type Options = Readonly<{ body?: string; headers?: Readonly<Record<string, string>>; query?: Readonly<Record<string, string>>; principal?: typeof ADMIN }>;

const start = (properties: Readonly<Record<string, unknown>> = { VersioningConfiguration: { Status: 'Enabled' } }) => {
  const folder = temporaryFolder();
  const { cloud, clock } = testCloud(folder);
  const service = new S3Service(cloud);
  service.provision(declaration('AWS::S3::Bucket', properties, 'Documents'));
  const call = async (method: string, key: string, { body = '', ...more }: Options = {}) => {
    const { status, headers = {}, body: answer } = await service.handle(request({ method, path: `/node-documents/${encodeURIComponent(key)}`, body: Buffer.from(body), ...more }));
    return { status, headers, text: String(answer) };
  };
  const get = async (key: string, more: Options = {}): Promise<string> => (await call('GET', key, more)).text;
  const list = async (query: Readonly<Record<string, string>> = {}) => {
    const { text } = await call('GET', '', { query: { 'list-type': '2', ...query } });
    return { keys: [...text.matchAll(/<Key>([^<]*)<\/Key>/g)].map(([, key]) => key!), next: /<NextContinuationToken>([^<]*)</.exec(text)?.[1] };
  };
  return { service, call, get, list, clock, folder };
};

describe('conditional writes', () => {
  it('with If-None-Match: * never overwrite', async () => {
    const { call, get } = start();
    expect((await call('PUT', 'record', { body: 'first', headers: { 'if-none-match': '*' } })).status).toBe(200);
    expect(await codeOf(() => call('PUT', 'record', { body: 'second', headers: { 'if-none-match': '*' } }))).toBe('PreconditionFailed');
    expect(await get('record')).toBe('first');
    await call('DELETE', 'record');
    expect(await codeOf(() => call('PUT', 'record', { body: 'third', headers: { 'if-none-match': '*' } }))).toBe('none');
  });

  it('with If-Match replace only what was seen', async () => {
    const { call } = start();
    const { headers } = await call('PUT', 'record', { body: 'first' });
    expect(await codeOf(() => call('PUT', 'record', { body: 'x', headers: { 'if-match': '"other"' } }))).toBe('PreconditionFailed');
    expect(await codeOf(() => call('PUT', 'record', { body: 'second', headers: { 'if-match': headers['etag']! } }))).toBe('none');
    expect(await codeOf(() => call('PUT', 'nothing', { body: 'x', headers: { 'if-match': '"other"' } }))).toBe('NoSuchKey');
  });
});

describe('reads', () => {
  it('give any range as the bytes in it', () => {
    fc.assert(fc.property(fc.integer({ min: 1, max: 500 }), fc.nat(600), fc.nat(600), (length, a, b) => {
      const bytes = Buffer.from(Array.from({ length }, (_, i) => i % 251));
      const [from, to] = [Math.min(a, b), Math.max(a, b)];
      if (from >= length) expect(() => rangeOf(`bytes=${from}-${to}`, length)).toThrow(/satisfiable/);
      else {
        const { first, last } = rangeOf(`bytes=${from}-${to}`, length)!;
        expect(bytes.subarray(first, last + 1)).toEqual(bytes.subarray(from, to + 1));
      }
    }));
  });

  it('answer a range with 206 and where it lies', async () => {
    const { call } = start();
    await call('PUT', 'curve', { body: '0123456789' });
    expect(await call('GET', 'curve', { headers: { range: 'bytes=2-4' } })).toMatchObject({ status: 206, text: '234', headers: { 'content-range': 'bytes 2-4/10' } });
    expect(await call('GET', 'curve', { headers: { range: 'bytes=-3' } })).toMatchObject({ text: '789' });
    expect(await call('GET', 'curve', { headers: { range: 'bytes=7-' } })).toMatchObject({ text: '789' });
  });

  it('answer 304 to who has it already, 412 to who wants another', async () => {
    const { call } = start();
    const { headers } = await call('PUT', 'a', { body: 'x' });
    expect((await call('GET', 'a', { headers: { 'if-none-match': headers['etag']! } })).status).toBe(304);
    expect(await codeOf(() => call('GET', 'a', { headers: { 'if-match': '"other"' } }))).toBe('PreconditionFailed');
  });

  it('of what is not there say so, in bucket and key', async () => {
    const { call, service } = start();
    expect(await codeOf(() => call('GET', 'nothing'))).toBe('NoSuchKey');
    expect(await codeOf(() => service.handle(request({ method: 'GET', path: '/elsewhere/a' })))).toBe('NoSuchBucket');
  });

  it('of what is not there say nothing to who may not list, or some prefixes only', async () => {
    const { call } = start();
    await call('PUT', 'a', { body: 'x' });
    const reads = { Effect: 'Allow', Action: 's3:GetObject', Resource: 'arn:aws:s3:::node-documents/*' };
    const lists = { Effect: 'Allow', Action: 's3:ListBucket', Resource: 'arn:aws:s3:::node-documents' };
    const limited = { ...lists, Condition: { StringLike: { 's3:prefix': 'b*' } } };
    const codes = (statements: readonly unknown[]) => Promise.all(['a', 'b'].map((key) => codeOf(() => call('GET', key, { principal: roleWith(statements) }))));
    expect([await codes([reads]), await codes([reads, limited]), await codes([reads, lists])]).toEqual([['none', 'AccessDeniedException'], ['none', 'AccessDeniedException'], ['none', 'NoSuchKey']]);
  });
});

describe('lists', () => {
  it('page through every key with the prefix once, in order', async () => {
    const { call, list } = start();
    const keys = ['a', 'b/1', 'b/10', 'b/2', 'b/é', 'b/\u{1F9EC}', 'b0', 'c'];
    for (const key of keys) await call('PUT', key, { body: key });
    const got: string[] = [];
    let token: string | undefined;
    do {
      const page = await list({ prefix: 'b/', 'max-keys': '2', ...(token === undefined ? {} : { 'continuation-token': token }) });
      got.push(...page.keys);
      token = page.next;
    } while (token !== undefined);
    expect(got).toEqual(['b/1', 'b/10', 'b/2', 'b/é', 'b/\u{1F9EC}']);
    expect((await list()).keys).toHaveLength(keys.length);
  });

  it('do not show what is deleted, and refuse a delimiter they would not heed', async () => {
    const { call, list } = start();
    await call('PUT', 'a', { body: 'x' });
    await call('DELETE', 'a');
    expect((await list()).keys).toEqual([]);
    expect(await codeOf(() => list({ delimiter: '/' }))).toBe('NotImplemented');
  });
});

describe('versions', () => {
  it('are all kept, readable by id, and the one before comes back when the newest is removed', async () => {
    const { call, get } = start();
    const first = await call('PUT', 'a', { body: 'one' });
    const second = await call('PUT', 'a', { body: 'two' });
    expect(await get('a', { query: { versionId: first.headers['x-amz-version-id']! } })).toBe('one');
    await call('DELETE', 'a', { query: { versionId: second.headers['x-amz-version-id']! } });
    expect(await get('a')).toBe('one');
  });

  it('come back when the mark that hides them is removed', async () => {
    const { call, get } = start();
    await call('PUT', 'a', { body: 'one' });
    const { headers } = await call('DELETE', 'a');
    expect(headers['x-amz-delete-marker']).toBe('true');
    expect(await codeOf(() => get('a'))).toBe('NoSuchKey');
    await call('DELETE', 'a', { query: { versionId: headers['x-amz-version-id']! } });
    expect(await get('a')).toBe('one');
  });

  it('are not kept without versioning, nor their files', async () => {
    const { call, folder } = start({});
    const bodies = (): number => (existsSync(join(folder, 's3/bodies')) ? readdirSync(join(folder, 's3/bodies')).length : 0);
    await call('PUT', 'large', { body: 'x'.repeat(70_000) });
    await call('PUT', 'large', { body: 'y'.repeat(70_000) });
    expect(bodies()).toBe(1);
    await call('DELETE', 'large');
    expect(bodies()).toBe(0);
  });

  it('of one key can be forgotten without those of a key that begins like it', async () => {
    const { call, get } = start({ VersioningConfiguration: { Status: 'Enabled' }, LifecycleConfiguration: { Rules: [{ Prefix: 'scratch/', NoncurrentVersionExpiration: { NoncurrentDays: 1 } }] } });
    await call('PUT', 'scratch/1', { body: 'one' });
    await call('PUT', 'scratch/10', { body: 'ten' });
    await call('DELETE', 'scratch/1');
    expect(await get('scratch/10')).toBe('ten');
    expect(await codeOf(() => get('scratch/1'))).toBe('NoSuchKey');
  });
});

describe('object lock', () => {
  const LOCKED = { VersioningConfiguration: { Status: 'Enabled' }, ObjectLockConfiguration: { Rule: { DefaultRetention: { Days: 5 } } } };

  it('keeps every version until its day has come', async () => {
    const { call, get, clock } = start(LOCKED);
    const { headers } = await call('PUT', 'record', { body: 'sealed' });
    const versionId = headers['x-amz-version-id']!;
    await call('PUT', 'record', { body: 'newer' });
    await call('DELETE', 'record');
    expect(await codeOf(() => call('DELETE', 'record', { query: { versionId } }))).toBe('AccessDenied');
    expect(await get('record', { query: { versionId } })).toBe('sealed');
    clock.advance(5 * DAY_MS + 1000);
    expect(await codeOf(() => call('DELETE', 'record', { query: { versionId } }))).toBe('none');
  });
});

describe('bodies', () => {
  const sum = (text: string): string => {
    const bytes = Buffer.alloc(4);
    bytes.writeUInt32BE(crc32(text));
    return bytes.toString('base64');
  };
  const chunked = (text: string, checksum: string): Buffer => Buffer.from(`${text.length.toString(16)}\r\n${text}\r\n0\r\nx-amz-checksum-crc32:${checksum}\r\n\r\n`);

  it('come out of the SDK’s chunks whole', () => {
    expect(decodeBody({ 'content-encoding': 'aws-chunked' }, chunked('curve', sum('curve'))).toString()).toBe('curve');
  });

  it.each([['a wrong checksum', chunked('curve', sum('other'))], ['a cut', chunked('curve', sum('curve')).subarray(0, 7)], ['no chunks', Buffer.from('curve')]])('with %s are refused', (_, body) => {
    expect(() => decodeBody({ 'content-encoding': 'aws-chunked' }, body)).toThrow(expect.objectContaining({ code: 'BadDigest' }));
  });
});

describe('access', () => {
  it('is by key, action and version', async () => {
    const { call } = start();
    const { headers } = await call('PUT', 'north/a', { body: 'x' });
    const principal = roleWith([{ Effect: 'Allow', Action: ['s3:GetObject', 's3:DeleteObject'], Resource: 'arn:aws:s3:::node-documents/north/*' }]);
    expect(await codeOf(() => call('GET', 'north/a', { principal }))).toBe('none');
    expect(await codeOf(() => call('GET', 'hill/a', { principal }))).toBe('AccessDeniedException');
    expect(await codeOf(() => call('GET', '', { principal, query: { 'list-type': '2' } }))).toBe('AccessDeniedException');
    expect(await codeOf(() => call('DELETE', 'north/a', { principal, query: { versionId: headers['x-amz-version-id']! } }))).toBe('AccessDeniedException');
  });
});
