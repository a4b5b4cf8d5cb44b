import { DomainError } from '../../shared/errors.ts';
import type { ModelEvent } from '../../shared/model-registry/events.ts';
import type { Model } from '../../shared/model-registry/model.ts';
import type { TestData, TestDataEvent } from '../../shared/model-registry/test-data.ts';
import { openingsOf, type TestOpening } from '../../shared/model-registry/test-opening.ts';
import { keyOf } from '../../shared/storage/keys.ts';
import type { OperationsStore } from '../_platform/ports.ts';
import type { StreamRecords } from '../_platform/stream-records.ts';
import { walk } from '../_platform/walk.ts';
import { publishObject, type PublishPorts, type Told } from './publish-object.ts';

export type TestPublisherPorts = PublishPorts & Readonly<{
  operations: Pick<OperationsStore, 'list'>;
  models: Pick<StreamRecords<Model, ModelEvent>, 'load'>;
  testData: Pick<StreamRecords<TestData, TestDataEvent>, 'load'>;
}>;

const tellOfTests = async ({ operations, models, testData }: TestPublisherPorts): Promise<Told> => {
  const openings: TestOpening[] = [];
  let sequence = 0;
  for await (const { id } of walk<Readonly<{ id: string }>>(operations, keyOf.summary('test-data', '-').pk)) {
    const { state, position } = await testData.load(id);
    if (state === undefined) throw new DomainError('record-corrupt', `test data ${id} are listed and have no record`, { id });
    const known = new Map<string, Model | undefined>();
    sequence += position.version;
    for (const modelId of new Set(state.accesses.map((access) => access.modelId))) {
      const model = await models.load(modelId);
      known.set(modelId, model.state);
      sequence += model.position.version;
    }
    openings.push(...openingsOf(state, (modelId) => known.get(modelId)));
  }
  return { sequence, content: JSON.stringify({ formatVersion: 1, openings }) };
};

/**
 * Tell the hospitals which test data are open, for which candidate, by which rule: an object of its own, as that of drift.
 *
 * @returns whether hospitals read something else, or nothing, until now
 * @throws DomainError `version-conflict` after the last attempt, `record-corrupt`
 */
export const createTestPublisher = (ports: TestPublisherPorts) => (): Promise<boolean> => publishObject(ports, 'tests', () => tellOfTests(ports));
