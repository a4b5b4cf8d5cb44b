import { GetObjectCommand, ListObjectsV2Command, S3Client } from '@aws-sdk/client-s3';
import { GetQueueAttributesCommand, SQSClient } from '@aws-sdk/client-sqs';
import type { NodeSite } from '../../scripts/client/endpoints.ts';
import { openChunk } from '../../shared/telemetry/chunk.ts';
import { objectKeyOf } from '../../shared/telemetry/minute.ts';

export type Stored = Readonly<{ objects: number; bytes: number; samples: number }>;

type Site = Pick<NodeSite, 'environment'>;

const clientOf = ({ environment }: Site): S3Client => new S3Client({
  endpoint: environment['AWS_ENDPOINT_URL'] ?? '', region: environment['AWS_REGION'] ?? '', forcePathStyle: true, credentials: { accessKeyId: environment['AWS_ACCESS_KEY_ID'] ?? '', secretAccessKey: 'local', sessionToken: 'local' },
});

/** Keys and sizes below a prefix of a bucket. */
const listed = async (client: S3Client, bucket: string, prefix: string): Promise<readonly Readonly<{ key: string; bytes: number }>[]> => {
  const found: Readonly<{ key: string; bytes: number }>[] = [];
  let token: string | undefined;
  do {
    const page = await client.send(new ListObjectsV2Command({ Bucket: bucket, Prefix: prefix, ContinuationToken: token }));
    found.push(...(page.Contents ?? []).map(({ Key = '', Size = 0 }) => ({ key: Key, bytes: Size })));
    token = page.NextContinuationToken;
  } while (token !== undefined);
  return found;
};

export const bucketOf = ({ outputs }: NodeSite): string => outputs['TelemetryBucketName'] ?? '';

/** Objects below a prefix, their bytes, and the samples in them, read and counted one by one. */
const storedBelow = async (node: NodeSite, prefix: string): Promise<Stored> => {
  const client = clientOf(node);
  const objects = await listed(client, bucketOf(node), prefix);
  let samples = 0;
  for (const { key } of objects) {
    const { Body } = await client.send(new GetObjectCommand({ Bucket: bucketOf(node), Key: key }));
    samples += openChunk(await Body?.transformToByteArray() ?? new Uint8Array()).sampleCount;
  }
  client.destroy();
  return { objects: objects.length, samples, bytes: objects.reduce((sum, { bytes }) => sum + bytes, 0) };
};

export const minutesOf = (node: NodeSite, edgeNodeId: string, deviceId: string): Promise<Stored> => storedBelow(node, objectKeyOf.chunkPrefix(edgeNodeId, deviceId));
export const hoursOf = (node: NodeSite, edgeNodeId: string, deviceId: string): Promise<Stored> => storedBelow(node, objectKeyOf.hourPrefix(edgeNodeId, deviceId));

/** Segments that wait to be sealed. */
export const openSegments = async (node: NodeSite): Promise<number> => {
  const client = clientOf(node);
  const { length } = await listed(client, bucketOf(node), 'open/');
  client.destroy();
  return length;
};

/** Telemetry messages that were acknowledged and are in no segment yet. */
export const queuedMessages = async ({ environment, outputs }: NodeSite): Promise<number> => {
  const client = new SQSClient({ endpoint: environment['AWS_ENDPOINT_URL'] ?? '', region: environment['AWS_REGION'] ?? '', credentials: { accessKeyId: environment['AWS_ACCESS_KEY_ID'] ?? '', secretAccessKey: 'local', sessionToken: 'local' } });
  const { Attributes = {} } = await client.send(new GetQueueAttributesCommand({ QueueUrl: outputs['TelemetryQueueUrl'] ?? '', AttributeNames: ['ApproximateNumberOfMessages', 'ApproximateNumberOfMessagesNotVisible'] }));
  client.destroy();
  return Object.values(Attributes).filter((value) => /^\d+$/.test(value)).reduce((sum, value) => sum + Number(value), 0);
};

/** Keys below a prefix of any bucket of a site, with their bytes. */
export const bytesBelow = async (site: Site, bucket: string, prefix: string): Promise<ReadonlyMap<string, number>> => {
  const client = clientOf(site);
  const objects = await listed(client, bucket, prefix);
  client.destroy();
  return new Map(objects.map(({ key, bytes }) => [key, bytes]));
};
