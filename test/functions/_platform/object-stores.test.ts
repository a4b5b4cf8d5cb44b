import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import type { ObjectStore } from '../../../functions/_platform/ports.ts';
import { createS3ObjectStore } from '../../../functions/_platform/s3-object-store.ts';
import { AwsError } from '../../../infra/local/core/contracts.ts';
import { s3ClientOver, startLocalS3, type LocalS3 } from '../../support/local-s3.ts';
import { createMemoryObjectStore } from '../../support/memory/object-store.ts';

let s3: LocalS3;
let buckets = 0;
beforeAll(() => { s3 = startLocalS3(Date.parse('2026-03-02T14:05:09.120Z')); });
afterAll(() => s3.stop());

const bytes = (text: string): Uint8Array => new TextEncoder().encode(text);

describe.each<readonly [string, () => ObjectStore]>([
  ['in memory', createMemoryObjectStore], ['in S3', () => createS3ObjectStore(() => s3.client, s3.createBucket(`Bucket${buckets += 1}`))],
])('an object store %s', (_, create) => {
  let store: ObjectStore;
  beforeEach(() => { store = create(); });
  const text = async (key: string): Promise<string | undefined> => {
    const object = await store.get(key);
    return object === undefined ? undefined : Buffer.from(object.body).toString('utf8');
  };

  it('gives back the bytes that were put, and nothing where nothing is', async () => {
    const body = Uint8Array.from({ length: 70_000 }, (__, i) => i % 256);
    expect(await store.put('a/b c/ä', body, { contentType: 'application/octet-stream' })).toBe(true);
    expect(Buffer.from((await store.get('a/b c/ä'))!.body).equals(body)).toBe(true);
    expect(await store.get('a/b c')).toBeUndefined();
    await store.put('empty', new Uint8Array());
    expect((await store.get('empty'))?.body).toHaveLength(0);
  });
  it('does not change with the bytes it was given', async () => {
    const body = bytes('first');
    await store.put('a', body);
    body.fill(0);
    expect(await text('a')).toBe('first');
  });
  it('keeps the first of many puts that want the key absent', async () => {
    const answers = await Promise.all(['a', 'b', 'c'].map((each) => store.put('k', bytes(each), { ifMatch: null })));
    expect(answers.filter(Boolean)).toHaveLength(1);
    expect(await text('k')).toBe(['a', 'b', 'c'][answers.indexOf(true)]);
  });
  it('replaces an object only as it was read', async () => {
    await store.put('k', bytes('1'));
    const { etag } = (await store.get('k'))!;
    expect(await store.put('k', bytes('2'), { ifMatch: etag })).toBe(true);
    expect(await store.put('k', bytes('3'), { ifMatch: etag })).toBe(false);
    expect(await text('k')).toBe('2');
    expect((await store.get('k'))!.etag).not.toBe(etag);
  });
  it('replaces nothing that is gone', async () => {
    await store.put('k', bytes('1'));
    const { etag } = (await store.get('k'))!;
    await store.delete('k');
    expect([await store.put('k', bytes('2'), { ifMatch: etag }), await store.get('k')]).toEqual([false, undefined]);
  });
  it('lists keys of a prefix in order, from after one, up to a number', async () => {
    for (const key of ['b/2', 'a/1', 'b/10', 'b/1', 'c', 'b']) await store.put(key, bytes(key));
    expect(await store.list('b/')).toEqual(['b/1', 'b/10', 'b/2']);
    expect(await store.list('b/', { startAfter: 'b/10' })).toEqual(['b/2']);
    expect(await store.list('b/', { limit: 2 })).toEqual(['b/1', 'b/10']);
    expect(await store.list('b/', { startAfter: 'b/1', limit: 1 })).toEqual(['b/10']);
    expect(await store.list('')).toEqual(['a/1', 'b', 'b/1', 'b/10', 'b/2', 'c']);
    expect(await store.list('d')).toEqual([]);
  });
  it('lists more keys than one answer holds', async () => {
    const keys = Array.from({ length: 1203 }, (__, i) => `k/${String(i).padStart(4, '0')}`);
    await Promise.all(keys.map((key) => store.put(key, bytes('x'))));
    expect(await store.list('k/')).toEqual(keys);
    expect(await store.list('k/', { limit: 1100, startAfter: 'k/0009' })).toEqual(keys.slice(10, 1110));
  });
  it('forgets what was deleted, and takes a delete of nothing', async () => {
    await store.put('k', bytes('1'));
    await store.delete('k');
    await store.delete('k');
    expect([await store.get('k'), await store.list('')]).toEqual([undefined, []]);
  });
});

describe('an answer of S3 the local cloud does not give', () => {
  const storeAnswering = (code: string, status: number): ObjectStore => createS3ObjectStore(() => s3ClientOver(() => Promise.reject(new AwsError(code, code, status))), 'bucket');
  it('is a lost condition when a replaced object is gone, or another write of it is under way', async () => {
    expect(await storeAnswering('NoSuchKey', 404).put('k', bytes('x'), { ifMatch: '"etag"' })).toBe(false);
    expect(await storeAnswering('ConditionalRequestConflict', 409).put('k', bytes('x'), { ifMatch: null })).toBe(false);
  });
  it('is a fault when the bucket is not there, or not ours', async () => {
    await expect(storeAnswering('NoSuchBucket', 404).put('k', bytes('x'), { ifMatch: '"etag"' })).rejects.toThrow();
    await expect(storeAnswering('NoSuchBucket', 404).get('k')).rejects.toThrow();
    await expect(storeAnswering('AccessDenied', 403).get('k')).rejects.toThrow();
  });
  it('is nothing there when a key is refused and a list of its own prefix has it not; else it stays a refusal', async () => {
    const asked: string[] = [];
    const storeListing = (...keys: readonly string[]): ObjectStore => createS3ObjectStore(() => s3ClientOver(({ query }) => {
      if (query.get('list-type') !== '2') return Promise.reject(new AwsError('AccessDenied', 'AccessDenied', 403));
      asked.push(query.get('prefix') ?? '');
      return Promise.resolve({ status: 200, headers: { 'content-type': 'application/xml' }, body: `<ListBucketResult>${keys.map((key) => `<Contents><Key>${key}</Key></Contents>`).join('')}</ListBucketResult>` });
    }), 'bucket');
    expect([await storeListing().get('grants/1/north.json'), await storeListing('grants/1/north.json.old').get('grants/1/north.json')]).toEqual([undefined, undefined]);
    await expect(storeListing('grants/1/north.json').get('grants/1/north.json')).rejects.toThrow('AccessDenied');
    expect(asked).toEqual(Array.from({ length: 3 }, () => 'grants/1/north.json'));
  });
});
