import { GetObjectCommand, ListObjectsV2Command, S3Client } from '@aws-sdk/client-s3';
import type { Site } from '../../../scripts/client/endpoints.ts';

/** Objects of a site's bucket, as its administrator sees them. */
export const objectsOf = ({ environment }: Site, bucket: string) => {
  const client = new S3Client({
    endpoint: environment['AWS_ENDPOINT_URL'] ?? '', region: environment['AWS_REGION'] ?? '', forcePathStyle: true,
    credentials: { accessKeyId: environment['AWS_ACCESS_KEY_ID'] ?? '', secretAccessKey: environment['AWS_SECRET_ACCESS_KEY'] ?? '', sessionToken: environment['AWS_SESSION_TOKEN'] ?? '' },
  });
  return {
    keys: async (prefix: string): Promise<readonly string[]> => (await client.send(new ListObjectsV2Command({ Bucket: bucket, Prefix: prefix }))).Contents?.map(({ Key }) => Key ?? '') ?? [],
    get: async (key: string): Promise<Buffer> => Buffer.from(await (await client.send(new GetObjectCommand({ Bucket: bucket, Key: key }))).Body!.transformToByteArray()),
  };
};
