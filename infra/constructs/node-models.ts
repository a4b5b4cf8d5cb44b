import { Duration } from 'aws-cdk-lib';
import { Rule, Schedule } from 'aws-cdk-lib/aws-events';
import { LambdaFunction as LambdaTarget } from 'aws-cdk-lib/aws-events-targets';
import { Effect, PolicyStatement } from 'aws-cdk-lib/aws-iam';
import type { Bucket } from 'aws-cdk-lib/aws-s3';
import type { Queue } from 'aws-cdk-lib/aws-sqs';
import { Construct } from 'constructs';
import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { PUBLICATIONS, signedObject } from '../../shared/model-registry/publication.ts';
import { acknowledgeObjects, acknowledgePattern } from '../acknowledgements.ts';
import { BedsideFunction, type FunctionSettings } from './bedside-function.ts';
import type { LogWitness } from './log-witness.ts';
import { createPrivateBucket } from './private-bucket.ts';
import type { Records } from './records.ts';

export interface NodeModelsProps {
  readonly nodeId: string;
  readonly settings: FunctionSettings;
  readonly records: Records;
  readonly accessLogs: Bucket;
  /** Its table holds the key of the control site, which signs what is published. */
  readonly witness: LogWitness;
  /** The control site's bucket of models: another account's. */
  readonly network: Readonly<{ bucketName: string; bucketArn: string; keyArn: string }>;
  /** XGBoost JSON of the model that comes with the platform. */
  readonly modelFile: string;
  /** Whether that model may speak here, in an example network. @default false */
  readonly exampleModel?: boolean;
  /** Where scheduled invocations go that failed for good. */
  readonly scheduleFailures: Queue;
}

/** A hospital's own copy of the models its record names, and what fetches them. */
export class NodeModels extends Construct {
  readonly bucket: Bucket;
  /** SHA-256 of the model that comes with the platform. */
  readonly shippedSha256: string;
  readonly #settings: FunctionSettings;
  readonly #exampleModel: 'speaks' | 'silent';

  constructor(scope: Construct, id: string, props: NodeModelsProps) {
    super(scope, id);
    this.#settings = props.settings;
    this.#exampleModel = props.exampleModel === true ? 'speaks' : 'silent';
    this.bucket = createPrivateBucket(this, 'Models', { key: props.settings.key, accessLogs: props.accessLogs });
    this.shippedSha256 = createHash('sha256').update(readFileSync(props.modelFile)).digest('hex');
    acknowledgeObjects(this.bucket, ['models/', 'archives/'], 'Objects are named after the hash of their content; the bucket keeps every version.');
    this.#addIntake(props);
  }

  get environment(): Readonly<Record<string, string>> {
    return { MODEL_BUCKET: this.bucket.bucketName };
  }

  /** What a function needs to know of the synthetic model that comes with the platform. */
  get exampleEnvironment(): Readonly<Record<string, string>> {
    return { MODEL_SHA256: this.shippedSha256, EXAMPLE_MODEL: this.#exampleModel };
  }

  /** Where the endpoint looks for what it is asked for. */
  get archivesUrl(): string {
    return this.bucket.s3UrlForObject('archives/');
  }

  /** Read the files of models; what they are is said by the record. */
  allowRead(own: BedsideFunction): BedsideFunction {
    return own.allow(['s3:GetObject'], [this.bucket.arnForObjects('models/*')]).allow(['s3:ListBucket'], [this.bucket.bucketArn]).allow(['kms:Decrypt'], [this.#settings.key.keyArn]);
  }

  /** What an endpoint needs to load archives. */
  archiveStatements(): readonly PolicyStatement[] {
    return [
      new PolicyStatement({ effect: Effect.ALLOW, actions: ['s3:GetObject'], resources: [this.bucket.arnForObjects('archives/*')] }), new PolicyStatement({ effect: Effect.ALLOW, actions: ['s3:ListBucket'], resources: [this.bucket.bucketArn] }),
      new PolicyStatement({ effect: Effect.ALLOW, actions: ['kms:Decrypt'], resources: [this.#settings.key.keyArn] }),
    ];
  }

  /** Each minute: what the control site says of models, onto the record, and their files into the bucket. */
  #addIntake({ nodeId, settings, records, witness, network, scheduleFailures }: NodeModelsProps): void {
    const own = new BedsideFunction(this, 'Intake', {
      settings, name: 'model-intake', timeout: Duration.seconds(50), memorySize: 1024,
      environment: { NODE_ID: nodeId, ...records.environment, ...witness.tableEnvironment, ...this.environment, NETWORK_MODEL_BUCKET: network.bucketName, ...this.exampleEnvironment },
    });
    records.allowAppend(own).allowOperations(own);
    witness.allowRead(own);
    acknowledgePattern(this, 'arn:aws:s3:::<NetworkModelsBucketName>/models/*', 'The objects are named after the hash of their content; this function only reads.');
    own.allow(['s3:GetObject', 's3:PutObject'], [this.bucket.arnForObjects('models/*'), this.bucket.arnForObjects('archives/*')]).allow(['s3:GetObject'], [`${network.bucketArn}/models/*`, ...PUBLICATIONS.map((name) => `${network.bucketArn}/${signedObject(name)}`)])
      .allow(['s3:ListBucket'], [this.bucket.bucketArn, network.bucketArn]).allow(['kms:Decrypt', 'kms:GenerateDataKey'], [settings.key.keyArn]).allow(['kms:Decrypt'], [network.keyArn]);
    new Rule(this, 'EachMinute', { schedule: Schedule.rate(Duration.minutes(1)), targets: [new LambdaTarget(own.lambda, { retryAttempts: 2, deadLetterQueue: scheduleFailures })], description: 'Know the models of the network' });
  }
}
