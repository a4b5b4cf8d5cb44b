import { Duration, Stack } from 'aws-cdk-lib';
import { Rule, Schedule } from 'aws-cdk-lib/aws-events';
import { LambdaFunction as LambdaTarget } from 'aws-cdk-lib/aws-events-targets';
import type { Bucket } from 'aws-cdk-lib/aws-s3';
import type { Queue } from 'aws-cdk-lib/aws-sqs';
import { Construct } from 'constructs';
import { acknowledgePattern } from '../acknowledgements.ts';
import { BedsideFunction, type FunctionSettings } from './bedside-function.ts';
import type { NodeModels } from './node-models.ts';
import type { People } from './people.ts';
import type { Records } from './records.ts';

export interface PredictionGovernanceProps {
  readonly nodeId: string;
  readonly settings: FunctionSettings;
  readonly records: Records;
  readonly people: People;
  readonly models: NodeModels;
  readonly telemetry: Bucket;
  /** Where scheduled invocations go that failed for good. */
  readonly scheduleFailures: Queue;
}

/** What follows from a model's output: governance tables and the intervention ledger (API), the one function that may write to equipment (ADR 0017), and the hospital's own judgement of drift (ADR 0025). */
export class PredictionGovernance extends Construct {
  readonly api: BedsideFunction;
  readonly commander: BedsideFunction;

  constructor(scope: Construct, id: string, props: PredictionGovernanceProps) {
    super(scope, id);
    this.commander = this.#commander(props);
    this.api = this.#api(props);
    this.#judgeOwnDrift(props);
  }

  #commander({ nodeId, settings, records, models, telemetry, scheduleFailures }: PredictionGovernanceProps): BedsideFunction {
    const { region, account } = Stack.of(this);
    const commands = ['DCMD', 'NCMD'].map((kind) => `arn:aws:iot:${region}:${account}:topic/spBv1.0/${nodeId}/${kind}/*`);
    for (const topic of commands) acknowledgePattern(this, topic, 'Gateways and devices are named when they are provisioned; which metrics may be set, and when, is decided on record by the governance table.');
    const own = new BedsideFunction(this, 'Commander', {
      settings, name: 'intervention-commander', timeout: Duration.seconds(50), memorySize: 1024,
      environment: { NODE_ID: nodeId, ...records.environment, ...models.environment, TELEMETRY_BUCKET: telemetry.bucketName },
    });
    records.allowAppend(own).allowOperations(own);
    models.allowRead(own);
    own.allow(['iot:Publish'], commands).allow(['s3:GetObject'], [telemetry.arnForObjects('*')]).allow(['s3:ListBucket'], [telemetry.bucketArn]).allow(['kms:Decrypt', 'kms:GenerateDataKey'], [settings.key.keyArn]);
    new Rule(this, 'EachMinute', { schedule: Schedule.rate(Duration.minutes(1)), targets: [new LambdaTarget(own.lambda, { retryAttempts: 2, deadLetterQueue: scheduleFailures })], description: 'Send interventions and watch for their answers' });
    return own;
  }

  #api({ settings, records, people, models }: PredictionGovernanceProps): BedsideFunction {
    const own = new BedsideFunction(this, 'Api', {
      settings, name: 'governance-api', timeout: Duration.seconds(25), memorySize: 1024,
      environment: { ...records.environment, ...people.environment, ...models.environment, COMMANDER_FUNCTION: this.commander.lambda.functionArn },
    });
    records.allowAppend(own).allowOperations(own);
    models.allowRead(own);
    return own.allow(['lambda:InvokeFunction'], [this.commander.lambda.functionArn]).allow(['kms:Decrypt', 'kms:GenerateDataKey'], [settings.key.keyArn]);
  }

  /** Each hour: the judgement of drift that is due, of each active model, on this hospital's own batches (ADR 0025). */
  #judgeOwnDrift({ nodeId, settings, records, scheduleFailures }: PredictionGovernanceProps): void {
    const own = new BedsideFunction(this, 'OwnDrift', { settings, name: 'judge-own-drift', timeout: Duration.minutes(15), memorySize: 1769, environment: { NODE_ID: nodeId, ...records.environment } });
    records.allowAppend(own).allowOperations(own);
    own.allow(['kms:Decrypt', 'kms:GenerateDataKey'], [settings.key.keyArn]);
    new Rule(this, 'EachHour', { schedule: Schedule.rate(Duration.hours(1)), targets: [new LambdaTarget(own.lambda, { retryAttempts: 2, deadLetterQueue: scheduleFailures })], description: 'Hold what models say here against their test' });
  }
}
