import { Duration, RemovalPolicy } from 'aws-cdk-lib';
import { Rule, Schedule } from 'aws-cdk-lib/aws-events';
import { LambdaFunction as LambdaTarget } from 'aws-cdk-lib/aws-events-targets';
import { Key, KeySpec, KeyUsage } from 'aws-cdk-lib/aws-kms';
import type { Bucket } from 'aws-cdk-lib/aws-s3';
import type { Queue } from 'aws-cdk-lib/aws-sqs';
import { Construct } from 'constructs';
import { acknowledgeObjects } from '../acknowledgements.ts';
import { BedsideFunction, type FunctionSettings } from './bedside-function.ts';
import { createPrivateBucket } from './private-bucket.ts';
import type { Records } from './records.ts';

export interface AuditLogProps {
  readonly nodeId: string;
  readonly settings: FunctionSettings;
  readonly records: Records;
  readonly accessLogs: Bucket;
  /** Where scheduled invocations go that failed for good. */
  readonly scheduleFailures: Queue;
  /** Objects can not be deleted or overwritten for this long. */
  readonly lockedFor: Duration;
  /** The control site, which is a witness. */
  readonly network: Readonly<{ apiUrl: string; eventBusArn: string }>;
  /** Cosignatures a checkpoint needs before it is published. */
  readonly witnessQuorum: number;
}

/** Far longer than a batch can be on its way. */
const STAGED_FOR = Duration.days(30);

/**
 * The transparency log of a node (C2SP tlog-tiles): a locked bucket of tiles and checkpoints, an Ed25519 key that never leaves KMS, and the sequencer, which alone may write to
 * either.
 */
export class AuditLog extends Construct {
  readonly bucket: Bucket;
  readonly #staging: Bucket;
  readonly #origin: string;
  readonly signingKey: Key;
  readonly sequencer: BedsideFunction;

  constructor(scope: Construct, id: string, props: AuditLogProps) {
    super(scope, id);
    const { settings, accessLogs, lockedFor } = props;
    this.#origin = `bedside.network/${props.nodeId}`;
    this.bucket = createPrivateBucket(this, 'Log', { key: settings.key, accessLogs, lockedFor });
    this.#staging = createPrivateBucket(this, 'Staging', { key: settings.key, accessLogs, lifecycleRules: [{ id: 'taken-in-long-ago', expiration: STAGED_FOR, noncurrentVersionExpiration: Duration.days(1) }] });
    this.signingKey = new Key(this, 'SigningKey', { keySpec: KeySpec.ECC_NIST_EDWARDS25519, keyUsage: KeyUsage.SIGN_VERIFY, description: `Signs the log checkpoints of node ${props.nodeId}`, removalPolicy: RemovalPolicy.RETAIN });
    acknowledgeObjects(this.#staging, ['staged/'], 'Batches on their way into the log are named after their hash.');
    acknowledgeObjects(this.bucket, ['', 'tile/'], 'Tiles are named after their place in the tree; only the sequencer writes them, and the bucket keeps every version.');
    this.sequencer = this.#sequencer(props);
  }

  /** For functions that answer questions about the log. */
  get environment(): Readonly<Record<string, string>> {
    return { LOG_BUCKET: this.bucket.bucketName, LOG_KEY_ARN: this.signingKey.keyArn, LOG_ORIGIN: this.#origin };
  }

  /** Read tiles and checkpoints, and the public key. */
  allowRead(...functions: readonly BedsideFunction[]): this {
    for (const each of functions) each.allow(['s3:GetObject'], [this.bucket.arnForObjects('*')]).allow(['s3:ListBucket'], [this.bucket.bucketArn]).allow(['kms:GetPublicKey'], [this.signingKey.keyArn]);
    return this;
  }

  #sequencer({ nodeId, settings, records, scheduleFailures, network, witnessQuorum }: AuditLogProps): BedsideFunction {
    const own = new BedsideFunction(this, 'Sequencer', { settings, name: 'log-sequencer', timeout: Duration.minutes(2), memorySize: 1024, environment: { NODE_ID: nodeId, ...records.environment, ...this.environment, LOG_STAGING_BUCKET: this.#staging.bucketName, NETWORK_API_URL: network.apiUrl, NETWORK_EVENT_BUS: network.eventBusArn, WITNESS_QUORUM: String(witnessQuorum) } });
    own.allow(['events:PutEvents'], [network.eventBusArn]);
    records.allowReadRecord(own).allowOperations(own);
    this.allowRead(own);
    own.allow(['s3:PutObject'], [this.bucket.arnForObjects('tile/*'), this.bucket.arnForObjects('checkpoint')]).allow(['s3:PutObject', 's3:GetObject'], [this.#staging.arnForObjects('staged/*')]).allow(['s3:ListBucket'], [this.#staging.bucketArn]).allow(['kms:Sign'], [this.signingKey.keyArn]).allow(['kms:Decrypt', 'kms:GenerateDataKey'], [settings.key.keyArn]);
    new Rule(this, 'EachMinute', { schedule: Schedule.rate(Duration.minutes(1)), targets: [new LambdaTarget(own.lambda, { retryAttempts: 2, deadLetterQueue: scheduleFailures })], description: 'Take the record into the log' });
    return own;
  }
}
