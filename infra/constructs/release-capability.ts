import { Duration } from 'aws-cdk-lib';
import { Rule, Schedule } from 'aws-cdk-lib/aws-events';
import { LambdaFunction as LambdaTarget } from 'aws-cdk-lib/aws-events-targets';
import { Policy, PolicyStatement } from 'aws-cdk-lib/aws-iam';
import { CfnEventSourceMapping } from 'aws-cdk-lib/aws-lambda';
import type { Bucket } from 'aws-cdk-lib/aws-s3';
import type { Queue } from 'aws-cdk-lib/aws-sqs';
import { Construct } from 'constructs';
import { acknowledgeObjects } from '../acknowledgements.ts';
import { BedsideFunction, type FunctionSettings } from './bedside-function.ts';
import { createFailureQueue } from './failure-queue.ts';
import type { Records } from './records.ts';
import { ReleaseWorkflow } from './release-workflow.ts';

export interface ReleaseFunctionsProps {
  readonly nodeId: string;
  readonly settings: FunctionSettings;
  readonly records: Records;
  readonly documents: Bucket;
  readonly networkEventBusArn: string;
  /** Names the telemetry of a complete batch in its record. */
  readonly seal: BedsideFunction;
  /** Puts on record the course of a culture that has ended, and what process monitoring makes of it. */
  readonly monitor: BedsideFunction;
  /** Takes the record into the log, before a person certifies it and after. */
  readonly sequencer: BedsideFunction;
  /** Where scheduled invocations go that failed for good. */
  readonly scheduleFailures: Queue;
}

/** Only events of streams that begin so; leaves, read log and run records of the same table are not for the followers. */
const eventsOf = (...prefixes: readonly string[]) => ({ filters: [{ pattern: JSON.stringify({ eventName: ['INSERT'], dynamodb: { NewImage: { pk: { S: prefixes.map((prefix) => ({ prefix })) } } } }) }] });

/** The release workflow with its functions, the followers of the record's stream, and the daily list of what falls due. */
export class ReleaseCapability extends Construct {
  readonly workflow: ReleaseWorkflow;
  readonly streamFailures: Queue;

  constructor(scope: Construct, id: string, props: ReleaseFunctionsProps) {
    super(scope, id);
    const { settings, records } = props;
    this.streamFailures = createFailureQueue(this, 'StreamFailures', settings.key);
    const review = this.#plain('Review', 'rpa/review', props);
    const wait = this.#plain('Wait', 'release-wait', props);
    const render = new BedsideFunction(this, 'Render', { settings, name: 'render-certificate', environment: {}, memorySize: 1024, timeout: Duration.seconds(60) });
    const certificate = this.#certificate(props, render);
    this.workflow = new ReleaseWorkflow(this, 'Workflow', { seal: props.seal, monitor: props.monitor, review, wait, certificate, sequencer: props.sequencer, key: settings.key, logRetention: settings.logRetention });
    // Not in the function's own policy: the machine needs the function, which needs that policy, and so it would wait for itself.
    new Policy(this, 'WaitMayWake', { roles: [wait.role], statements: [new PolicyStatement({ actions: ['states:SendTaskSuccess'], resources: [this.workflow.stateMachineArn] })] });
    this.#progress(props, certificate);
    this.#status(props);
    const due = this.#plain('Due', 'rpa/due', props);
    new Rule(this, 'Daily', { schedule: Schedule.cron({ minute: '0', hour: '5' }), targets: [new LambdaTarget(due.lambda, { retryAttempts: 2, deadLetterQueue: props.scheduleFailures })], description: 'What falls due' });
    records.allowAppend(review, wait, certificate, due).allowOperations(review, wait, certificate, due);
  }

  #plain(id: string, name: string, { settings, records }: ReleaseFunctionsProps): BedsideFunction {
    return new BedsideFunction(this, id, { settings, name, environment: records.environment, timeout: Duration.seconds(60) }).allow(['kms:Decrypt', 'kms:GenerateDataKey'], [settings.key.keyArn]);
  }

  /** It calls the renderer itself: no state of the workflow holds the certificate, nor does the history of its executions. */
  #certificate({ settings, records, documents }: ReleaseFunctionsProps, render: BedsideFunction): BedsideFunction {
    acknowledgeObjects(documents, ['certificates/'], 'Certificates are named after batches; the function may only add them.');
    const own = new BedsideFunction(this, 'Certificate', { settings, name: 'release-certificate', environment: { ...records.environment, DOCUMENT_BUCKET: documents.bucketName, RENDER_FUNCTION: render.lambda.functionArn }, timeout: Duration.seconds(90) });
    own.allow(['lambda:InvokeFunction'], [render.lambda.functionArn]);
    return own.allow(['s3:PutObject'], [documents.arnForObjects('certificates/*')]).allow(['kms:Decrypt', 'kms:GenerateDataKey'], [settings.key.keyArn]);
  }

  /** It waits for the certificate function, which renders. */
  #progress({ nodeId, settings, records }: ReleaseFunctionsProps, certificate: BedsideFunction): void {
    const own = new BedsideFunction(this, 'Progress', { settings, name: 'release-progress', environment: { NODE_ID: nodeId, OPERATIONS_TABLE: records.operationsTable.tableName, RELEASE_STATE_MACHINE_ARN: this.workflow.stateMachineArn, CERTIFICATE_FUNCTION: certificate.lambda.functionArn }, timeout: Duration.seconds(120) });
    own.allow(['lambda:InvokeFunction'], [certificate.lambda.functionArn]);
    own.allow(['states:StartExecution', 'states:SendTaskSuccess'], [this.workflow.stateMachineArn]).allow(['kms:Decrypt', 'kms:GenerateDataKey'], [settings.key.keyArn]);
    records.allowOperations(own);
    this.#follow('ProgressStream', own, records, eventsOf('BATCH#'));
  }

  #status({ nodeId, settings, records, networkEventBusArn }: ReleaseFunctionsProps): void {
    const own = new BedsideFunction(this, 'Status', { settings, name: 'status-publisher', environment: { NODE_ID: nodeId, RECORD_TABLE: records.recordTable.tableName, NETWORK_EVENT_BUS: networkEventBusArn } });
    own.allow(['events:PutEvents'], [networkEventBusArn]).allow(['kms:Decrypt', 'kms:GenerateDataKey'], [settings.key.keyArn]);
    records.allowReadRecord(own);
    this.#follow('StatusStream', own, records, eventsOf('BATCH#', 'MODEL-RECORD#'));
  }

  #follow(id: string, own: BedsideFunction, { recordTable }: Records, filterCriteria: ReturnType<typeof eventsOf>): void {
    const streamArn = recordTable.tableStreamArn;
    if (streamArn === undefined) throw new Error('the record table has no stream');
    own.allow(['dynamodb:GetRecords', 'dynamodb:GetShardIterator', 'dynamodb:DescribeStream'], [streamArn]).allow(['dynamodb:ListStreams'], ['*']).allow(['sqs:SendMessage'], [this.streamFailures.queueArn]);
    const mapping = new CfnEventSourceMapping(this, id, {
      functionName: own.lambda.functionName, eventSourceArn: streamArn, startingPosition: 'TRIM_HORIZON', batchSize: 100, filterCriteria, functionResponseTypes: ['ReportBatchItemFailures'],
      maximumRetryAttempts: 1000, bisectBatchOnFunctionError: true, destinationConfig: { onFailure: { destination: this.streamFailures.queueArn } },
    });
    mapping.node.addDependency(own.role);
  }
}
