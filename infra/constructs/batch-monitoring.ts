import { Duration } from 'aws-cdk-lib';
import { Rule, Schedule } from 'aws-cdk-lib/aws-events';
import { LambdaFunction as LambdaTarget } from 'aws-cdk-lib/aws-events-targets';
import type { Bucket } from 'aws-cdk-lib/aws-s3';
import type { Queue } from 'aws-cdk-lib/aws-sqs';
import { Construct } from 'constructs';
import { BedsideFunction, type FunctionSettings } from './bedside-function.ts';
import type { NodeModels } from './node-models.ts';
import type { Records } from './records.ts';

export interface BatchMonitoringProps {
  readonly nodeId: string;
  readonly settings: FunctionSettings;
  readonly records: Records;
  readonly telemetry: Bucket;
  readonly models: NodeModels;
  /** Where scheduled invocations go that failed for good. */
  readonly scheduleFailures: Queue;
}

/** Holds batches in culture against the model that monitors their product, each minute, in the hospital's own account (ADR 0021), and tells people when a critical parameter is not measured (ADR 0030). It asks no endpoint and writes to no equipment. */
export class BatchMonitoring extends Construct {
  readonly function: BedsideFunction;

  constructor(scope: Construct, id: string, { nodeId, settings, records, telemetry, models, scheduleFailures }: BatchMonitoringProps) {
    super(scope, id);
    const own = this.function = new BedsideFunction(this, 'Monitor', {
      settings, name: 'batch-monitoring', timeout: Duration.minutes(5), memorySize: 1769, environment: { NODE_ID: nodeId, ...records.environment, ...models.environment, TELEMETRY_BUCKET: telemetry.bucketName },
    });
    records.allowAppend(own).allowOperations(own);
    models.allowRead(own);
    own.allow(['s3:GetObject'], ['open/*', 'sealed/*', 'hours/*'].map((prefix) => telemetry.arnForObjects(prefix))).allow(['s3:ListBucket'], [telemetry.bucketArn]).allow(['kms:Decrypt', 'kms:GenerateDataKey'], [settings.key.keyArn]);
    new Rule(this, 'EachMinute', { schedule: Schedule.rate(Duration.minutes(1)), targets: [new LambdaTarget(own.lambda, { retryAttempts: 2, deadLetterQueue: scheduleFailures })], description: 'Process monitoring of running batches' });
  }
}
