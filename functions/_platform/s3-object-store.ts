import { DeleteObjectCommand, GetObjectCommand, ListObjectsV2Command, NoSuchKey, PutObjectCommand, S3Client, S3ServiceException } from '@aws-sdk/client-s3';
import type { ObjectStore } from './ports.ts';

const conditionOf = (ifMatch: string | null | undefined): Readonly<{ IfNoneMatch?: string; IfMatch?: string }> => {
  if (ifMatch === undefined) return {};
  return ifMatch === null ? { IfNoneMatch: '*' } : { IfMatch: ifMatch };
};

/**
 * 412: the condition does not hold; 409: another conditional write of the same key was under way, and `NoSuchKey`: the object to be replaced is gone, which
 * are the same to us.
 */
const isLostCondition = (error: unknown): boolean =>
  error instanceof S3ServiceException && (error.$metadata.httpStatusCode === 412 || error.$metadata.httpStatusCode === 409 || error.name === 'NoSuchKey');

const isDenied = (error: unknown): boolean => error instanceof S3ServiceException && error.$metadata.httpStatusCode === 403;

/**
 * Whether a key is seen not to be there. Of what is not there S3 says 403 to who may list some prefixes only; a list of that very prefix tells it from what may not be read.
 *
 * @returns false, too, where the list is refused
 */
const isSeenAbsent = async (client: S3Client, bucket: string, key: string): Promise<boolean> => {
  try {
    const { Contents = [] } = await client.send(new ListObjectsV2Command({ Bucket: bucket, Prefix: key, MaxKeys: 1 }));
    return Contents[0]?.Key !== key;
  } catch (error) {
    if (isDenied(error)) return false;
    throw error;
  }
};

/** Client over one bucket. */
export const createS3ObjectStore = (client: () => S3Client, bucket: string): ObjectStore => ({
  get: async (key) => {
    try {
      const { Body, ETag } = await client().send(new GetObjectCommand({ Bucket: bucket, Key: key }));
      return Body === undefined ? undefined : { body: await Body.transformToByteArray(), etag: ETag ?? '' };
    } catch (error) {
      if (error instanceof NoSuchKey || (isDenied(error) && await isSeenAbsent(client(), bucket, key))) return undefined;
      throw error;
    }
  },
  put: async (key, body, options = {}) => {
    try {
      await client().send(new PutObjectCommand({
        Bucket: bucket, Key: key, Body: body, ...conditionOf(options.ifMatch),
        ...(options.contentType === undefined ? {} : { ContentType: options.contentType }),
      }));
      return true;
    } catch (error) {
      if (isLostCondition(error)) return false;
      throw error;
    }
  },
  list: async (prefix, options = {}) => {
    const keys: string[] = [];
    let token: string | undefined;
    do {
      const page = await client().send(new ListObjectsV2Command({
        Bucket: bucket, Prefix: prefix, ContinuationToken: token,
        ...(options.startAfter === undefined ? {} : { StartAfter: options.startAfter }),
        ...(options.limit === undefined ? {} : { MaxKeys: Math.min(1000, options.limit - keys.length) }),
      }));
      keys.push(...(page.Contents ?? []).flatMap(({ Key }) => Key ?? []));
      token = page.NextContinuationToken;
    } while (token !== undefined && keys.length < (options.limit ?? Infinity));
    return keys;
  },
  delete: async (key) => {
    await client().send(new DeleteObjectCommand({ Bucket: bucket, Key: key }));
  },
});
