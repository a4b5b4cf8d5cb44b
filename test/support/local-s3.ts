import { S3Client } from '@aws-sdk/client-s3';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { AwsError, type Cloud, type SdkRequest, type SdkResponse } from '../../infra/local/core/contracts.ts';
import { S3Service } from '../../infra/local/services/s3/service.ts';

type Sent = Readonly<{ method: string; path: string; query?: Readonly<Record<string, string | readonly string[] | null>>; headers: Readonly<Record<string, string>>; body?: unknown }>;
export type Answering = (request: SdkRequest) => Promise<SdkResponse>;

const received = ({ method, path, query = {}, headers, body }: Sent): SdkRequest => ({
  service: 's3', method, path, operation: undefined, principal: { kind: 'local' } as unknown as SdkRequest['principal'],
  query: new URLSearchParams(Object.fromEntries(Object.entries(query).map(([name, value]) => [name, String(value ?? '')]))),
  headers: Object.fromEntries(Object.entries(headers).map(([name, value]) => [name.toLowerCase(), value])),
  body: body === undefined ? Buffer.alloc(0) : Buffer.from(body as Uint8Array),
});

const answered = async (answer: Answering, request: SdkRequest): Promise<SdkResponse> => {
  try {
    return await answer(request);
  } catch (error) {
    if (!(error instanceof AwsError)) throw error;
    return { status: error.status, headers: { 'content-type': 'application/xml' }, body: `<?xml version="1.0"?><Error><Code>${error.code}</Code><Message>${error.message}</Message></Error>` };
  }
};

/** The SDK's client, answered in this process instead of over a network. */
export const s3ClientOver = (answer: Answering): S3Client => new S3Client({
  region: 'eu-west-1', forcePathStyle: true, maxAttempts: 1, credentials: { accessKeyId: 'local', secretAccessKey: 'local' }, requestChecksumCalculation: 'WHEN_REQUIRED',
  requestHandler: {
    handle: async (request: unknown) => {
      const { status, headers = {}, body = '' } = await answered(answer, received(request as Sent));
      return { response: { statusCode: status, headers, body: new Blob([Uint8Array.from(Buffer.from(body))]).stream() } };
    },
  } as never,
});

export type LocalS3 = Readonly<{ client: S3Client; createBucket(name: string): string; /** A request as it comes over the wire, without the SDK. */ get(sent: Omit<Sent, 'headers'>): Promise<SdkResponse>; stop(): Promise<void> }>;

/** The S3 of the local cloud, on a folder of its own. */
export const startLocalS3 = (nowEpochMs: number): LocalS3 => {
  const folder = mkdtempSync(join(tmpdir(), 'store-contract-'));
  const service = new S3Service({ stateFolder: () => folder, authorize: () => undefined, clock: { now: () => nowEpochMs } } as unknown as Cloud);
  return {
    client: s3ClientOver((request) => service.handle(request)),
    get: (sent) => answered((request) => service.handle(request), received({ ...sent, headers: {} })),
    createBucket: (name) => service.provision({ stack: { name: 'Contract', account: '111111111111', region: 'eu-west-1' }, logicalId: name, type: 'AWS::S3::Bucket', properties: {} } as never).physicalId,
    stop: async () => {
      await service.stop();
      rmSync(folder, { recursive: true, force: true });
    },
  };
};
