import { GetObjectCommand, type S3Client } from '@aws-sdk/client-s3';
import { getSignedUrl } from '@aws-sdk/s3-request-presigner';
import type { Clock } from '../_platform/ports.ts';
import { createS3ObjectStore } from '../_platform/s3-object-store.ts';

/** Long enough to begin a download, too short to pass a link on. */
export const LINK_LIFE_SECONDS = 300;

export type PackLink = Readonly<{ url: string; expiresAt: string }>;
/** Keeps a pack that is larger than one answer, and gives a link to it that needs no token and soon ends. */
export type PackStore = (key: string, zip: Uint8Array) => Promise<PackLink>;

/** The node's own bucket of packs; an object there goes after a day. */
export const createPackStore = (client: () => S3Client, bucket: string, now: Clock): PackStore => {
  const objects = createS3ObjectStore(client, bucket);
  return async (key, zip) => {
    await objects.put(key, zip, { contentType: 'application/zip' });
    // A signature is dated to the second.
    const signingDate = new Date(Math.floor(now().getTime() / 1000) * 1000);
    const url = await getSignedUrl(client(), new GetObjectCommand({ Bucket: bucket, Key: key }), { expiresIn: LINK_LIFE_SECONDS, signingDate });
    return { url, expiresAt: new Date(signingDate.getTime() + LINK_LIFE_SECONDS * 1000).toISOString() };
  };
};
