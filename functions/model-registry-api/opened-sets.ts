import { DomainError } from '../../shared/errors.ts';
import { manifestHashOf, type DataManifest } from '../../shared/model-registry/data-manifest.ts';
import { wasDeclaredBefore, type DeclaredSet } from '../../shared/model-registry/declared-data.ts';
import type { Model } from '../../shared/model-registry/model.ts';
import { openedSetOf, type OpenedSet } from '../../shared/model-registry/seen-data.ts';
import type { TestData } from '../../shared/model-registry/test-data.ts';
import { keyOf } from '../../shared/storage/keys.ts';
import { walk } from '../_platform/walk.ts';
import { readManifest } from './artefacts.ts';
import type { RegistryPorts } from './ports.ts';

type Ports = Pick<RegistryPorts, 'bucket' | 'models' | 'operations' | 'testData'>;

type Listed = Readonly<{ id: string; accesses: number }>;

const listedTestData = async ({ operations, testData }: Pick<Ports, 'operations' | 'testData'>, isWanted: (each: Listed) => boolean): Promise<readonly TestData[]> => {
  const found: TestData[] = [];
  for await (const each of walk<Listed>(operations, keyOf.summary('test-data', '-').pk)) {
    const state = isWanted(each) ? (await testData.load(each.id)).state : undefined;
    if (state !== undefined) found.push(state);
  }
  return found;
};

/** Test data that was ever opened, in order of its name. */
export const openedTestData = (ports: Pick<Ports, 'operations' | 'testData'>): Promise<readonly TestData[]> => listedTestData(ports, ({ accesses }) => accesses > 0);

/** @throws DomainError `register-entry-not-found`, `model-hash-mismatch` where it is gone or another */
const manifestOf = async (ports: Ports, { testDataId, manifestSha256 }: TestData): Promise<DataManifest> => {
  const manifest = await readManifest(ports, manifestSha256);
  const hash = manifestHashOf(manifest);
  if (hash !== manifestSha256) throw new DomainError('model-hash-mismatch', `manifest of test data ${testDataId}: got ${hash}, want ${manifestSha256}`, { testDataId });
  return manifest;
};

/**
 * Every set that was registered when a training run was planned, opened or not.
 *
 * @throws DomainError as `openedSets`
 */
export const declaredSets = async (ports: Ports, startedAtEpochMs: number): Promise<readonly DeclaredSet[]> => {
  const declared = (await listedTestData(ports, () => true)).filter((data) => wasDeclaredBefore(data, startedAtEpochMs));
  return Promise.all(declared.map(async (data) => ({ testDataId: data.testDataId, registeredAt: data.registeredAt, manifest: await manifestOf(ports, data) })));
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
  return Promise.all(all.map(async (data) => openedSetOf(data, await manifestOf(ports, data), (modelId) => known.get(modelId))));
};
