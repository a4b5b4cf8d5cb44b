import { Duration } from 'aws-cdk-lib';
import { Rule, Schedule } from 'aws-cdk-lib/aws-events';
import { LambdaFunction as LambdaTarget } from 'aws-cdk-lib/aws-events-targets';
import { Effect, PolicyStatement } from 'aws-cdk-lib/aws-iam';
import type { Bucket } from 'aws-cdk-lib/aws-s3';
import type { Queue } from 'aws-cdk-lib/aws-sqs';
import { Construct } from 'constructs';
import { acknowledgeObjects } from '../acknowledgements.ts';
import type { HospitalNode } from '../nodes/schema.ts';
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
  /** Where scheduled invocations go that failed for good. */
  readonly scheduleFailures: Queue;
  /** For how long nobody can delete a file: a model that was tested must be there to be looked at as long as the records it spoke in. */
  readonly lockedFor: Duration;
}

/** What hospitals are told. */
const PUBLISHED = ['published/records.json', 'published/drift.json', 'published/references.json', 'published/tests.json'];

/** The control site's models: their files, the manifests of their data, and what hospitals are told of them. Every version of an object is kept and locked. */
export class ModelRegistry extends Construct {
  readonly bucket: Bucket;
  readonly api: BedsideFunction;
  readonly #settings: FunctionSettings;

  constructor(scope: Construct, id: string, props: ModelRegistryProps) {
    super(scope, id);
    const { settings, accessLogs, nodes } = props;
    this.#settings = settings;
    this.bucket = createPrivateBucket(this, 'Models', { key: settings.key, accessLogs, lockedFor: props.lockedFor });
    this.#openTo(nodes);
    this.api = this.#addInterface(props);
    this.#keepPublished(props);
  }

  get environment(): Readonly<Record<string, string>> {
    return { MODEL_BUCKET: this.bucket.bucketName };
  }

  #addInterface({ settings, records, people, witness }: ModelRegistryProps): BedsideFunction {
    const own = new BedsideFunction(this, 'Api', { settings, name: 'model-registry-api', timeout: Duration.seconds(25), memorySize: 1024, environment: { ...records.environment, ...people.environment, ...witness.tableEnvironment, ...this.environment } });
    records.allowAppend(own).allowOperations(own);
    witness.allowRead(own);
    acknowledgeObjects(this.bucket, ['models/', 'manifests/', 'monitoring/', 'statements/'], 'Objects are named after the hash of their content; the bucket keeps and locks every version.');
    return this.#allowPublish(this.allowAddArtefacts(own)).allow(['s3:GetObject', 's3:PutObject'], [this.bucket.arnForObjects('statements/*')]);
  }

  /** Each minute, what hospitals read is held against the record: a publication that was cut off is made good. */
  #keepPublished({ settings, records, scheduleFailures }: ModelRegistryProps): void {
    const own = new BedsideFunction(this, 'Publish', { settings, name: 'model-publish', environment: { ...records.environment, ...this.environment } });
    records.allowReadRecord(own).allowReadOperations(own);
    this.#allowPublish(own).allow(['s3:ListBucket'], [this.bucket.bucketArn]).allow(['kms:Decrypt', 'kms:GenerateDataKey'], [settings.key.keyArn]);
    new Rule(this, 'EachMinute', { schedule: Schedule.rate(Duration.minutes(1)), targets: [new LambdaTarget(own.lambda, { retryAttempts: 2, deadLetterQueue: scheduleFailures })], description: 'Tell hospitals which models are active' });
  }

  #allowPublish(own: BedsideFunction): BedsideFunction {
    return own.allow(['s3:GetObject', 's3:PutObject'], PUBLISHED.map((key) => this.bucket.arnForObjects(key)));
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
