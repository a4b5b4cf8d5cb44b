import { beforeAll, describe, expect, it } from 'vitest';
import { bareStacks, type Stack } from './bare-stacks.ts';
import { actionsOf, type Resource, type Statement } from '../support/templates.ts';

type Conditioned = Statement & Readonly<{ Principal?: unknown; Condition?: Readonly<Record<string, Readonly<Record<string, unknown>>>> }>;
type Document = Readonly<{ Statement: readonly Conditioned[] }>;

let stacks: readonly Stack[];
beforeAll(() => { stacks = bareStacks(); });

const ofType = ({ resources }: Stack, type: string): readonly (readonly [string, Resource])[] => Object.entries(resources).filter(([, { Type }]) => Type === type);
const statementsOf = (properties: Resource['Properties'], document: string): readonly Conditioned[] => (properties[document] as Document | undefined)?.Statement ?? [];
const isMentioned = (value: unknown, id: string): boolean => new RegExp(`"(Ref|Fn::GetAtt)":(\\["${id}"|"${id}")`).test(JSON.stringify(value));

/** What each role may do, by its logical id. */
const byRole = (stack: Stack): ReadonlyMap<string, readonly Conditioned[]> => new Map(ofType(stack, 'AWS::IAM::Role').map(([role, { Properties }]) => {
  const inline = ((Properties['Policies'] ?? []) as { PolicyDocument: Document }[]).flatMap(({ PolicyDocument }) => PolicyDocument.Statement);
  const attached = ofType(stack, 'AWS::IAM::Policy').filter(([, policy]) => isMentioned(policy.Properties['Roles'], role)).flatMap(([, policy]) => statementsOf(policy.Properties, 'PolicyDocument'));
  return [role, [...inline, ...attached]];
}));

/** Key of each encrypted queue and bucket, by its logical id. */
const keyOf = (stack: Stack): ReadonlyMap<string, unknown> => new Map([
  ...ofType(stack, 'AWS::SQS::Queue').map(([id, { Properties }]) => [id, Properties['KmsMasterKeyId']] as const),
  ...ofType(stack, 'AWS::S3::Bucket').map(([id, { Properties }]) => [id, /"KMSMasterKeyID":(\{[^}]*\})/.exec(JSON.stringify(Properties['BucketEncryption']))?.[1]] as const),
].flatMap(([id, key]) => (key === undefined ? [] : [[id, typeof key === 'string' ? JSON.parse(key) as unknown : key] as const])));

/** What using an encrypted resource takes of its key. @see Amazon SQS and Amazon S3 developer guides, permissions for AWS KMS */
const KEY_ACTION_BY_ACTION: Readonly<Record<string, string>> = { 'sqs:SendMessage': 'kms:GenerateDataKey', 'sqs:ReceiveMessage': 'kms:Decrypt', 's3:PutObject': 'kms:GenerateDataKey', 's3:GetObject': 'kms:Decrypt' };

describe('deliveries', () => {
  it('let alarms of their own account, and no other, publish where people hear of them', () => {
    for (const stack of stacks) {
      const alarms = ofType(stack, 'AWS::CloudWatch::Alarm');
      const [[topic]] = ofType(stack, 'AWS::SNS::Topic') as [readonly [string, Resource]];
      expect(alarms.length).toBeGreaterThan(20);
      for (const [id, { Properties }] of alarms) expect([id, Properties['AlarmActions']]).toEqual([id, [{ Ref: topic }]]);
      const allowing = ofType(stack, 'AWS::SNS::TopicPolicy').flatMap(([, { Properties }]) => statementsOf(Properties, 'PolicyDocument')).filter(({ Effect }) => Effect === 'Allow');
      expect(allowing).toEqual([expect.objectContaining({ Action: 'sns:Publish', Resource: { Ref: topic }, Principal: { Service: 'cloudwatch.amazonaws.com' }, Condition: { StringEquals: { 'aws:SourceAccount': stack.account } } })]);
    }
  });
  it('have the key of what they are written to or read from', () => {
    let seen = 0;
    for (const stack of stacks) {
      for (const [role, statements] of byRole(stack)) {
        for (const [id, key] of keyOf(stack)) {
          const wanted = statements.filter(({ Effect, Resource }) => Effect === 'Allow' && isMentioned(Resource, id)).flatMap(actionsOf).flatMap((action) => KEY_ACTION_BY_ACTION[action] ?? []);
          const held = new Set(statements.filter(({ Effect, Resource }) => Effect === 'Allow' && JSON.stringify(Resource).includes(JSON.stringify(key))).flatMap(actionsOf));
          seen += wanted.length;
          expect([stack.name, role, id, wanted.filter((action) => !held.has(action))]).toEqual([stack.name, role, id, []]);
        }
      }
    }
    expect(seen).toBeGreaterThan(40);
  });
  it('of AWS services are taken from this account\'s resources alone, by every queue, topic and key', () => {
    for (const stack of stacks) {
      const policies = [...['AWS::SQS::QueuePolicy', 'AWS::SNS::TopicPolicy'].flatMap((type) => ofType(stack, type).map(([id, { Properties }]) => [id, 'PolicyDocument', Properties] as const)), ...ofType(stack, 'AWS::KMS::Key').map(([id, { Properties }]) => [id, 'KeyPolicy', Properties] as const)];
      expect(policies.length).toBeGreaterThan(5);
      for (const [id, document, properties] of policies) {
        const open = statementsOf(properties, document).filter(({ Effect, Principal, Condition }) => Effect === 'Allow' && JSON.stringify(Principal).includes('"Service"') && !/aws:SourceAccount|aws:SourceArn|kms:EncryptionContext/.test(JSON.stringify(Condition ?? {})));
        expect([stack.name, id, open]).toEqual([stack.name, id, []]);
      }
    }
  });
  it('between the states of a workflow are encrypted with the stack\'s key', () => {
    for (const stack of stacks) {
      const machines = ofType(stack, 'AWS::StepFunctions::StateMachine');
      expect(machines).toHaveLength(1);
      for (const [, { Properties }] of machines) {
        const { KmsKeyId } = Properties['EncryptionConfiguration'] as Readonly<{ KmsKeyId: unknown }>;
        const role = /^\{"Fn::GetAtt":\["(\w+)"/.exec(JSON.stringify(Properties['RoleArn']))?.[1] ?? '';
        expect((byRole(stack).get(role) ?? []).filter(({ Resource }) => JSON.stringify(Resource) === JSON.stringify(KmsKeyId)).flatMap(actionsOf)).toEqual(['kms:Decrypt', 'kms:GenerateDataKey']);
      }
    }
  });
  it('that failed for good are kept with their queue, and alarms with their topic, when the stack goes', () => {
    for (const stack of stacks) {
      const kept = ['AWS::SQS::Queue', 'AWS::SNS::Topic'].flatMap((type) => ofType(stack, type));
      expect(kept.length).toBeGreaterThan(3);
      expect(kept.filter(([, { DeletionPolicy }]) => DeletionPolicy !== 'Retain').map(([id]) => id)).toEqual([]);
    }
  });
});
