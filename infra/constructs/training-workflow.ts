import { Duration } from 'aws-cdk-lib';
import { Rule, Schedule } from 'aws-cdk-lib/aws-events';
import { LambdaFunction as LambdaTarget } from 'aws-cdk-lib/aws-events-targets';
import type { Queue } from 'aws-cdk-lib/aws-sqs';
import { Construct } from 'constructs';
import { trainingDefinition } from '../training/definition.ts';
import { BedsideFunction, type BesideBundle, type FunctionSettings } from './bedside-function.ts';
import type { LogWitness } from './log-witness.ts';
import type { ModelRegistry } from './model-registry.ts';
import type { People } from './people.ts';
import type { Records } from './records.ts';
import { createStateMachine } from './state-machine.ts';
import type { TrainingMailbox } from './training-mailbox.ts';

export interface TrainingWorkflowProps {
  readonly settings: FunctionSettings;
  readonly records: Records;
  readonly people: People;
  /** Its table holds the directory of hospitals with their identities. */
  readonly witness: LogWitness;
  readonly mailbox: TrainingMailbox;
  readonly models: ModelRegistry;
  /** The register of the nodes: where each one's messages lie. */
  readonly register: BesideBundle;
  /** Where scheduled invocations go that failed for good. */
  readonly scheduleFailures: Queue;
  /** Days from one count of drift to the next, for each active model. */
  readonly driftEveryDays: number;
}

/** The control site's part of a training: the interface that starts it, the function that moves it on, the state machine that calls that function. */
export class TrainingWorkflow extends Construct {
  readonly api: BedsideFunction;
  readonly stateMachineArn: string;

  constructor(scope: Construct, id: string, props: TrainingWorkflowProps) {
    super(scope, id);
    const { settings, records, people, witness, mailbox, models, register } = props;
    // Some hospitals' answers of a few MB each are in memory at once.
    const coordinate = new BedsideFunction(this, 'Coordinate', {
      settings, name: 'federated/coordinate', timeout: Duration.minutes(5), memorySize: 3008, files: register, environment: { ...records.environment, ...witness.tableEnvironment, ...models.environment, MAILBOX_BUCKET: mailbox.bucket.bucketName },
    });
    records.allowAppend(coordinate).allowOperations(coordinate);
    witness.allowRead(coordinate);
    models.allowAddArtefacts(mailbox.allowCoordinate(coordinate));
    this.stateMachineArn = createStateMachine(this, { definition: trainingDefinition(coordinate.lambda.functionArn), functions: [coordinate.lambda.functionArn], key: settings.key, logRetention: settings.logRetention });
    this.api = new BedsideFunction(this, 'Api', {
      settings, name: 'training-api', timeout: Duration.seconds(25), environment: { ...records.environment, ...people.environment, ...witness.tableEnvironment, TRAINING_STATE_MACHINE_ARN: this.stateMachineArn },
    });
    records.allowAppend(this.api).allowOperations(this.api);
    witness.allowRead(this.api);
    this.api.allow(['states:StartExecution'], [this.stateMachineArn]);
    this.#watchDrift(props);
    this.#clearMailbox(props);
  }

  /** Each hour: messages of runs that are over go; what came after the end is refused by name before. */
  #clearMailbox({ settings, records, mailbox, register, scheduleFailures }: TrainingWorkflowProps): void {
    const own = new BedsideFunction(this, 'ClearMailbox', { settings, name: 'federated/clear-mailbox', timeout: Duration.minutes(5), files: register, environment: { ...records.environment, MAILBOX_BUCKET: mailbox.bucket.bucketName } });
    records.allowAppend(own).allowOperations(own);
    mailbox.allowClear(own);
    new Rule(this, 'ClearEachHour', { schedule: Schedule.rate(Duration.hours(1)), targets: [new LambdaTarget(own.lambda, { retryAttempts: 2, deadLetterQueue: scheduleFailures })], description: 'Take messages of ended trainings out of the mailbox' });
  }

  /** Each hour: begin the counts of drift that are due, and judge those that are there. */
  #watchDrift({ settings, records, witness, models, scheduleFailures, driftEveryDays }: TrainingWorkflowProps): void {
    const own = new BedsideFunction(this, 'WatchDrift', {
      settings, name: 'federated/watch-drift', timeout: Duration.minutes(2), memorySize: 1024,
      environment: { ...records.environment, ...witness.tableEnvironment, ...models.environment, ...models.publishEnvironment, TRAINING_STATE_MACHINE_ARN: this.stateMachineArn, DRIFT_EVERY_DAYS: String(driftEveryDays) },
    });
    records.allowAppend(own).allowOperations(own);
    witness.allowRead(own);
    models.allowJudgeDrift(own).allow(['states:StartExecution'], [this.stateMachineArn]);
    new Rule(this, 'EachHour', { schedule: Schedule.rate(Duration.hours(1)), targets: [new LambdaTarget(own.lambda, { retryAttempts: 2, deadLetterQueue: scheduleFailures })], description: 'Hold what active models are asked and say against their tests' });
  }
}
