import { Duration, RemovalPolicy, Stack } from 'aws-cdk-lib';
import { Rule, Schedule } from 'aws-cdk-lib/aws-events';
import { LambdaFunction as LambdaTarget } from 'aws-cdk-lib/aws-events-targets';
import { Key, KeySpec, KeyUsage } from 'aws-cdk-lib/aws-kms';
import type { Bucket } from 'aws-cdk-lib/aws-s3';
import type { Queue } from 'aws-cdk-lib/aws-sqs';
import { Construct } from 'constructs';
import { placeOf } from '../../shared/storage/place.ts';
import type { HospitalNode } from '../nodes/schema.ts';
import { acknowledgeObjectPatterns, acknowledgeObjects, acknowledgePattern } from '../acknowledgements.ts';
import type { AuditLog } from './audit-log.ts';
import { BedsideFunction, type FunctionSettings } from './bedside-function.ts';
import type { LogWitness } from './log-witness.ts';
import type { People } from './people.ts';
import { createPrivateBucket } from './private-bucket.ts';
import type { Records } from './records.ts';

/** What goes when a run is over: its secret, what was sent, and which of that arrived. */
const PASSING = ['runs/*/secret', 'runs/*/sent/*', 'runs/*/delivered/*'];

type NetworkBucket = Readonly<{ bucketName: string; bucketArn: string; keyArn: string }>;

export interface TrainingParticipationProps {
  readonly nodeId: string;
  readonly settings: FunctionSettings;
  readonly accessLogs: Bucket;
  readonly records: Records;
  readonly people: People;
  /** Its key is this hospital's identity, and vouches for the key that trainings are signed with. */
  readonly auditLog: AuditLog;
  /** Its table holds the directory of the network. */
  readonly witness: LogWitness;
  /** The control site's mailbox: another account's. */
  readonly mailbox: NetworkBucket;
  /** The control site's models, in which a candidate's file is. */
  readonly models: NetworkBucket;
  /** Least rows this hospital takes part with, and minutes its people have to think before it joins by itself. */
  readonly leastCohort: number;
  readonly thinkingMinutes: number;
  readonly trainingConsent: HospitalNode['trainingConsent'];
  /** Where scheduled invocations go that failed for good. */
  readonly scheduleFailures: Queue;
}

/** A hospital's part in trainings: its rows, which stay; its answers, each minute, by its own rules; its interface to import, look and decline. */
export class TrainingParticipation extends Construct {
  readonly api: BedsideFunction;
  readonly evaluation: BedsideFunction;
  readonly bucket: Bucket;
  readonly #signingKey: Key;

  constructor(scope: Construct, id: string, props: TrainingParticipationProps) {
    super(scope, id);
    const { settings, accessLogs } = props;
    this.bucket = createPrivateBucket(this, 'TrainingData', {
      key: settings.key, accessLogs, lifecycleRules: [{ id: 'versions-that-were-cleared', prefix: 'runs/', noncurrentVersionExpiration: Duration.days(1) }],
    });
    acknowledgeObjectPatterns(this.bucket, PASSING, 'Runs have names of their own; of one that is over these go, and its rows stay.');
    acknowledgeObjects(this.bucket, [''], 'Rows, keys and messages of trainings, named after their hash or run; nothing else is in the bucket.');
    this.#signingKey = new Key(this, 'SigningKey', { keySpec: KeySpec.ECC_NIST_EDWARDS25519, keyUsage: KeyUsage.SIGN_VERIFY, description: `Signs the keys of training runs of ${props.nodeId}`, removalPolicy: RemovalPolicy.RETAIN });
    this.api = this.#addInterface(props);
    this.evaluation = this.#addEvaluation(props);
    this.#vouch(props);
    this.#takePart(props);
  }

  #allowOwnRows(own: BedsideFunction, { settings, records }: TrainingParticipationProps): BedsideFunction {
    records.allowAppend(own).allowOperations(own);
    return own.allow(['s3:GetObject', 's3:PutObject'], [this.bucket.arnForObjects('*')]).allow(['s3:ListBucket'], [this.bucket.bucketArn]).allow(['kms:Decrypt', 'kms:GenerateDataKey'], [settings.key.keyArn]);
  }

  #addInterface(props: TrainingParticipationProps): BedsideFunction {
    const { nodeId, settings, records, people, witness } = props;
    const own = new BedsideFunction(this, 'Api', {
      settings, name: 'training-data-api', timeout: Duration.seconds(25), memorySize: 1769,
      environment: { NODE_ID: nodeId, ...records.environment, ...people.environment, ...witness.tableEnvironment, TRAINING_BUCKET: this.bucket.bucketName, TRAINING_KEY_ARN: this.#signingKey.keyArn },
    });
    witness.allowRead(own);
    return this.#allowOwnRows(own, props).allow(['kms:Sign'], [this.#signingKey.keyArn]);
  }

  /** Counts what a candidate says of the rows here: the one function that reads files of models at the control site. */
  #addEvaluation(props: TrainingParticipationProps): BedsideFunction {
    const { nodeId, settings, records, people, models, leastCohort } = props;
    const own = new BedsideFunction(this, 'Evaluation', {
      settings, name: 'model-evaluation-api', timeout: Duration.seconds(25), memorySize: 1769,
      environment: { NODE_ID: nodeId, ...records.environment, ...people.environment, TRAINING_BUCKET: this.bucket.bucketName, TRAINING_KEY_ARN: this.#signingKey.keyArn, NETWORK_MODEL_BUCKET: models.bucketName, LEAST_COHORT: String(leastCohort) },
    });
    acknowledgePattern(this, 'arn:aws:s3:::<NetworkModelsBucketName>/models/*', 'Files of models, named after their hash.');
    return this.#allowOwnRows(own, props).allow(['kms:Sign'], [this.#signingKey.keyArn]).allow(['s3:GetObject'], [`${models.bucketArn}/models/*`]).allow(['s3:ListBucket'], [models.bucketArn]).allow(['kms:Decrypt'], [models.keyArn]);
  }

  /** The one function beside the sequencer that signs with the log's key: it takes no input, and says of one key that it is this hospital's. */
  #vouch({ nodeId, settings, auditLog, scheduleFailures }: TrainingParticipationProps): void {
    const { LOG_KEY_ARN = '' } = auditLog.environment;
    const own = new BedsideFunction(this, 'Vouch', { settings, name: 'federated/vouch', environment: { NODE_ID: nodeId, TRAINING_BUCKET: this.bucket.bucketName, TRAINING_KEY_ARN: this.#signingKey.keyArn, LOG_KEY_ARN } });
    own.allow(['kms:GetPublicKey'], [this.#signingKey.keyArn]).allow(['kms:Sign'], [auditLog.signingKey.keyArn]).allow(['s3:GetObject', 's3:PutObject'], [this.bucket.arnForObjects('identity/training-key.json')])
      .allow(['s3:ListBucket'], [this.bucket.bucketArn]).allow(['kms:Decrypt', 'kms:GenerateDataKey'], [settings.key.keyArn]);
    new Rule(this, 'VouchEachMinute', { schedule: Schedule.rate(Duration.minutes(1)), targets: [new LambdaTarget(own.lambda, { retryAttempts: 0, deadLetterQueue: scheduleFailures })], description: 'Have the identity vouch for the training key' });
  }

  #takePart(props: TrainingParticipationProps): void {
    const { nodeId, settings, records, witness, mailbox, scheduleFailures, leastCohort, thinkingMinutes, trainingConsent } = props;
    const { account } = Stack.of(this);
    const place = placeOf({ account, id: nodeId });
    const own = new BedsideFunction(this, 'Participate', {
      settings, name: 'federated/participate', timeout: Duration.minutes(5), memorySize: 3008,
      environment: { NODE_ID: nodeId, NODE_ACCOUNT: account, ...records.environment, ...witness.tableEnvironment, TRAINING_BUCKET: this.bucket.bucketName, MAILBOX_BUCKET: mailbox.bucketName, TRAINING_KEY_ARN: this.#signingKey.keyArn, LEAST_COHORT: String(leastCohort), THINKING_MINUTES: String(thinkingMinutes), TRAINING_CONSENT: trainingConsent },
    });
    witness.allowRead(own);
    for (const pattern of ['questions/_all/*', `questions/${place}/*`, `answers/${place}/*`]) acknowledgePattern(this, `arn:aws:s3:::<NetworkMailboxBucketName>/${pattern}`, 'Messages of trainings to and from this hospital, named after run and hash.');
    this.#allowOwnRows(own, props).allow(['kms:Sign'], [this.#signingKey.keyArn]).allow(['s3:DeleteObject'], PASSING.map((objects) => this.bucket.arnForObjects(objects)))
      .allow(['s3:GetObject'], [`${mailbox.bucketArn}/questions/_all/*`, `${mailbox.bucketArn}/questions/${place}/*`]).allow(['s3:PutObject'], [`${mailbox.bucketArn}/answers/${place}/*`])
      .allow(['s3:ListBucket'], [mailbox.bucketArn]).allow(['kms:Decrypt', 'kms:GenerateDataKey'], [mailbox.keyArn]);
    new Rule(this, 'EachMinute', { schedule: Schedule.rate(Duration.minutes(1)), targets: [new LambdaTarget(own.lambda, { retryAttempts: 0, deadLetterQueue: scheduleFailures })], description: 'Answer what the network asks in trainings' });
  }
}
