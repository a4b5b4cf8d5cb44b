import { Duration } from 'aws-cdk-lib';
import { Rule, Schedule } from 'aws-cdk-lib/aws-events';
import { LambdaFunction as LambdaTarget } from 'aws-cdk-lib/aws-events-targets';
import { Effect, PolicyStatement } from 'aws-cdk-lib/aws-iam';
import type { Bucket } from 'aws-cdk-lib/aws-s3';
import type { Queue } from 'aws-cdk-lib/aws-sqs';
import { Construct } from 'constructs';
import { PUBLICATIONS, publishedObject, signedObject } from '../../shared/model-registry/publication.ts';
import { acknowledgeObjects } from '../acknowledgements.ts';
import type { HospitalNode } from '../nodes/schema.ts';
import type { AuditLog } from './audit-log.ts';
import { BedsideFunction, type FunctionSettings } from './bedside-function.ts';
import { principalsOf } from './hospital-accounts.ts';
import type { LogWitness } from './log-witness.ts';
import type { People } from './people.ts';
import { createPrivateBucket } from './private-bucket.ts';
import type { Records } from './records.ts';

export interface ModelRegistryProps {
  readonly settings: FunctionSettings;
  readonly accessLogs: Bucket;
  /** Whose accounts may read what was put to use. */
  readonly nodes: readonly HospitalNode[];
  readonly records: Records;
  readonly people: People;
  /** Whose table holds the hospitals' identities: what they sign for is held against them. */
  readonly witness: LogWitness;
  /** Its key signs what hospitals are told. */
  readonly auditLog: AuditLog;
  /** Where scheduled invocations go that failed for good. */
  readonly scheduleFailures: Queue;
  /** For how long nobody can delete a file: a model that was tested must be there to be looked at as long as the records it spoke in. */
  readonly lockedFor: Duration;
}

/** What hospitals are told: signed, and as hospitals that are not updated read it. */
const PUBLISHED = PUBLICATIONS.flatMap((name) => [signedObject(name), publishedObject(name)]);

/** The control site's models: their files, the manifests of their data, and what hospitals are told of them. Every version of an object is kept and locked. */
export class ModelRegistry extends Construct {
  readonly bucket: Bucket;
  readonly api: BedsideFunction;
  readonly #publish: BedsideFunction;
  readonly #settings: FunctionSettings;

  constructor(scope: Construct, id: string, props: ModelRegistryProps) {
    super(scope, id);
    const { settings, accessLogs, nodes } = props;
    this.#settings = settings;
    this.bucket = createPrivateBucket(this, 'Models', { key: settings.key, accessLogs, lockedFor: props.lockedFor });
    this.#openTo(nodes);
    this.#publish = this.#addPublish(props);
    this.api = this.#addInterface(props);
  }

  get environment(): Readonly<Record<string, string>> {
    return { MODEL_BUCKET: this.bucket.bucketName };
  }

  /** For functions that have hospitals told. */
  get publishEnvironment(): Readonly<Record<string, string>> {
    return { MODEL_PUBLISH_FUNCTION: this.#publish.lambda.functionArn };
  }

  #addInterface({ settings, records, people, witness }: ModelRegistryProps): BedsideFunction {
    const own = new BedsideFunction(this, 'Api', { settings, name: 'model-registry-api', timeout: Duration.seconds(25), memorySize: 1024, environment: { ...records.environment, ...people.environment, ...witness.tableEnvironment, ...this.environment, ...this.publishEnvironment } });
    records.allowAppend(own).allowOperations(own);
    witness.allowRead(own);
    acknowledgeObjects(this.bucket, ['models/', 'manifests/', 'monitoring/', 'statements/'], 'Objects are named after the hash of their content; the bucket keeps and locks every version.');
    return this.#allowPublish(this.allowAddArtefacts(own)).allow(['s3:GetObject', 's3:PutObject'], [this.bucket.arnForObjects('statements/*')]);
  }

  /**
   * The one function that writes what hospitals believe, and beside the sequencer the one that signs with the key of the log. It takes no input: it tells what is on record. Asked by those that
   * change the record; and each minute, so that a publication that was cut off is made good.
   */
  #addPublish({ settings, records, auditLog, scheduleFailures }: ModelRegistryProps): BedsideFunction {
    const own = new BedsideFunction(this, 'Publish', { settings, name: 'model-publish', timeout: Duration.seconds(20), memorySize: 1024, environment: { ...records.environment, ...this.environment, LOG_KEY_ARN: auditLog.signingKey.keyArn } });
    records.allowReadRecord(own).allowReadOperations(own);
    own.allow(['s3:GetObject', 's3:PutObject'], PUBLISHED.map((key) => this.bucket.arnForObjects(key))).allow(['kms:Sign', 'kms:GetPublicKey'], [auditLog.signingKey.keyArn])
      .allow(['s3:ListBucket'], [this.bucket.bucketArn]).allow(['kms:Decrypt', 'kms:GenerateDataKey'], [settings.key.keyArn]);
    new Rule(this, 'EachMinute', { schedule: Schedule.rate(Duration.minutes(1)), targets: [new LambdaTarget(own.lambda, { retryAttempts: 2, deadLetterQueue: scheduleFailures })], description: 'Tell hospitals which models are active' });
    return own;
  }

  #allowPublish(own: BedsideFunction): BedsideFunction {
    return own.allow(['lambda:InvokeFunction'], [this.#publish.lambda.functionArn]);
  }

  /** Add a file under the name of its hash, and read those there are. */
  allowAddArtefacts(own: BedsideFunction): BedsideFunction {
    return own.allow(['s3:GetObject', 's3:PutObject'], [this.bucket.arnForObjects('models/*'), this.bucket.arnForObjects('manifests/*'), this.bucket.arnForObjects('monitoring/*')]).allow(['s3:ListBucket'], [this.bucket.bucketArn])
      .allow(['kms:Decrypt', 'kms:GenerateDataKey'], [this.#settings.key.keyArn]);
  }

  /** Read sums of drift, and tell hospitals when a model is suspended. */
  allowJudgeDrift(own: BedsideFunction): BedsideFunction {
    return this.#allowPublish(own).allow(['s3:GetObject'], [this.bucket.arnForObjects('monitoring/*'), this.bucket.arnForObjects('statements/*')]).allow(['s3:ListBucket'], [this.bucket.bucketArn]).allow(['kms:Decrypt', 'kms:GenerateDataKey'], [this.#settings.key.keyArn]);
  }

  /** Hospitals read files and what is published, and see that nothing else is there; the manifests stay here. */
  #openTo(nodes: readonly HospitalNode[]): void {
    if (nodes.length === 0) return;
    this.bucket.addToResourcePolicy(new PolicyStatement({
      sid: 'NodesRead', effect: Effect.ALLOW, principals: principalsOf(nodes), actions: ['s3:GetObject', 's3:ListBucket'],
      resources: [this.bucket.bucketArn, this.bucket.arnForObjects('models/*'), this.bucket.arnForObjects('published/*')],
    }));
  }
}
