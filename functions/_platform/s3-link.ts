import { GetObjectCommand, type S3Client } from '@aws-sdk/client-s3';
import { getSignedUrl } from '@aws-sdk/s3-request-presigner';
import type { Clock } from './ports.ts';

/** Long enough to begin a download, too short to pass a link on. */
export const LINK_LIFE_SECONDS = 300;
/** Bytes of a file that one answer holds: a function may answer 6 MB of text, and bytes travel as base64 in it. What is larger is given by a link. */
export const MAXIMUM_ANSWER_BYTES = 4_400_000;

export type Link = Readonly<{ url: string; expiresAt: string }>;
/** A link to an object, that needs no token and soon ends. */
export type Linker = (key: string) => Promise<Link>;

export const createLinker = (client: () => S3Client, bucket: string, now: Clock): Linker => async (key) => {
  // A signature is dated to the second.
  const signingDate = new Date(Math.floor(now().getTime() / 1000) * 1000);
  const url = await getSignedUrl(client(), new GetObjectCommand({ Bucket: bucket, Key: key }), { expiresIn: LINK_LIFE_SECONDS, signingDate });
  return { url, expiresAt: new Date(signingDate.getTime() + LINK_LIFE_SECONDS * 1000).toISOString() };
};
