import { Duration, RemovalPolicy, Stack } from 'aws-cdk-lib';
import { Effect, PolicyDocument, PolicyStatement, Role, ServicePrincipal } from 'aws-cdk-lib/aws-iam';
import { CfnPolicy, CfnProvisioningTemplate, CfnThingType, CfnTopicRule } from 'aws-cdk-lib/aws-iot';
import type { IKey } from 'aws-cdk-lib/aws-kms';
import { Queue, QueueEncryption } from 'aws-cdk-lib/aws-sqs';
import { Construct } from 'constructs';
import { acknowledgePattern } from '../acknowledgements.ts';
import { devicePolicyDocument } from './device-policy.ts';

export interface TelemetryIngestionProps {
  readonly nodeId: string;
  readonly key: IKey;
}

const PROVISIONING_BODY = (thingType: string, policy: string): string => JSON.stringify({
  Parameters: { DeviceName: { Type: 'String' }, 'AWS::IoT::Certificate::Id': { Type: 'String' } },
  Resources: {
    thing: { Type: 'AWS::IoT::Thing', Properties: { ThingName: { Ref: 'DeviceName' }, ThingTypeName: thingType }, OverrideSettings: { ThingTypeName: 'FAIL' } },
    certificate: { Type: 'AWS::IoT::Certificate', Properties: { CertificateId: { Ref: 'AWS::IoT::Certificate::Id' }, Status: 'Active' } },
    policy: { Type: 'AWS::IoT::Policy', Properties: { PolicyName: policy } },
  },
});

/** From a hospital's edge gateways to the queue: thing type, device policy, provisioning, the rule, its queue and dead letters. */
export class TelemetryIngestion extends Construct {
  readonly queue: Queue;
  readonly deadLetters: Queue;
  readonly policy: CfnPolicy;
  readonly thingType: CfnThingType;

  constructor(scope: Construct, id: string, { nodeId, key }: TelemetryIngestionProps) {
    super(scope, id);
    const queue = { encryption: QueueEncryption.KMS, encryptionMasterKey: key, enforceSSL: true, retentionPeriod: Duration.days(14), removalPolicy: RemovalPolicy.RETAIN } as const;
    this.deadLetters = new Queue(this, 'DeadLetters', queue);
    this.queue = new Queue(this, 'Queue', { ...queue, visibilityTimeout: Duration.minutes(6), deadLetterQueue: { queue: this.deadLetters, maxReceiveCount: 5 } });
    this.thingType = new CfnThingType(this, 'EdgeGateway', { thingTypeProperties: { thingTypeDescription: `Edge gateway of node ${nodeId}`, searchableAttributes: ['node'] } });
    this.policy = new CfnPolicy(this, 'DevicePolicy', { policyDocument: devicePolicyDocument(Stack.of(this), nodeId) });
    this.#addProvisioning();
    this.#addRule(nodeId, key);
  }

  #addProvisioning(): void {
    const { region, account } = Stack.of(this);
    const thing = (kind: string) => `arn:aws:iot:${region}:${account}:${kind}`;
    for (const kind of ['thing/*', 'cert/*']) acknowledgePattern(this, thing(kind), 'Names of gateways and certificates are not known before they are provisioned.');
    const role = new Role(this, 'ProvisioningRole', {
      assumedBy: new ServicePrincipal('iot.amazonaws.com'),
      inlinePolicies: { provision: new PolicyDocument({ statements: [
        new PolicyStatement({ effect: Effect.ALLOW, actions: ['iot:CreateThing', 'iot:DescribeThing'], resources: [thing('thing/*')] }),
        new PolicyStatement({ effect: Effect.ALLOW, actions: ['iot:DescribeThingType'], resources: [thing(`thingtype/${this.thingType.ref}`)] }),
        new PolicyStatement({ effect: Effect.ALLOW, actions: ['iot:RegisterCertificate', 'iot:UpdateCertificate', 'iot:AttachThingPrincipal', 'iot:AttachPolicy'], resources: [thing('cert/*'), thing(`policy/${this.policy.ref}`), thing('thing/*')] }),
      ] }) },
    });
    // Closed: without a hook that refuses names in use, whoever holds a claim certificate could take the name of a gateway that exists, and speak as it.
    new CfnProvisioningTemplate(this, 'Provisioning', { enabled: false, provisioningRoleArn: role.roleArn, templateBody: PROVISIONING_BODY(this.thingType.ref, this.policy.ref) });
  }

  #addRule(nodeId: string, key: IKey): void {
    const role = new Role(this, 'RuleRole', {
      assumedBy: new ServicePrincipal('iot.amazonaws.com'),
      inlinePolicies: { send: new PolicyDocument({ statements: [
        new PolicyStatement({ effect: Effect.ALLOW, actions: ['sqs:SendMessage'], resources: [this.queue.queueArn, this.deadLetters.queueArn] }),
        new PolicyStatement({ effect: Effect.ALLOW, actions: ['kms:GenerateDataKey', 'kms:Decrypt'], resources: [key.keyArn] }),
      ] }) },
    });
    new CfnTopicRule(this, 'Rule', {
      topicRulePayload: {
        awsIotSqlVersion: '2016-03-23', description: `Sparkplug B of node ${nodeId} to its queue`,
        sql: `SELECT encode(*, 'base64') AS payload, topic() AS topic, timestamp() AS receivedAt, clientid() AS clientId FROM 'spBv1.0/${nodeId}/#'`,
        actions: [{ sqs: { queueUrl: this.queue.queueUrl, roleArn: role.roleArn, useBase64: false } }],
        errorAction: { sqs: { queueUrl: this.deadLetters.queueUrl, roleArn: role.roleArn, useBase64: false } },
      },
    });
  }
}
