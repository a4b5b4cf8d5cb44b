import { readFileSync } from 'node:fs';
import { gunzipSync } from 'node:zlib';
import { parseTar } from 'nanotar';
import { predict } from '../../../models/forest/evaluate.ts';
import type { Forest } from '../../../models/forest/tree.ts';
import { parseXgboostJson } from '../../../models/forest/xgboost-json.ts';
import { AwsError, type Cloud, type LocalService, type LocalServiceFactory, type ProvisionedResource, type ResourceDeclaration, type SdkRequest, type SdkResponse } from '../core/contracts.ts';

/** The model of an archive as the built-in XGBoost container takes it: exactly one top-level file. @throws Error */
const loadModel = (archive: string): Forest => {
  const files = parseTar(gunzipSync(readFileSync(archive))).filter(({ type }) => type === 'file');
  const [file] = files;
  if (file?.data === undefined || files.length !== 1) throw new Error(`${archive} holds ${files.length} files, want exactly one: the container loads every top-level file as a model`);
  return parseXgboostJson(Buffer.from(file.data).toString('utf8'));
};

/** A row of CSV; an empty field is missing. */
const parseRow = (line: string): readonly number[] => line.split(',').map((field) => {
  const value = field.trim() === '' ? Number.NaN : Number(field);
  if (field.trim() !== '' && Number.isNaN(value)) throw new AwsError('ModelError', `could not read '${field.slice(0, 30)}' as a number`, 424);
  return value;
});

/** SageMaker: endpoints of the template, evaluating the model file they declare. */
export class SageMakerService implements LocalService {
  readonly name = 'sagemaker';
  readonly signingNames = ['sagemaker'];
  readonly resourceTypes = ['AWS::SageMaker::Model', 'AWS::SageMaker::EndpointConfig', 'AWS::SageMaker::Endpoint'];
  readonly #cloud: Cloud;
  readonly #models = new Map<string, Forest>();
  readonly #configurations = new Map<string, string>();
  readonly #endpoints = new Map<string, string>();

  constructor(cloud: Cloud) {
    this.#cloud = cloud;
  }

  provision({ stack, logicalId, type, properties, assetByKey }: ResourceDeclaration): ProvisionedResource {
    const name = `${stack.name}-${logicalId}`.toLowerCase();
    const home = `arn:aws:sagemaker:${stack.region}:${stack.account}`;
    if (type === 'AWS::SageMaker::Model') {
      const url = (properties['PrimaryContainer'] as Readonly<{ ModelDataUrl: string }>).ModelDataUrl;
      const archive = assetByKey.get(url.split('/').at(-1) ?? '');
      if (archive === undefined) throw new Error(`${stack.name}/${logicalId}: the assembly holds no model ${url}`);
      this.#models.set(name, loadModel(archive));
      return { physicalId: `${home}:model/${name}`, attributes: { ModelName: name, Id: name } };
    }
    if (type === 'AWS::SageMaker::EndpointConfig') {
      const [variant] = properties['ProductionVariants'] as readonly Readonly<{ ModelName: string }>[];
      this.#configurations.set(name, variant?.ModelName ?? '');
      return { physicalId: `${home}:endpoint-config/${name}`, attributes: { EndpointConfigName: name } };
    }
    this.#endpoints.set(`${home}:endpoint/${name}`, this.#configurations.get(String(properties['EndpointConfigName'])) ?? '');
    return { physicalId: `${home}:endpoint/${name}`, attributes: { EndpointName: name } };
  }

  handle({ path, principal, body }: SdkRequest): Promise<SdkResponse> {
    const name = /^\/endpoints\/([^/]+)\/invocations$/.exec(path)?.[1];
    const arn = `arn:aws:sagemaker:${principal.region}:${principal.account}:endpoint/${name ?? ''}`;
    this.#cloud.authorize(principal, 'sagemaker:InvokeEndpoint', arn);
    const forest = this.#models.get(this.#endpoints.get(arn) ?? '');
    if (forest === undefined) throw new AwsError('ValidationError', `no endpoint ${name ?? path}`);
    const answers = body.toString('utf8').trim().split('\n').map((line) => {
      const features = parseRow(line);
      if (features.length !== forest.featureNames.length) throw new AwsError('ModelError', `got ${features.length} features, want ${forest.featureNames.length}`, 424);
      return predict(forest, features);
    });
    return Promise.resolve({ status: 200, headers: { 'content-type': 'text/csv; charset=utf-8' }, body: answers.join('\n') });
  }
}

export const createSageMakerService: LocalServiceFactory = (cloud) => new SageMakerService(cloud);
