import { RemovalPolicy, Stack } from 'aws-cdk-lib';
import { Effect, PolicyDocument, PolicyStatement, Role, ServicePrincipal } from 'aws-cdk-lib/aws-iam';
import type { IKey } from 'aws-cdk-lib/aws-kms';
import { LogGroup, type RetentionDays } from 'aws-cdk-lib/aws-logs';
import { CfnStateMachine } from 'aws-cdk-lib/aws-stepfunctions';
import type { Construct } from 'constructs';

export interface StateMachineProps {
  /** Amazon States Language. */
  readonly definition: Readonly<Record<string, unknown>>;
  /** ARNs of the functions it may call. */
  readonly functions: readonly string[];
  /** Encrypts the history of its executions, and its log. */
  readonly key: IKey;
  readonly logRetention: RetentionDays;
}

/** How long one data key serves, seconds. */
const DATA_KEY_SECONDS = 300;

/** A standard state machine that stays when the stack goes, its executions encrypted with the stack's key. Its log holds no data. @returns its ARN */
export const createStateMachine = (scope: Construct, { definition, functions, key, logRetention }: StateMachineProps): string => {
  const { region, account } = Stack.of(scope);
  const logs = new LogGroup(scope, 'Logs', { encryptionKey: key, retention: logRetention, removalPolicy: RemovalPolicy.RETAIN });
  const role = new Role(scope, 'Role', {
    assumedBy: new ServicePrincipal('states.amazonaws.com'),
    inlinePolicies: { work: new PolicyDocument({ statements: [
      new PolicyStatement({ effect: Effect.ALLOW, actions: ['lambda:InvokeFunction'], resources: [...functions] }),
      new PolicyStatement({ sid: 'History', effect: Effect.ALLOW, actions: ['kms:Decrypt', 'kms:GenerateDataKey'], resources: [key.keyArn] }),
      new PolicyStatement({ sid: 'LogDelivery', effect: Effect.ALLOW, resources: ['*'], actions: ['logs:CreateLogDelivery', 'logs:GetLogDelivery', 'logs:UpdateLogDelivery', 'logs:DeleteLogDelivery', 'logs:ListLogDeliveries', 'logs:PutResourcePolicy', 'logs:DescribeResourcePolicies', 'logs:DescribeLogGroups'] }),
      new PolicyStatement({ sid: 'Tracing', effect: Effect.ALLOW, resources: ['*'], actions: ['xray:PutTraceSegments', 'xray:PutTelemetryRecords', 'xray:GetSamplingRules', 'xray:GetSamplingTargets'] }),
    ] }) },
  });
  // What an encrypted machine logs is handed on by this service, which must read it.
  key.addToResourcePolicy(new PolicyStatement({
    sid: 'WorkflowLogs', effect: Effect.ALLOW, principals: [new ServicePrincipal('delivery.logs.amazonaws.com')], actions: ['kms:Decrypt'], resources: ['*'],
    conditions: { StringEquals: { 'kms:EncryptionContext:SourceArn': `arn:aws:logs:${region}:${account}:*` } },
  }));
  const machine = new CfnStateMachine(scope, 'StateMachine', {
    roleArn: role.roleArn, stateMachineType: 'STANDARD', definitionString: JSON.stringify(definition), tracingConfiguration: { enabled: true },
    encryptionConfiguration: { type: 'CUSTOMER_MANAGED_KMS_KEY', kmsKeyId: key.keyArn, kmsDataKeyReusePeriodSeconds: DATA_KEY_SECONDS },
    loggingConfiguration: { level: 'ALL', includeExecutionData: false, destinations: [{ cloudWatchLogsLogGroup: { logGroupArn: logs.logGroupArn } }] },
  });
  machine.applyRemovalPolicy(RemovalPolicy.RETAIN);
  machine.node.addDependency(role);
  return machine.ref;
};
