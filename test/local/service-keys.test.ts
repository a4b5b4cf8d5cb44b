import { describe, expect, it } from 'vitest';
import type { Principal } from '../../infra/local/core/contracts.ts';
import { KEY_ACTIONS, ServiceKeys } from '../../infra/local/core/service-keys.ts';
import { ACCOUNT, ADMIN, codeOf, declaration, REGION, roleWith } from './support/cloud.ts';

const KEY = `arn:aws:kms:${REGION}:${ACCOUNT}:key/Node-Key`;
const [BUCKET, QUEUE, TABLE] = ['arn:aws:s3:::telemetry', `arn:aws:sqs:${REGION}:${ACCOUNT}:queue`, `arn:aws:dynamodb:${REGION}:${ACCOUNT}:table/record`];
const OTHER = '222222222222';
const HOSPITALS = { Effect: 'Allow', Principal: { AWS: `arn:aws:iam::${OTHER}:root` }, Action: 'kms:Decrypt', Resource: '*', Condition: { StringLike: { 'kms:ViaService': 's3.*.amazonaws.com' } } };
const OWN = { Effect: 'Allow', Principal: { AWS: `arn:aws:iam::${ACCOUNT}:root` }, Action: 'kms:*', Resource: '*' };

const keyOf = (policy: readonly unknown[]) => [declaration('AWS::KMS::Key', { KeyPolicy: { Statement: policy } }, 'Key'), { physicalId: 'Node-Key', attributes: { Arn: KEY } }] as const;
const guarded = (policy: readonly unknown[] = [OWN]): ServiceKeys => {
  const keys = new ServiceKeys();
  keys.note(...keyOf(policy));
  keys.note(declaration('AWS::S3::Bucket', { BucketEncryption: { ServerSideEncryptionConfiguration: [{ ServerSideEncryptionByDefault: { KMSMasterKeyID: KEY, SSEAlgorithm: 'aws:kms' } }] } }), { physicalId: 'telemetry', attributes: { Arn: BUCKET } });
  keys.note(declaration('AWS::S3::Bucket', { BucketEncryption: { ServerSideEncryptionConfiguration: [{ ServerSideEncryptionByDefault: { SSEAlgorithm: 'AES256' } }] } }, 'Plain'), { physicalId: 'plain', attributes: { Arn: 'arn:aws:s3:::plain' } });
  keys.note(declaration('AWS::SQS::Queue', { KmsMasterKeyId: 'Node-Key' }, 'Queue'), { physicalId: 'https://queue', attributes: { Arn: QUEUE } });
  keys.note(declaration('AWS::DynamoDB::GlobalTable', { Replicas: [{ Region: REGION, SSESpecification: { KMSMasterKeyId: KEY } }] }, 'Table'), { physicalId: 'record', attributes: { Arn: TABLE } });
  return keys;
};
const mayUse = (...actions: readonly string[]): Principal => roleWith(actions.map((Action) => ({ Effect: 'Allow', Action, Resource: KEY })));

describe('what is encrypted with a customer key', () => {
  it.each([
    ['s3:GetObject', `${BUCKET}/sealed/a`], ['s3:PutObject', `${BUCKET}/open/a/b`], ['sqs:SendMessage', QUEUE], ['sqs:ReceiveMessage', QUEUE], ['dynamodb:PutItem', TABLE], ['dynamodb:Query', TABLE], ['dynamodb:GetRecords', `${TABLE}/stream/1`],
  ] as const)('wants for %s each of the key\'s permissions that AWS asks for the caller, and no other', async (action, resource) => {
    const wanted = KEY_ACTIONS.get(action) ?? [];
    expect(await codeOf(() => { guarded().require(mayUse(...wanted), action, resource); })).toBe('none');
    for (const left of wanted) {
      const lacking = mayUse('kms:Encrypt', 'kms:DescribeKey', ...wanted.filter((each) => each !== left));
      expect(() => { guarded().require(lacking, action, resource); }).toThrow(new RegExp(`${left} on .*Node-Key`));
      expect(await codeOf(() => { guarded().require(lacking, action, resource); })).toBe('AccessDeniedException');
    }
  });
  it('is no matter of a list, of a bucket without a key, or of the one who runs the cloud', async () => {
    const keys = guarded();
    for (const [principal, action, resource] of [[mayUse(), 's3:ListBucket', BUCKET], [mayUse(), 's3:DeleteObject', `${BUCKET}/a`], [mayUse(), 's3:PutObject', 'arn:aws:s3:::plain/a'], [mayUse(), 's3:GetObject', 'arn:aws:s3:::telemetry-more/a'], [ADMIN, 's3:GetObject', `${BUCKET}/a`]] as const) {
      expect(await codeOf(() => { keys.require(principal, action, resource); })).toBe('none');
    }
  });
  it('is open to another account only where key and caller both allow it, through the service the key names', async () => {
    const role = (action: string) => roleWith([{ Effect: 'Allow', Action: action, Resource: KEY }], OTHER);
    expect(await codeOf(() => { guarded([OWN, HOSPITALS]).require(role('kms:Decrypt'), 's3:GetObject', `${BUCKET}/a`); })).toBe('none');
    expect(await codeOf(() => { guarded([OWN]).require(role('kms:Decrypt'), 's3:GetObject', `${BUCKET}/a`); })).toBe('AccessDeniedException');
    expect(await codeOf(() => { guarded([OWN, HOSPITALS]).require(role('kms:Sign'), 's3:GetObject', `${BUCKET}/a`); })).toBe('AccessDeniedException');
    expect(await codeOf(() => { guarded([OWN, HOSPITALS]).require(role('kms:Decrypt'), 'dynamodb:GetItem', TABLE); })).toBe('AccessDeniedException');
  });
  it('is asked anew when a key\'s policy changes', async () => {
    const keys = guarded();
    const role = mayUse('kms:Decrypt');
    keys.require(role, 's3:GetObject', `${BUCKET}/a`);
    keys.note(...keyOf([OWN, { Effect: 'Deny', Principal: '*', Action: 'kms:Decrypt', Resource: '*' }]));
    expect(await codeOf(() => { keys.require(role, 's3:GetObject', `${BUCKET}/a`); })).toBe('AccessDeniedException');
  });
  it('costs next to nothing once it was allowed: what was decided is not decided again', () => {
    let evaluations = 0;
    const policies = new Proxy(mayUse('kms:Decrypt').policies, { get: (target, name) => { evaluations += 1; return Reflect.get(target, name) as unknown; } });
    const role = { ...mayUse(), policies };
    const keys = guarded();
    keys.require(role, 'dynamodb:GetItem', TABLE);
    const first = evaluations;
    for (let i = 0; i < 1000; i += 1) keys.require(role, 'dynamodb:GetItem', TABLE);
    expect([first > 0, evaluations]).toEqual([true, first]);
  });
});
