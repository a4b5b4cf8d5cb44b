import { openDeviations } from '../../shared/model-registry/judge.ts';
import { evolveModel, type Model } from '../../shared/model-registry/model.ts';
import type { ModelEvent } from '../../shared/model-registry/events.ts';
import { DomainError } from '../../shared/errors.ts';
import { evolveTestData, type TestData, type TestDataEvent } from '../../shared/model-registry/test-data.ts';
import type { StreamType } from '../_platform/stream-records.ts';

/** The list item of a model, under the plan of its last version. */
export const modelSummaryOf = (model: Model) => {
  const last = model.versions.at(-1);
  if (last === undefined) throw new DomainError('record-corrupt', `model ${model.modelId} has no version`, { id: model.modelId });
  const { productId, output, title } = last.plan;
  return {
    modelId: model.modelId, productId, output, title, openDeviations: model.versions.reduce((sum, { version }) => sum + openDeviations(model, version).length, 0),
    versions: model.versions.map(({ version, state, training }) => ({ version, state, ...(training === undefined ? {} : { artefactSha256: training.artefactSha256 }) })),
  };
};

const sumOf = (sites: TestData['sites'], what: 'records' | 'positives'): number => sites.reduce((sum, site) => sum + site[what], 0);
export const testDataSummaryOf = ({ testDataId, title, manifestSha256, sites, accesses }: TestData) =>
  ({ testDataId, title, manifestSha256, records: sumOf(sites, 'records'), positives: sumOf(sites, 'positives'), accesses: accesses.length });

export const MODELS: StreamType<Model, ModelEvent> = { kind: 'model', evolve: evolveModel, summaryOf: modelSummaryOf };
export const TEST_DATA: StreamType<TestData, TestDataEvent> = { kind: 'test-data', evolve: evolveTestData, summaryOf: testDataSummaryOf };
