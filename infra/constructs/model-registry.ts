import { Duration } from 'aws-cdk-lib';
import { AccountPrincipal, Effect, PolicyStatement } from 'aws-cdk-lib/aws-iam';
import type { Bucket } from 'aws-cdk-lib/aws-s3';
import { Construct } from 'constructs';
import type { HospitalNode } from '../nodes/schema.ts';
import type { BedsideFunction, FunctionSettings } from './bedside-function.ts';
import { createPrivateBucket } from './private-bucket.ts';

export interface ModelRegistryProps {
  readonly settings: FunctionSettings;
  readonly accessLogs: Bucket;
  /** Whose accounts may read what was put to use. */
  readonly nodes: readonly HospitalNode[];
}

/** A model that was tested must be there to be looked at for as long as its documents. */
const LOCKED_FOR = Duration.days(365);

/** The control site's models: their files, the manifests of their data, and what hospitals are told of them. Every version of an object is kept and locked. */
export class ModelRegistry extends Construct {
  readonly bucket: Bucket;
  readonly #settings: FunctionSettings;

  constructor(scope: Construct, id: string, { settings, accessLogs, nodes }: ModelRegistryProps) {
    super(scope, id);
    this.#settings = settings;
    this.bucket = createPrivateBucket(this, 'Models', { key: settings.key, accessLogs, lockedFor: LOCKED_FOR });
    this.#openTo(nodes);
  }

  get environment(): Readonly<Record<string, string>> {
    return { MODEL_BUCKET: this.bucket.bucketName };
  }

  /** Add a file under the name of its hash, and read those there are. */
  allowAddArtefacts(own: BedsideFunction): BedsideFunction {
    return own.allow(['s3:GetObject', 's3:PutObject'], [this.bucket.arnForObjects('models/*'), this.bucket.arnForObjects('manifests/*')]).allow(['s3:ListBucket'], [this.bucket.bucketArn])
      .allow(['kms:Decrypt', 'kms:GenerateDataKey'], [this.#settings.key.keyArn]);
  }

  /** Hospitals read files and what is published, and see that nothing else is there; the manifests stay here. */
  #openTo(nodes: readonly HospitalNode[]): void {
    if (nodes.length === 0) return;
    const principals = nodes.map(({ account }) => new AccountPrincipal(account));
    this.bucket.addToResourcePolicy(new PolicyStatement({ sid: 'NodesRead', effect: Effect.ALLOW, principals, actions: ['s3:GetObject'], resources: [this.bucket.arnForObjects('models/*'), this.bucket.arnForObjects('published/*')] }));
    this.bucket.addToResourcePolicy(new PolicyStatement({ sid: 'NodesSeeThatNothingIsThere', effect: Effect.ALLOW, principals, actions: ['s3:ListBucket'], resources: [this.bucket.bucketArn] }));
  }
}
