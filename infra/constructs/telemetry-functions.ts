import { Duration, Stack } from 'aws-cdk-lib';
import { Rule, Schedule } from 'aws-cdk-lib/aws-events';
import { LambdaFunction as LambdaTarget } from 'aws-cdk-lib/aws-events-targets';
import { CfnEventSourceMapping } from 'aws-cdk-lib/aws-lambda';
import type { Bucket } from 'aws-cdk-lib/aws-s3';
import type { Queue } from 'aws-cdk-lib/aws-sqs';
import { Construct } from 'constructs';
import { acknowledgeObjects, acknowledgePattern } from '../acknowledgements.ts';
import { BedsideFunction, type FunctionSettings } from './bedside-function.ts';
import type { Records } from './records.ts';
import type { TelemetryIngestion } from './telemetry-ingestion.ts';

export interface TelemetryFunctionsProps {
  readonly nodeId: string;
  /** By which a gateway's clock may differ from the broker's. */
  readonly deviceClockMinutes: number;
  readonly settings: FunctionSettings;
  readonly records: Records;
  readonly telemetry: Bucket;
  readonly ingestion: TelemetryIngestion;
  /** Where scheduled invocations go that failed for good. */
  readonly scheduleFailures: Queue;
}

/** Messages of one invocation, and how long the first of them may wait. A larger batch makes fewer segments. */
const BATCH_SIZE = 2000;
const BATCHING_WINDOW_SECONDS = 5;
const MAXIMUM_CONCURRENCY = 2;

/** Queue → segments (ingest), each minute segments → chunks (seal). */
export class TelemetryFunctions extends Construct {
  readonly ingest: BedsideFunction;
  readonly seal: BedsideFunction;

  constructor(scope: Construct, id: string, props: TelemetryFunctionsProps) {
    super(scope, id);
    acknowledgeObjects(props.telemetry, ['', 'open/', 'sealed/', 'superseded/', 'hours/', 'quarantine/', 'births/'], 'Objects are named after time and content; each function has only the prefixes and verbs it needs.');
    const { region, account } = Stack.of(this);
    acknowledgePattern(this, `arn:aws:iot:${region}:${account}:topic/spBv1.0/${props.nodeId}/NCMD/*`, 'A rebirth may be asked of any gateway of this node.');
    this.ingest = this.#ingest(props);
    this.seal = this.#seal(props);
  }

  #ingest({ nodeId, deviceClockMinutes, settings, records, telemetry, ingestion }: TelemetryFunctionsProps): BedsideFunction {
    const own = new BedsideFunction(this, 'Ingest', {
      settings, name: 'telemetry-ingest', timeout: Duration.minutes(1), memorySize: 1024,
      environment: { NODE_ID: nodeId, ...records.environment, TELEMETRY_BUCKET: telemetry.bucketName, DEVICE_CLOCK_MINUTES: String(deviceClockMinutes) },
    });
    records.allowAppend(own).allowViews(own);
    const { region, account } = Stack.of(this);
    own.allow(['s3:PutObject'], [telemetry.arnForObjects('open/*'), telemetry.arnForObjects('quarantine/*'), telemetry.arnForObjects('births/*')])
      .allow(['iot:Publish'], [`arn:aws:iot:${region}:${account}:topic/spBv1.0/${nodeId}/NCMD/*`])
      .allow(['sqs:ReceiveMessage', 'sqs:DeleteMessage', 'sqs:GetQueueAttributes', 'sqs:ChangeMessageVisibility'], [ingestion.queue.queueArn])
      .allow(['kms:Decrypt', 'kms:GenerateDataKey'], [settings.key.keyArn]);
    const mapping = new CfnEventSourceMapping(this, 'FromQueue', {
      functionName: own.lambda.functionName, eventSourceArn: ingestion.queue.queueArn, batchSize: BATCH_SIZE, maximumBatchingWindowInSeconds: BATCHING_WINDOW_SECONDS,
      functionResponseTypes: ['ReportBatchItemFailures'], scalingConfig: { maximumConcurrency: MAXIMUM_CONCURRENCY },
    });
    mapping.node.addDependency(own.role);
    return own;
  }

  #seal({ nodeId, settings, records, telemetry, scheduleFailures }: TelemetryFunctionsProps): BedsideFunction {
    const own = new BedsideFunction(this, 'Seal', {
      settings, name: 'telemetry-seal', timeout: Duration.minutes(5), memorySize: 1769, environment: { NODE_ID: nodeId, ...records.environment, TELEMETRY_BUCKET: telemetry.bucketName },
    });
    records.allowAppend(own).allowOperations(own).allowWriteMany(own);
    own.allow(['s3:GetObject'], [telemetry.arnForObjects('*')]).allow(['s3:PutObject'], [telemetry.arnForObjects('sealed/*'), telemetry.arnForObjects('superseded/*'), telemetry.arnForObjects('hours/*'), telemetry.arnForObjects('open/*')])
      .allow(['s3:DeleteObject'], [telemetry.arnForObjects('open/*')]).allow(['s3:ListBucket'], [telemetry.bucketArn])
      .allow(['kms:Decrypt', 'kms:GenerateDataKey'], [settings.key.keyArn]);
    new Rule(this, 'EachMinute', { schedule: Schedule.rate(Duration.minutes(1)), targets: [new LambdaTarget(own.lambda, { retryAttempts: 2, deadLetterQueue: scheduleFailures })], description: 'Seal telemetry' });
    return own;
  }
}
