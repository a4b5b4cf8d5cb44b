import { RemovalPolicy, Stack } from 'aws-cdk-lib';
import { Effect, PolicyStatement, ServicePrincipal } from 'aws-cdk-lib/aws-iam';
import { Key } from 'aws-cdk-lib/aws-kms';
import type { Construct } from 'constructs';

/** The one customer key of a stack: everything at rest is encrypted with it. Rotated yearly, never deleted with the stack. */
export const createKey = (scope: Construct, description: string): Key => {
  const key = new Key(scope, 'Key', { description, enableKeyRotation: true, removalPolicy: RemovalPolicy.RETAIN });
  const { region, account } = Stack.of(scope);
  key.addToResourcePolicy(new PolicyStatement({
    sid: 'LogsOfThisStack', effect: Effect.ALLOW, principals: [new ServicePrincipal(`logs.${region}.amazonaws.com`)],
    actions: ['kms:Encrypt', 'kms:Decrypt', 'kms:ReEncryptFrom', 'kms:ReEncryptTo', 'kms:GenerateDataKey', 'kms:Describe*'], resources: ['*'],
    conditions: { ArnLike: { 'kms:EncryptionContext:aws:logs:arn': `arn:aws:logs:${region}:${account}:log-group:*` } },
  }));
  key.addToResourcePolicy(new PolicyStatement({
    sid: 'AlarmsToEncryptedTopics', effect: Effect.ALLOW, principals: [new ServicePrincipal('cloudwatch.amazonaws.com')],
    actions: ['kms:Decrypt', 'kms:GenerateDataKey'], resources: ['*'], conditions: { StringEquals: { 'aws:SourceAccount': account } },
  }));
  // Queues where EventBridge puts what it could not deliver, and the one it puts its ticks in.
  key.addToResourcePolicy(new PolicyStatement({
    sid: 'RulesToEncryptedQueues', effect: Effect.ALLOW, principals: [new ServicePrincipal('events.amazonaws.com')],
    actions: ['kms:Decrypt', 'kms:GenerateDataKey'], resources: ['*'], conditions: { StringEquals: { 'aws:SourceAccount': account }, ArnLike: { 'aws:SourceArn': `arn:aws:events:${region}:${account}:rule/*` } },
  }));
  return key;
};
