import { DomainError } from '../../shared/errors.ts';
import type { ModelEvent } from '../../shared/model-registry/events.ts';
import type { Model } from '../../shared/model-registry/model.ts';
import type { TestData, TestDataEvent } from '../../shared/model-registry/test-data.ts';
import { openingsOf, type TestOpening } from '../../shared/model-registry/test-opening.ts';
import { keyOf } from '../../shared/storage/keys.ts';
import { PUBLISHED_TESTS } from '../_platform/model-objects.ts';
import type { ObjectStore, OperationsStore } from '../_platform/ports.ts';
import type { StreamRecords } from '../_platform/stream-records.ts';
import { walk } from '../_platform/walk.ts';

export type TestPublisherPorts = Readonly<{
  bucket: Pick<ObjectStore, 'get' | 'put'>;
  operations: Pick<OperationsStore, 'list'>;
  models: Pick<StreamRecords<Model, ModelEvent>, 'load'>;
  testData: Pick<StreamRecords<TestData, TestDataEvent>, 'load'>;
}>;

/** Others that may publish meanwhile before a run gives up. */
const MAXIMUM_ATTEMPTS = 8;

const wantedTests = async ({ operations, models, testData }: TestPublisherPorts): Promise<Uint8Array> => {
  const openings: TestOpening[] = [];
  for await (const { id } of walk<Readonly<{ id: string }>>(operations, keyOf.summary('test-data', '-').pk)) {
    const { state } = await testData.load(id);
    if (state === undefined) throw new DomainError('record-corrupt', `test data ${id} are listed and have no record`, { id });
    const known = new Map<string, Model | undefined>();
    for (const { modelId } of state.accesses) known.set(modelId, (await models.load(modelId)).state);
    openings.push(...openingsOf(state, (modelId) => known.get(modelId)));
  }
  return new TextEncoder().encode(JSON.stringify({ formatVersion: 1, openings }));
};

/**
 * Tell the hospitals which test data are open, for which candidate, by which rule: an object of its own, as hospitals that are not updated read the records of models all the same. Read first is the object, then the records.
 *
 * @returns whether hospitals read something else, or nothing, until now
 * @throws DomainError `version-conflict` after the last attempt, `record-corrupt`
 */
export const createTestPublisher = (ports: TestPublisherPorts) => async (): Promise<boolean> => {
  const { bucket } = ports;
  for (let attempt = 0; attempt < MAXIMUM_ATTEMPTS; attempt += 1) {
    const held = await bucket.get(PUBLISHED_TESTS);
    const wanted = await wantedTests(ports);
    if (held !== undefined && Buffer.compare(held.body, wanted) === 0) return false;
    if (await bucket.put(PUBLISHED_TESTS, wanted, { contentType: 'application/json', ifMatch: held?.etag ?? null })) return true;
  }
  throw new DomainError('version-conflict', `open tests could not be published, others published them ${MAXIMUM_ATTEMPTS} times meanwhile`);
};
