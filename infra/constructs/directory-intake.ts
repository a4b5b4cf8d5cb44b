import { Duration } from 'aws-cdk-lib';
import { Rule, Schedule } from 'aws-cdk-lib/aws-events';
import { LambdaFunction as LambdaTarget } from 'aws-cdk-lib/aws-events-targets';
import type { Queue } from 'aws-cdk-lib/aws-sqs';
import { Construct } from 'constructs';
import type { AuditLog } from './audit-log.ts';
import { BedsideFunction, type FunctionSettings } from './bedside-function.ts';
import type { LogWitness } from './log-witness.ts';

export interface DirectoryIntakeProps {
  readonly nodeId: string;
  readonly settings: FunctionSettings;
  readonly auditLog: AuditLog;
  readonly witness: LogWitness;
  /** The control site's bucket, with the directory in it. */
  readonly library: Readonly<{ bucketName: string; bucketArn: string; keyArn: string }>;
  readonly networkEventBusArn: string;
  /** Where this node's interface is reached. */
  readonly apiUrl: string;
  /** Where scheduled invocations go that failed for good. */
  readonly scheduleFailures: Queue;
}

const DIRECTORY = 'network/directory.json';

/** Each minute: take the network's directory into the witness's table, and announce this node's keys until they are registered. */
export class DirectoryIntake extends Construct {
  readonly function: BedsideFunction;

  constructor(scope: Construct, id: string, { nodeId, settings, auditLog, witness, library, networkEventBusArn, apiUrl, scheduleFailures }: DirectoryIntakeProps) {
    super(scope, id);
    const { LOG_KEY_ARN = '', LOG_ORIGIN = '' } = auditLog.environment;
    this.function = new BedsideFunction(this, 'Function', {
      settings, name: 'directory-intake',
      environment: { NODE_ID: nodeId, LOG_KEY_ARN, LOG_ORIGIN, ...witness.tableEnvironment, ...witness.keyEnvironment, LIBRARY_BUCKET: library.bucketName, API_URL: apiUrl, NETWORK_EVENT_BUS: networkEventBusArn },
    });
    witness.allowRegister(this.function);
    this.function.allow(['kms:GetPublicKey'], [auditLog.signingKey.keyArn]).allow(['s3:GetObject'], [`${library.bucketArn}/${DIRECTORY}`]).allow(['s3:ListBucket'], [library.bucketArn])
      .allow(['kms:Decrypt'], [library.keyArn]).allow(['events:PutEvents'], [networkEventBusArn]);
    new Rule(this, 'EachMinute', { schedule: Schedule.rate(Duration.minutes(1)), targets: [new LambdaTarget(this.function.lambda, { retryAttempts: 2, deadLetterQueue: scheduleFailures })], description: 'Know the sites of the network' });
  }
}
