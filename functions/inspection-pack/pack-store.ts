import type { S3Client } from '@aws-sdk/client-s3';
import type { Clock } from '../_platform/ports.ts';
import { createLinker, type Link } from '../_platform/s3-link.ts';
import { createS3ObjectStore } from '../_platform/s3-object-store.ts';

/** Keeps a pack that is larger than one answer, and gives a link to it. */
export type PackStore = (key: string, zip: Uint8Array) => Promise<Link>;

/** The node's own bucket of packs; an object there goes after a day. */
export const createPackStore = (client: () => S3Client, bucket: string, now: Clock): PackStore => {
  const [objects, link] = [createS3ObjectStore(client, bucket), createLinker(client, bucket, now)];
  return async (key, zip) => {
    await objects.put(key, zip, { contentType: 'application/zip' });
    return link(key);
  };
};
