import { gzipSync } from 'node:zlib';
import { createTar } from 'nanotar';
import { beforeEach, describe, expect, it } from 'vitest';
import { archiveOf } from '../../functions/model-intake/files.ts';
import { predict } from '../../models/forest/evaluate.ts';
import { parseXgboostJson } from '../../models/forest/xgboost-json.ts';
import { AwsError, type Cloud, type Principal, type SdkRequest } from '../../infra/local/core/contracts.ts';
import { SageMakerService } from '../../infra/local/services/sagemaker.ts';
import { ARTEFACT_TEXT } from '../support/model-fixtures.ts';

const STACK = { name: 'Node', account: '111111111111', region: 'eu-west-2' };
const ENDPOINT = 'node-endpoint';
const principal: Principal = { arn: 'arn:aws:iam::111111111111:role/predict', account: STACK.account, region: STACK.region, policies: [], admin: false };
const objects = new Map<string, Buffer>();
const readAs: string[] = [];

const cloud = {
  authorize: () => undefined,
  principalOf: (roleArn: string): Principal => ({ ...principal, arn: roleArn }),
  service: () => ({
    handle: ({ path, principal: { arn } }: SdkRequest) => {
      readAs.push(arn);
      const body = objects.get(path);
      return body === undefined ? Promise.reject(new AwsError('NoSuchKey', 'The specified key does not exist.', 404)) : Promise.resolve({ status: 200, headers: { etag: `"${body.length}-${body.subarray(0, 60).toString('hex')}"` }, body });
    },
  }),
} as unknown as Cloud;

let service: SageMakerService;
const declare = (logicalId: string, type: string, properties: Readonly<Record<string, unknown>>) => service.provision({ stack: STACK, logicalId, type, properties, assetByKey: new Map() });
beforeEach(() => {
  service = new SageMakerService(cloud);
  objects.clear();
  readAs.length = 0;
  const model = declare('Model', 'AWS::SageMaker::Model', { ExecutionRoleArn: 'arn:aws:iam::111111111111:role/endpoint', PrimaryContainer: { Mode: 'MultiModel', ModelDataUrl: 's3://models/archives/' } });
  const configuration = declare('Configuration', 'AWS::SageMaker::EndpointConfig', { ProductionVariants: [{ ModelName: model.attributes['ModelName'] }] });
  declare('Endpoint', 'AWS::SageMaker::Endpoint', { EndpointConfigName: configuration.attributes['EndpointConfigName'] });
});

const invoke = (target: string | undefined, body = '6.5,10\n,') => service.handle({
  service: 'sagemaker', method: 'POST', path: `/endpoints/${ENDPOINT}/invocations`, query: new URLSearchParams(), operation: undefined, body: Buffer.from(body), principal, headers: target === undefined ? {} : { 'x-amzn-sagemaker-target-model': target },
});
const put = (name: string, text: string): unknown => objects.set(`/models/archives/${name}`, Buffer.from(archiveOf(Buffer.from(text))));

describe('the local multi-model endpoint', () => {
  it('answers with the archive that is asked for, read as the endpoint\'s own role, and with its new content once it changed', async () => {
    put('a.tar.gz', ARTEFACT_TEXT);
    const other = ARTEFACT_TEXT.replaceAll('-1.5', '-2.5');
    put('b.tar.gz', other);
    const wanted = (text: string) => [[6.5, 10], [Number.NaN, Number.NaN]].map((row) => predict(parseXgboostJson(text), row)).join('\n');
    expect([(await invoke('a.tar.gz')).body, (await invoke('b.tar.gz')).body]).toEqual([wanted(ARTEFACT_TEXT), wanted(other)]);
    expect(new Set(readAs)).toEqual(new Set(['arn:aws:iam::111111111111:role/endpoint']));
    put('a.tar.gz', other);
    expect((await invoke('a.tar.gz')).body).toBe(wanted(other));
  });
  it.each([['none', undefined], ['a path', '../a.tar.gz'], ['what is not there', 'c.tar.gz']])('refuses a request that names %s', async (_, target) => {
    put('a.tar.gz', ARTEFACT_TEXT);
    await expect(invoke(target)).rejects.toMatchObject({ code: 'ValidationError' });
  });
  it('refuses an archive of two files, which the container would load both, and rows of another width', async () => {
    const data = Buffer.from(ARTEFACT_TEXT);
    objects.set('/models/archives/two.tar.gz', gzipSync(createTar([{ name: 'a.json', data: Uint8Array.from(data) }, { name: 'b.json', data: Uint8Array.from(data) }])));
    put('a.tar.gz', ARTEFACT_TEXT);
    await expect(invoke('two.tar.gz')).rejects.toMatchObject({ code: 'ModelError' });
    await expect(invoke('a.tar.gz', '1')).rejects.toMatchObject({ code: 'ModelError' });
  });
  it('is declared as one: a model of a single archive is refused when the cloud is brought up', () => {
    expect(() => declare('Single', 'AWS::SageMaker::Model', { ExecutionRoleArn: 'r', PrimaryContainer: { ModelDataUrl: 's3://models/model.tar.gz' } })).toThrow('MultiModel');
  });
});
