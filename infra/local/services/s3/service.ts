import { AwsError, type Cloud, type LocalService, type LocalServiceFactory, type PolicyStatement, type ProvisionedResource, type ResourceDeclaration, type SdkRequest, type SdkResponse } from '../../core/contracts.ts';
import { statementsOf } from '../../core/iam.ts';
import { decodeBody } from './body.ts';
import { rangeOf } from './range.ts';
import { ObjectDatabase, type StoredObject } from './store.ts';

type Bucket = Readonly<{ name: string; account: string; versioned: boolean; retentionMs: number | undefined; forgottenPrefixes: readonly string[] }>;
const DAY_MS = 86_400_000;
const MAXIMUM_KEYS = 1000;

const escapeXml = (text: string): string => text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;');
const xml = (body: string): SdkResponse => ({ status: 200, headers: { 'content-type': 'application/xml' }, body: `<?xml version="1.0" encoding="UTF-8"?>${body}` });

type LifecycleRule = Readonly<{ Prefix?: string; NoncurrentVersionExpiration?: unknown; Filter?: Readonly<{ Prefix?: string }> }>;

/** What policies may ask of a request. @see Service Authorization Reference, condition keys for Amazon S3 */
const contextOf = ({ headers, query }: SdkRequest, action: string): Readonly<Record<string, string>> => {
  if (action === 's3:ListBucket') return query.has('prefix') ? { 's3:prefix': query.get('prefix') ?? '' } : {};
  const ifNoneMatch = headers['if-none-match'];
  return action === 's3:PutObject' && ifNoneMatch !== undefined ? { 's3:if-none-match': ifNoneMatch } : {};
};

/** S3, path style: versions, object lock, conditional writes, bucket policies. */
export class S3Service implements LocalService {
  readonly name = 's3';
  readonly signingNames = ['s3'];
  readonly resourceTypes = ['AWS::S3::Bucket', 'AWS::S3::BucketPolicy'];
  readonly #cloud: Cloud;
  readonly #objects: ObjectDatabase;
  readonly #buckets = new Map<string, Bucket>();
  readonly #policies = new Map<string, readonly PolicyStatement[]>();

  constructor(cloud: Cloud) {
    this.#cloud = cloud;
    this.#objects = new ObjectDatabase(cloud.stateFolder('s3'));
  }

  provision({ stack, logicalId, type, properties }: ResourceDeclaration): ProvisionedResource {
    if (type === 'AWS::S3::BucketPolicy') {
      this.#policies.set(String(properties['Bucket']), statementsOf(properties['PolicyDocument']));
      return { physicalId: `${stack.name}-${logicalId}`, attributes: {} };
    }
    const name = `${stack.name}-${logicalId}`.toLowerCase();
    const lock = properties['ObjectLockConfiguration'] as Readonly<{ Rule?: Readonly<{ DefaultRetention?: Readonly<{ Days?: number; Years?: number }> }> }> | undefined;
    const retention = lock?.Rule?.DefaultRetention;
    const rules = (properties['LifecycleConfiguration'] as Readonly<{ Rules?: readonly LifecycleRule[] }> | undefined)?.Rules ?? [];
    this.#buckets.set(name, {
      name, account: stack.account, versioned: (properties['VersioningConfiguration'] as Readonly<{ Status?: string }> | undefined)?.Status === 'Enabled',
      retentionMs: retention === undefined ? undefined : ((retention.Days ?? 0) + 365 * (retention.Years ?? 0)) * DAY_MS,
      forgottenPrefixes: rules.filter(({ NoncurrentVersionExpiration }) => NoncurrentVersionExpiration !== undefined).flatMap(({ Prefix, Filter }) => Prefix ?? Filter?.Prefix ?? []),
    });
    return { physicalId: name, attributes: { Arn: `arn:aws:s3:::${name}`, DomainName: `${name}.s3.amazonaws.com`, RegionalDomainName: `${name}.s3.${stack.region}.amazonaws.com` } };
  }

  stop(): Promise<void> {
    this.#objects.close();
    return Promise.resolve();
  }

  #authorize(request: SdkRequest, bucket: Bucket, action: string, key?: string): void {
    const arn = `arn:aws:s3:::${bucket.name}${key === undefined ? '' : `/${key}`}`;
    this.#cloud.authorize(request.principal, action, arn, { resourcePolicy: this.#policies.get(bucket.name) ?? [], resourceAccount: bucket.account, context: contextOf(request, action) });
  }

  // eslint-disable-next-line @typescript-eslint/require-await -- a throw must become a rejection
  async handle(request: SdkRequest): Promise<SdkResponse> {
    this.#requireLiveLink(request);
    const [, bucketName = '', ...rest] = request.path.split('/');
    const bucket = this.#buckets.get(bucketName);
    if (bucket === undefined) throw new AwsError('NoSuchBucket', `no bucket ${bucketName}`, 404);
    const key = decodeURIComponent(rest.join('/'));
    if (key === '') return this.#list(request, bucket);
    switch (request.method) {
      case 'PUT': return this.#put(request, bucket, key);
      case 'GET': return this.#get(request, bucket, key);
      case 'HEAD': return { ...this.#get(request, bucket, key), body: '' };
      case 'DELETE': return this.#delete(request, bucket, key);
      default: throw new AwsError('MethodNotAllowed', `the local cloud does not serve S3 ${request.method} ${request.path}`, 405);
    }
  }

  /** A presigned link reads, and only until it ends. */
  #requireLiveLink({ method, query }: SdkRequest): void {
    const life = query.get('X-Amz-Expires');
    if (life === null) return;
    const [, year, month, day, hours, minutes, seconds] = /^(\d{4})(\d\d)(\d\d)T(\d\d)(\d\d)(\d\d)Z$/.exec(query.get('X-Amz-Date') ?? '') ?? [];
    const endsAt = Date.parse(`${year}-${month}-${day}T${hours}:${minutes}:${seconds}Z`) + Number(life) * 1000;
    if (method !== 'GET' || !/^[0-9a-f]{64}$/.test(query.get('X-Amz-Signature') ?? '')) throw new AwsError('SignatureDoesNotMatch', 'the local cloud takes presigned links to GET an object', 403);
    if (!(this.#cloud.clock.now() < endsAt)) throw new AwsError('AccessDenied', 'Request has expired', 403);
  }

  #list(request: SdkRequest, bucket: Bucket): SdkResponse {
    if (request.method !== 'GET' || request.query.get('list-type') !== '2') throw new AwsError('NotImplemented', `the local cloud does not serve S3 ${request.method} on a bucket with ${request.query.toString()}`, 501);
    this.#authorize(request, bucket, 's3:ListBucket');
    if (request.query.has('delimiter')) throw new AwsError('NotImplemented', 'the local cloud lists without a delimiter', 501);
    const prefix = request.query.get('prefix') ?? '';
    const limit = Math.min(Number(request.query.get('max-keys') ?? MAXIMUM_KEYS), MAXIMUM_KEYS);
    const after = request.query.get('continuation-token') ?? request.query.get('start-after') ?? '';
    const found = this.#objects.list(bucket.name, prefix, after, limit + 1);
    const page = found.slice(0, limit);
    const isCut = found.length > limit;
    const contents = page.map(({ key, etag, size, modifiedEpochMs }) => `<Contents><Key>${escapeXml(key)}</Key><LastModified>${new Date(modifiedEpochMs).toISOString()}</LastModified><ETag>${escapeXml(etag)}</ETag><Size>${size}</Size><StorageClass>STANDARD</StorageClass></Contents>`).join('');
    return xml(`<ListBucketResult xmlns="http://s3.amazonaws.com/doc/2006-03-01/"><Name>${bucket.name}</Name><Prefix>${escapeXml(prefix)}</Prefix><KeyCount>${page.length}</KeyCount><MaxKeys>${limit}</MaxKeys><IsTruncated>${String(isCut)}</IsTruncated>${isCut ? `<NextContinuationToken>${escapeXml(page.at(-1)?.key ?? '')}</NextContinuationToken>` : ''}${contents}</ListBucketResult>`);
  }

  #put(request: SdkRequest, bucket: Bucket, key: string): SdkResponse {
    this.#authorize(request, bucket, 's3:PutObject', key);
    const { headers } = request;
    const held = this.#objects.latest(bucket.name, key);
    const [ifMatch, ifNoneMatch] = [headers['if-match'], headers['if-none-match']];
    if (ifMatch !== undefined && held === undefined) throw new AwsError('NoSuchKey', 'The specified key does not exist.', 404);
    if ((ifNoneMatch === '*' && held !== undefined) || (ifMatch !== undefined && held?.etag !== ifMatch)) throw new AwsError('PreconditionFailed', 'At least one of the pre-conditions you specified did not hold', 412);
    const now = this.#cloud.clock.now();
    const stored = this.#objects.put(bucket.name, key, decodeBody(headers, request.body), {
      contentType: headers['content-type'] ?? 'application/octet-stream', modifiedEpochMs: now, keepVersions: bucket.versioned && (held?.retainUntilEpochMs != null || !bucket.forgottenPrefixes.some((prefix) => key.startsWith(prefix))),
      retainUntilEpochMs: bucket.retentionMs === undefined ? null : now + bucket.retentionMs,
    });
    return { status: 200, headers: { etag: stored.etag, 'x-amz-version-id': stored.versionId } };
  }

  #get(request: SdkRequest, bucket: Bucket, key: string): SdkResponse {
    this.#authorize(request, bucket, 's3:GetObject', key);
    const versionId = request.query.get('versionId');
    const held = versionId === null ? this.#objects.latest(bucket.name, key) : this.#objects.version(bucket.name, key, versionId);
    // Who may not list is told 403 of what is not there (API reference, GetObject). Such a request has no prefix, so that a list limited by prefix counts as none.
    if (held === undefined) this.#authorize(request, bucket, 's3:ListBucket');
    if (held === undefined) throw new AwsError('NoSuchKey', 'The specified key does not exist.', 404);
    const { 'if-match': ifMatch, 'if-none-match': ifNoneMatch, range } = request.headers;
    const headers = { etag: held.etag, 'content-type': held.contentType, 'last-modified': new Date(held.modifiedEpochMs).toUTCString(), 'x-amz-version-id': held.versionId, 'accept-ranges': 'bytes' };
    if (ifMatch !== undefined && ifMatch !== held.etag) throw new AwsError('PreconditionFailed', 'At least one of the pre-conditions you specified did not hold', 412);
    if (ifNoneMatch !== undefined && ifNoneMatch === held.etag) return { status: 304, headers };
    const whole = this.#objects.body(bucket.name, key, held.versionId);
    const part = range === undefined ? undefined : rangeOf(range, whole.length);
    if (part === undefined) return { status: 200, headers, body: whole };
    return { status: 206, headers: { ...headers, 'content-range': `bytes ${part.first}-${part.last}/${whole.length}` }, body: whole.subarray(part.first, part.last + 1) };
  }

  #delete(request: SdkRequest, bucket: Bucket, key: string): SdkResponse {
    const versionId = request.query.get('versionId');
    this.#authorize(request, bucket, versionId === null ? 's3:DeleteObject' : 's3:DeleteObjectVersion', key);
    if (versionId !== null) {
      this.#requireUnlocked(this.#objects.version(bucket.name, key, versionId));
      this.#objects.removeVersion(bucket.name, key, versionId);
      return { status: 204, headers: { 'x-amz-version-id': versionId } };
    }
    if (!bucket.versioned) {
      this.#requireUnlocked(this.#objects.latest(bucket.name, key));
      this.#objects.removeKey(bucket.name, key);
      return { status: 204 };
    }
    const markerId = this.#objects.hide(bucket.name, key, this.#cloud.clock.now());
    if (bucket.forgottenPrefixes.some((prefix) => key.startsWith(prefix))) this.#objects.forget(bucket.name, key, this.#cloud.clock.now());
    return { status: 204, headers: { 'x-amz-delete-marker': 'true', 'x-amz-version-id': markerId } };
  }

  #requireUnlocked(held: StoredObject | undefined): void {
    if (held?.retainUntilEpochMs != null && held.retainUntilEpochMs > this.#cloud.clock.now()) throw new AwsError('AccessDenied', 'Access Denied because object protected by object lock.', 403);
  }
}

export const createS3Service: LocalServiceFactory = (cloud) => new S3Service(cloud);
