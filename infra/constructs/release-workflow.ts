import { RemovalPolicy } from 'aws-cdk-lib';
import { Effect, PolicyDocument, PolicyStatement, Role, ServicePrincipal } from 'aws-cdk-lib/aws-iam';
import type { IKey } from 'aws-cdk-lib/aws-kms';
import { LogGroup, type RetentionDays } from 'aws-cdk-lib/aws-logs';
import { CfnStateMachine } from 'aws-cdk-lib/aws-stepfunctions';
import { Construct } from 'constructs';
import { releaseDefinition } from '../release/definition.ts';
import type { BedsideFunction } from './bedside-function.ts';

export interface ReleaseWorkflowProps {
  readonly seal: BedsideFunction;
  readonly review: BedsideFunction;
  readonly wait: BedsideFunction;
  readonly certificate: BedsideFunction;
  readonly render: BedsideFunction;
  readonly sequencer: BedsideFunction;
  readonly key: IKey;
  readonly logRetention: RetentionDays;
}

/** The state machine that takes a complete batch to its certificate or its rejection. Its log holds no data of the batch. */
export class ReleaseWorkflow extends Construct {
  readonly stateMachineArn: string;

  constructor(scope: Construct, id: string, props: ReleaseWorkflowProps) {
    super(scope, id);
    const functions = { seal: props.seal.lambda.functionArn, review: props.review.lambda.functionArn, wait: props.wait.lambda.functionArn, certificate: props.certificate.lambda.functionArn, render: props.render.lambda.functionArn, sequencer: props.sequencer.lambda.functionArn };
    const logs = new LogGroup(this, 'Logs', { encryptionKey: props.key, retention: props.logRetention, removalPolicy: RemovalPolicy.RETAIN });
    const role = new Role(this, 'Role', {
      assumedBy: new ServicePrincipal('states.amazonaws.com'),
      inlinePolicies: { work: new PolicyDocument({ statements: [
        new PolicyStatement({ effect: Effect.ALLOW, actions: ['lambda:InvokeFunction'], resources: Object.values(functions) }),
        new PolicyStatement({ sid: 'LogDelivery', effect: Effect.ALLOW, resources: ['*'], actions: ['logs:CreateLogDelivery', 'logs:GetLogDelivery', 'logs:UpdateLogDelivery', 'logs:DeleteLogDelivery', 'logs:ListLogDeliveries', 'logs:PutResourcePolicy', 'logs:DescribeResourcePolicies', 'logs:DescribeLogGroups'] }),
        new PolicyStatement({ sid: 'Tracing', effect: Effect.ALLOW, resources: ['*'], actions: ['xray:PutTraceSegments', 'xray:PutTelemetryRecords', 'xray:GetSamplingRules', 'xray:GetSamplingTargets'] }),
      ] }) },
    });
    const machine = new CfnStateMachine(this, 'StateMachine', {
      roleArn: role.roleArn, stateMachineType: 'STANDARD', definitionString: JSON.stringify(releaseDefinition(functions)), tracingConfiguration: { enabled: true },
      loggingConfiguration: { level: 'ALL', includeExecutionData: false, destinations: [{ cloudWatchLogsLogGroup: { logGroupArn: logs.logGroupArn } }] },
    });
    machine.applyRemovalPolicy(RemovalPolicy.RETAIN);
    machine.node.addDependency(role);
    this.stateMachineArn = machine.ref;
  }
}
