import type { AddressInfo } from 'node:net';
import { DecryptCommand, EncryptCommand, GetPublicKeyCommand, KMSClient, SignCommand, VerifyCommand } from '@aws-sdk/client-kms';
import { GetObjectCommand, PutObjectCommand, S3Client } from '@aws-sdk/client-s3';
import { PublishCommand, SNSClient } from '@aws-sdk/client-sns';
import { DescribeExecutionCommand, SFNClient, SendTaskSuccessCommand, StartExecutionCommand } from '@aws-sdk/client-sfn';
import { ReceiveMessageCommand, SendMessageBatchCommand, SQSClient } from '@aws-sdk/client-sqs';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Server } from 'node:http';
import type { LocalService } from '../../infra/local/core/contracts.ts';
import { createEndpoint } from '../../infra/local/core/endpoint.ts';
import { KmsService } from '../../infra/local/services/kms/service.ts';
import { S3Service } from '../../infra/local/services/s3/service.ts';
import { SnsService } from '../../infra/local/services/sns.ts';
import { SqsService } from '../../infra/local/services/sqs/service.ts';
import { StatesService } from '../../infra/local/services/states/service.ts';
import { ADMIN, declaration, testCloud } from './support/cloud.ts';
import { eventually } from './support/eventually.ts';
import { machineOf, waitForToken } from './support/state-machine.ts';

/** The plain AWS SDK against the services, over HTTP: the wire forms are what its parsers take. */
const folder = mkdtempSync(join(tmpdir(), 'bedside-local-'));
const { cloud, deliveries } = testCloud(folder);
const services: readonly LocalService[] = [new KmsService(cloud), new S3Service(cloud), new SqsService(cloud), new SnsService(cloud), new StatesService(cloud)];
const made = (type: string, properties: Readonly<Record<string, unknown>> = {}, logicalId = 'It'): string => {
  const provisioned = services.find(({ resourceTypes }) => resourceTypes.includes(type))!.provision(declaration(type, properties, logicalId));
  return (provisioned as Readonly<{ physicalId: string }>).physicalId;
};
let server: Server;
let settings: { endpoint: string; region: string; credentials: { accessKeyId: string; secretAccessKey: string }; maxAttempts: number };
const nameOf = (run: Promise<unknown>): Promise<string> => run.then(() => 'none', (error: unknown) => (error as Error).name);

beforeAll(async () => {
  server = createEndpoint({ principalByAccessKey: (key) => (key === 'ADMIN' ? ADMIN : undefined), serviceBySigningName: (name) => services.find(({ signingNames }) => signingNames.includes(name)), administer: () => Promise.reject(new Error('not asked')), log: () => undefined });
  await new Promise<void>((resolve) => { server.listen(0, '127.0.0.1', resolve); });
  settings = { endpoint: `http://127.0.0.1:${(server.address() as AddressInfo).port}`, region: 'eu-west-1', credentials: { accessKeyId: 'ADMIN', secretAccessKey: 'local' }, maxAttempts: 1 };
});
afterAll(async () => {
  server.closeAllConnections();
  server.close();
  for (const service of services) await service.stop?.();
  rmSync(folder, { recursive: true, force: true });
});

describe('the SDK', () => {
  it('signs, verifies, encrypts and decrypts with KMS, and knows its errors', async () => {
    const kms = new KMSClient(settings);
    const KeyId = made('AWS::KMS::Key', { KeySpec: 'ECC_NIST_EDWARDS25519', KeyUsage: 'SIGN_VERIFY' }, 'Signing');
    const Message = Buffer.from('checkpoint 41');
    const signing = { KeyId, Message, MessageType: 'RAW', SigningAlgorithm: 'ED25519_SHA_512' } as const;
    const { Signature } = await kms.send(new SignCommand(signing));
    expect(Signature).toHaveLength(64);
    expect((await kms.send(new VerifyCommand({ ...signing, Signature }))).SignatureValid).toBe(true);
    expect((await kms.send(new GetPublicKeyCommand({ KeyId }))).PublicKey).toHaveLength(44);
    expect(await nameOf(kms.send(new VerifyCommand({ ...signing, Message: Buffer.from('other'), Signature })))).toBe('KMSInvalidSignatureException');
    const { CiphertextBlob } = await kms.send(new EncryptCommand({ KeyId: made('AWS::KMS::Key', {}, 'Secret'), Plaintext: Message, EncryptionContext: { node: 'north' } }));
    expect(Buffer.from((await kms.send(new DecryptCommand({ CiphertextBlob, EncryptionContext: { node: 'north' } }))).Plaintext!)).toEqual(Message);
    expect(await nameOf(kms.send(new DecryptCommand({ CiphertextBlob })))).toBe('InvalidCiphertextException');
    expect(await nameOf(kms.send(new SignCommand({ ...signing, KeyId: 'nothing' })))).toBe('NotFoundException');
  });

  it('reads a range from S3 and is stopped by a condition', async () => {
    const s3 = new S3Client({ ...settings, forcePathStyle: true });
    const Bucket = made('AWS::S3::Bucket', {}, 'Bucket');
    await s3.send(new PutObjectCommand({ Bucket, Key: 'a b/ü', Body: '0123456789', IfNoneMatch: '*' }));
    const answer = await s3.send(new GetObjectCommand({ Bucket, Key: 'a b/ü', Range: 'bytes=3-5' }));
    expect(await answer.Body!.transformToString()).toBe('345');
    expect(answer.ContentRange).toBe('bytes 3-5/10');
    expect(await nameOf(s3.send(new PutObjectCommand({ Bucket, Key: 'a b/ü', Body: 'x', IfNoneMatch: '*' })))).toBe('PreconditionFailed');
    expect(await nameOf(s3.send(new GetObjectCommand({ Bucket, Key: 'nothing' })))).toBe('NoSuchKey');
  });

  it('sends a batch to SQS and takes it out, its checksums right', async () => {
    const sqs = new SQSClient(settings);
    const QueueUrl = made('AWS::SQS::Queue', {}, 'Queue');
    const sent = await sqs.send(new SendMessageBatchCommand({ QueueUrl, Entries: [{ Id: '1', MessageBody: 'good' }, { Id: '2', MessageBody: 'x'.repeat(1_048_577) }] }));
    expect([sent.Successful?.length, sent.Failed?.[0]?.Id]).toEqual([1, '2']);
    expect((await sqs.send(new ReceiveMessageCommand({ QueueUrl }))).Messages).toMatchObject([{ Body: 'good' }]);
  });

  it('publishes to SNS, and knows its errors', async () => {
    const sns = new SNSClient(settings);
    const TopicArn = made('AWS::SNS::Topic', {}, 'Topic');
    made('AWS::SNS::Subscription', { TopicArn, Protocol: 'sqs', Endpoint: 'arn:aws:sqs:eu-west-1:111111111111:q', RawMessageDelivery: true }, 'Subscription');
    expect((await sns.send(new PublishCommand({ TopicArn, Message: 'a&b' }))).MessageId).toHaveLength(36);
    expect(deliveries.at(-1)).toMatchObject({ payload: 'a&b' });
    expect(await nameOf(sns.send(new PublishCommand({ TopicArn: `${TopicArn}2`, Message: 'x' })))).toBe('NotFoundException');
  });

  it('answers a task token from inside a Parallel state', async () => {
    const sfn = new SFNClient(settings);
    const stateMachineArn = made('AWS::StepFunctions::StateMachine', { RoleArn: 'arn:role', DefinitionString: machineOf('Both', { Both: { Type: 'Parallel', End: true, Branches: [{ StartAt: 'Ask', States: { Ask: waitForToken('arn:aws:lambda:eu-west-1:111111111111:function:ask', { Output: '{% $states.result %}', End: true }) } }] } }) }, 'Machine');
    const { executionArn } = await sfn.send(new StartExecutionCommand({ stateMachineArn, input: '{}' }));
    const asked = await eventually('the question', () => deliveries.find(({ targetArn }) => targetArn.endsWith('function:ask')));
    await sfn.send(new SendTaskSuccessCommand({ taskToken: (asked.payload as { token: string }).token, output: '"release"' }));
    let output: string | undefined;
    for (let i = 0; i < 100 && output === undefined; i += 1) ({ output } = await sfn.send(new DescribeExecutionCommand({ executionArn })));
    expect(output).toBe('["release"]');
    expect(await nameOf(sfn.send(new StartExecutionCommand({ stateMachineArn, name: 'a#b' })))).toBe('InvalidName');
  });
});
