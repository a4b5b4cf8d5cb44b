import { gunzipSync } from 'node:zlib';
import { parseTar } from 'nanotar';
import { predict } from '../../../models/forest/evaluate.ts';
import type { Forest } from '../../../models/forest/tree.ts';
import { parseXgboostJson } from '../../../models/forest/xgboost-json.ts';
import { AwsError, type Cloud, type LocalService, type LocalServiceFactory, type ProvisionedResource, type ResourceDeclaration, type SdkRequest, type SdkResponse } from '../core/contracts.ts';

/** The model of an archive as the built-in XGBoost container takes it: exactly one top-level file. @throws AwsError */
const loadModel = (name: string, archive: Uint8Array): Forest => {
  // A copy: the reader of tar takes the whole memory behind a view.
  const files = parseTar(Uint8Array.from(gunzipSync(archive))).filter(({ type }) => type === 'file');
  const [file] = files;
  if (file?.data === undefined || files.length !== 1) throw new AwsError('ModelError', `${name} holds ${files.length} files, want exactly one: the container loads every top-level file as a model`, 424);
  return parseXgboostJson(Buffer.from(file.data).toString('utf8'));
};

/** A row of CSV; an empty field is missing. */
const parseRow = (line: string): readonly number[] => line.split(',').map((field) => {
  const value = field.trim() === '' ? Number.NaN : Number(field);
  if (field.trim() !== '' && Number.isNaN(value)) throw new AwsError('ModelError', `could not read '${field.slice(0, 30)}' as a number`, 424);
  return value;
});

/** What a multi-model endpoint looks in, and as whom. */
type Source = Readonly<{ bucket: string; prefix: string; roleArn: string }>;
type Loaded = Readonly<{ etag: string; forest: Forest }>;

const TARGET = /^[A-Za-z0-9][A-Za-z0-9._-]*\.tar\.gz$/;

/** SageMaker: multi-model endpoints of the template, evaluating the archive that a request names, from S3 as the endpoint's role may read it. */
export class SageMakerService implements LocalService {
  readonly name = 'sagemaker';
  readonly signingNames = ['sagemaker'];
  readonly resourceTypes = ['AWS::SageMaker::Model', 'AWS::SageMaker::EndpointConfig', 'AWS::SageMaker::Endpoint'];
  readonly #cloud: Cloud;
  readonly #sources = new Map<string, Source>();
  readonly #configurations = new Map<string, string>();
  readonly #endpoints = new Map<string, string>();
  readonly #loaded = new Map<string, Loaded>();

  constructor(cloud: Cloud) {
    this.#cloud = cloud;
  }

  provision({ stack, logicalId, type, properties }: ResourceDeclaration): ProvisionedResource {
    const name = `${stack.name}-${logicalId}`.toLowerCase();
    const home = `arn:aws:sagemaker:${stack.region}:${stack.account}`;
    if (type === 'AWS::SageMaker::Model') {
      const { ModelDataUrl, Mode } = properties['PrimaryContainer'] as Readonly<{ ModelDataUrl: string; Mode?: string }>;
      const [, bucket = '', prefix = ''] = /^s3:\/\/([^/]+)\/(.+\/)$/.exec(ModelDataUrl) ?? [];
      if (Mode !== 'MultiModel' || bucket === '') throw new Error(`${stack.name}/${logicalId}: the local cloud serves models of Mode MultiModel below a prefix, got ${Mode ?? 'SingleModel'} of ${ModelDataUrl}`);
      this.#sources.set(name, { bucket, prefix, roleArn: String(properties['ExecutionRoleArn']) });
      return { physicalId: `${home}:model/${name}`, attributes: { ModelName: name, Id: name } };
    }
    if (type === 'AWS::SageMaker::EndpointConfig') {
      const [variant] = properties['ProductionVariants'] as readonly Readonly<{ ModelName: string }>[];
      this.#configurations.set(name, variant?.ModelName ?? '');
      return { physicalId: `${home}:endpoint-config/${name}`, attributes: { EndpointConfigName: name } };
    }
    this.#endpoints.set(`${home}:endpoint/${name}`, this.#configurations.get(String(properties['EndpointConfigName'])) ?? '');
    return { physicalId: `${home}:endpoint/${name}`, attributes: { EndpointArn: `${home}:endpoint/${name}` } };
  }

  /** @throws AwsError 400 when the object is not there, or the endpoint's role may not read it */
  async #load({ bucket, prefix, roleArn }: Source, target: string | undefined): Promise<Forest> {
    if (target === undefined || !TARGET.test(target)) throw new AwsError('ValidationError', `TargetModel: got ${target ?? 'none'}, want the name of an archive below ${prefix}`);
    const path = `/${bucket}/${prefix}${target}`;
    const request: SdkRequest = { service: 's3', method: 'GET', path, query: new URLSearchParams(), headers: {}, operation: undefined, body: Buffer.alloc(0), principal: this.#cloud.principalOf(roleArn) };
    const { headers = {}, body = '' } = await this.#cloud.service<LocalService>('s3').handle(request).catch((error: unknown) => {
      throw new AwsError('ValidationError', `Failed to download model data from s3:/${path}: ${error instanceof Error ? error.message : String(error)}`);
    });
    const etag = headers['etag'] ?? '';
    const held = this.#loaded.get(path);
    const loaded = held?.etag === etag ? held : { etag, forest: loadModel(target, Buffer.from(body)) };
    this.#loaded.set(path, loaded);
    return loaded.forest;
  }

  async handle({ path, principal, body, headers }: SdkRequest): Promise<SdkResponse> {
    const name = /^\/endpoints\/([^/]+)\/invocations$/.exec(path)?.[1];
    const arn = `arn:aws:sagemaker:${principal.region}:${principal.account}:endpoint/${name ?? ''}`;
    this.#cloud.authorize(principal, 'sagemaker:InvokeEndpoint', arn);
    const source = this.#sources.get(this.#endpoints.get(arn) ?? '');
    if (source === undefined) throw new AwsError('ValidationError', `no endpoint ${name ?? path}`);
    const forest = await this.#load(source, headers['x-amzn-sagemaker-target-model']);
    const answers = body.toString('utf8').trim().split('\n').map((line) => {
      const features = parseRow(line);
      if (features.length !== forest.featureNames.length) throw new AwsError('ModelError', `got ${features.length} features, want ${forest.featureNames.length}`, 424);
      return predict(forest, features);
    });
    return { status: 200, headers: { 'content-type': 'text/csv; charset=utf-8' }, body: answers.join('\n') };
  }
}

export const createSageMakerService: LocalServiceFactory = (cloud) => new SageMakerService(cloud);
