import type { Bucket } from 'aws-cdk-lib/aws-s3';
import { Construct } from 'constructs';
import { acknowledgeObjects } from '../acknowledgements.ts';
import type { BedsideFunction, FunctionSettings } from './bedside-function.ts';
import { createPrivateBucket } from './private-bucket.ts';

export interface NodeModelsProps {
  readonly settings: FunctionSettings;
  readonly accessLogs: Bucket;
  /** The control site's bucket of models: another account's. */
  readonly network: Readonly<{ bucketName: string; bucketArn: string; keyArn: string }>;
}

/** A hospital's own copy of the models its record names. */
export class NodeModels extends Construct {
  readonly bucket: Bucket;
  readonly #settings: FunctionSettings;

  constructor(scope: Construct, id: string, { settings, accessLogs }: NodeModelsProps) {
    super(scope, id);
    this.#settings = settings;
    this.bucket = createPrivateBucket(this, 'Models', { key: settings.key, accessLogs });
    acknowledgeObjects(this.bucket, ['models/'], 'Artefacts are named by their own hash; which of them may answer is said by the record.');
  }

  get environment(): Readonly<Record<string, string>> {
    return { MODEL_BUCKET: this.bucket.bucketName };
  }

  /** Read the files of models; what they are is said by the record. */
  allowRead(own: BedsideFunction): BedsideFunction {
    return own.allow(['s3:GetObject'], [this.bucket.arnForObjects('models/*')]).allow(['s3:ListBucket'], [this.bucket.bucketArn]).allow(['kms:Decrypt'], [this.#settings.key.keyArn]);
  }
}
