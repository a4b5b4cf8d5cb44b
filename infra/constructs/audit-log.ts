import { Duration, RemovalPolicy } from 'aws-cdk-lib';
import { Rule, Schedule } from 'aws-cdk-lib/aws-events';
import { LambdaFunction as LambdaTarget } from 'aws-cdk-lib/aws-events-targets';
import { Key, KeySpec, KeyUsage } from 'aws-cdk-lib/aws-kms';
import { CfnEventSourceMapping } from 'aws-cdk-lib/aws-lambda';
import type { Bucket } from 'aws-cdk-lib/aws-s3';
import { Queue, QueueEncryption } from 'aws-cdk-lib/aws-sqs';
import { Construct } from 'constructs';
import { logOriginOf } from '../../shared/audit-log/directory.ts';
import { RUN_EVERY_SECONDS } from '../../shared/audit-log/merge-delay.ts';
import { acknowledgeObjects } from '../acknowledgements.ts';
import { Alarms } from './alarms.ts';
import { BedsideFunction, type FunctionSettings } from './bedside-function.ts';
import { queueTarget } from './queue-target.ts';
import type { LogWitness } from './log-witness.ts';
import { createPrivateBucket } from './private-bucket.ts';
import type { Records } from './records.ts';

export interface AuditLogProps {
  /** Id of the hospital, or of the control site. */
  readonly nodeId: string;
  readonly settings: FunctionSettings;
  readonly records: Records;
  readonly accessLogs: Bucket;
  /** Where scheduled invocations go that failed for good. */
  readonly scheduleFailures: Queue;
  /** Objects can not be deleted or overwritten for this long. */
  readonly lockedFor: Duration;
  /** This node's own witness: its table says who the others are. */
  readonly witness: LogWitness;
  /** Interface of the control site, which is a witness. @default none: the log is the control site's own, which only hospitals cosign */
  readonly networkApiUrl?: string | undefined;
  /** Cosignatures a checkpoint needs before it is published. @default a majority of the registered witnesses, which is also the least */
  readonly witnessQuorum?: number | undefined;
}

/** Far longer than a batch can be on its way. */
const STAGED_FOR = Duration.days(30);
/** A name that never resolves (RFC 6761): the control site does not cosign its own log. */
const NOWHERE = 'https://control.invalid';
/** Longer than a run of the check reads. */
const CHECK_TIMEOUT = Duration.minutes(5);
const SEQUENCER_TIMEOUT = Duration.minutes(2);

/**
 * The transparency log of a site (C2SP tlog-tiles): a locked bucket of tiles and checkpoints, an Ed25519 key that never leaves KMS, and the sequencer, which alone may write to
 * either.
 */
export class AuditLog extends Construct {
  readonly bucket: Bucket;
  readonly #staging: Bucket;
  readonly #nodeId: string;
  readonly #origin: string;
  readonly #records: Records;
  readonly signingKey: Key;
  readonly sequencer: BedsideFunction;

  constructor(scope: Construct, id: string, props: AuditLogProps) {
    super(scope, id);
    const { settings, accessLogs, lockedFor } = props;
    this.#nodeId = props.nodeId;
    this.#origin = logOriginOf(props.nodeId);
    this.#records = props.records;
    this.bucket = createPrivateBucket(this, 'Log', { key: settings.key, accessLogs, lockedFor });
    this.#staging = createPrivateBucket(this, 'Staging', { key: settings.key, accessLogs, lifecycleRules: [{ id: 'taken-in-long-ago', expiration: STAGED_FOR, noncurrentVersionExpiration: Duration.days(1) }] });
    this.signingKey = new Key(this, 'SigningKey', { keySpec: KeySpec.ECC_NIST_EDWARDS25519, keyUsage: KeyUsage.SIGN_VERIFY, description: `Signs the log checkpoints of ${props.nodeId}`, removalPolicy: RemovalPolicy.RETAIN });
    acknowledgeObjects(this.#staging, ['staged/'], 'Batches on their way into the log are named after their hash.');
    acknowledgeObjects(this.bucket, ['', 'tile/'], 'Tiles are named after their place in the tree; only the sequencer writes them, and the bucket keeps every version.');
    this.sequencer = this.#sequencer(props);
    this.#checkEachHour(props);
  }

  /** Alarms on counts of five minutes, which are ten runs of the sequencer. */
  addAlarms(alarms: Alarms): void {
    const counted = (name: string) => Alarms.counted(name, this.#nodeId, 'log-sequencer');
    alarms.on('CheckpointsWaiting', counted('CheckpointsWaiting'), 5, 'checkpoints-waiting');
    alarms.on('WitnessesMissing', counted('WitnessesMissing'), 10, 'witnesses-missing');
    for (const [name, entry] of [['RecordDiffersFromLog', 'log-differs-from-record'], ['EventsPutBack', 'events-put-back']] as const) alarms.on(name, Alarms.counted(name, this.#nodeId, 'log-check'), 1, entry);
    alarms.on('LogBehind', counted('LogBehind'), 3, 'log-behind');
    alarms.on('AppendsHeld', counted('AppendsHeld'), 5, 'appends-held');
  }

  /** For functions that answer questions about the log. */
  get environment(): Readonly<Record<string, string>> {
    return { LOG_BUCKET: this.bucket.bucketName, LOG_KEY_ARN: this.signingKey.keyArn, LOG_ORIGIN: this.#origin };
  }

  /** Read tiles and checkpoints, and the public key; find the places of leaves. */
  allowRead(...functions: readonly BedsideFunction[]): this {
    this.#records.allowFindMany(...functions);
    return this.allowReadObjects(...functions);
  }

  /** Read tiles and checkpoints, and the public key. */
  allowReadObjects(...functions: readonly BedsideFunction[]): this {
    for (const each of functions) each.allow(['s3:GetObject'], [this.bucket.arnForObjects('*')]).allow(['s3:ListBucket'], [this.bucket.bucketArn]).allow(['kms:GetPublicKey'], [this.signingKey.keyArn]);
    return this;
  }

  #sequencer({ nodeId, settings, records, scheduleFailures, witness, networkApiUrl = NOWHERE, witnessQuorum = 0 }: AuditLogProps): BedsideFunction {
    const own = new BedsideFunction(this, 'Sequencer', {
      settings, name: 'log-sequencer', timeout: SEQUENCER_TIMEOUT, memorySize: 1024,
      environment: { NODE_ID: nodeId, ...records.environment, ...this.environment, ...witness.tableEnvironment, LOG_STAGING_BUCKET: this.#staging.bucketName, NETWORK_API_URL: networkApiUrl, WITNESS_QUORUM: String(witnessQuorum) },
    });
    records.allowReadRecord(own).allowOperations(own).allowMany(own);
    witness.allowRead(own);
    this.allowRead(own);
    own.allow(['s3:PutObject'], [this.bucket.arnForObjects('tile/*'), this.bucket.arnForObjects('checkpoint')]).allow(['s3:PutObject', 's3:GetObject'], [this.#staging.arnForObjects('staged/*')]).allow(['s3:ListBucket'], [this.#staging.bucketArn]).allow(['kms:Sign'], [this.signingKey.keyArn]).allow(['kms:Decrypt', 'kms:GenerateDataKey'], [settings.key.keyArn]);
    this.#runTwiceAMinute(own, settings, scheduleFailures);
    return own;
  }

  /** Each hour the record is held against the log. It may put an event back into the outbox, and can change nothing of either. */
  #checkEachHour({ nodeId, settings, records, scheduleFailures }: AuditLogProps): void {
    const own = new BedsideFunction(this, 'Check', { settings, name: 'log-check', timeout: CHECK_TIMEOUT, environment: { NODE_ID: nodeId, ...records.environment, LOG_BUCKET: this.bucket.bucketName } });
    records.allowReadWhole(own).allowViews(own).allowFindMany(own);
    this.allowReadObjects(own);
    own.allow(['kms:Decrypt', 'kms:GenerateDataKey'], [settings.key.keyArn]);
    new Rule(this, 'CheckEachHour', { schedule: Schedule.rate(Duration.hours(1)), targets: [new LambdaTarget(own.lambda, { retryAttempts: 2, deadLetterQueue: scheduleFailures })], description: 'Hold the record against the log' });
  }

  /** A schedule knows whole minutes. Its second target is a queue that holds each message back for half of one, so that no event waits longer than that for a run to begin. */
  #runTwiceAMinute(own: BedsideFunction, settings: FunctionSettings, scheduleFailures: Queue): void {
    const halfMinute = new Queue(this, 'HalfMinute', {
      encryption: QueueEncryption.KMS, encryptionMasterKey: settings.key, enforceSSL: true, deliveryDelay: Duration.seconds(RUN_EVERY_SECONDS), retentionPeriod: Duration.hours(1),
      visibilityTimeout: SEQUENCER_TIMEOUT, deadLetterQueue: { queue: scheduleFailures, maxReceiveCount: 3 }, removalPolicy: RemovalPolicy.RETAIN,
    });
    own.allow(['sqs:ReceiveMessage', 'sqs:DeleteMessage', 'sqs:GetQueueAttributes', 'sqs:ChangeMessageVisibility'], [halfMinute.queueArn]);
    const mapping = new CfnEventSourceMapping(this, 'FromHalfMinute', { functionName: own.lambda.functionName, eventSourceArn: halfMinute.queueArn, batchSize: 10, scalingConfig: { maximumConcurrency: 2 } });
    mapping.node.addDependency(own.role);
    new Rule(this, 'EachMinute', {
      schedule: Schedule.rate(Duration.minutes(1)), description: 'Take the record into the log',
      targets: [new LambdaTarget(own.lambda, { retryAttempts: 2, deadLetterQueue: scheduleFailures }), queueTarget(halfMinute, scheduleFailures)],
    });
  }
}
