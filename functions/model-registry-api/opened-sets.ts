import { DomainError } from '../../shared/errors.ts';
import { manifestHashOf } from '../../shared/model-registry/data-manifest.ts';
import type { Model } from '../../shared/model-registry/model.ts';
import { openedSetOf, type OpenedSet } from '../../shared/model-registry/seen-data.ts';
import type { TestData } from '../../shared/model-registry/test-data.ts';
import { keyOf } from '../../shared/storage/keys.ts';
import { walk } from '../_platform/walk.ts';
import { readManifest } from './artefacts.ts';
import type { RegistryPorts } from './ports.ts';

type Ports = Pick<RegistryPorts, 'bucket' | 'models' | 'operations' | 'testData'>;

/** Test data that was ever opened, in order of its name. */
export const openedTestData = async ({ operations, testData }: Pick<Ports, 'operations' | 'testData'>): Promise<readonly TestData[]> => {
  const found: TestData[] = [];
  for await (const { id, accesses } of walk<Readonly<{ id: string; accesses: number }>>(operations, keyOf.summary('test-data', '-').pk)) {
    const state = accesses === 0 ? undefined : (await testData.load(id)).state;
    if (state !== undefined) found.push(state);
  }
  return found;
};

/**
 * Every set that was ever opened, with the records that are in it and the plans it was opened under.
 *
 * @throws DomainError `register-entry-not-found`, `model-hash-mismatch` where a manifest is gone or another: of what can not be read nobody can say that it shares no record
 */
export const openedSets = async (ports: Ports): Promise<readonly OpenedSet[]> => {
  const all = await openedTestData(ports);
  const ids = [...new Set(all.flatMap(({ accesses }) => accesses.map(({ modelId }) => modelId)))];
  const known = new Map<string, Model | undefined>(await Promise.all(ids.map(async (id) => [id, (await ports.models.load(id)).state] as const)));
  return Promise.all(all.map(async (data) => {
    const manifest = await readManifest(ports, data.manifestSha256);
    const hash = manifestHashOf(manifest);
    if (hash !== data.manifestSha256) throw new DomainError('model-hash-mismatch', `manifest of test data ${data.testDataId}: got ${hash}, want ${data.manifestSha256}`, { testDataId: data.testDataId });
    return openedSetOf(data, manifest, (modelId) => known.get(modelId));
  }));
};
