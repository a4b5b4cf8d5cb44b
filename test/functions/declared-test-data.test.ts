import { beforeEach, describe, expect, it } from 'vitest';
import { modelObject } from '../../functions/_platform/model-objects.ts';
import { manifestHashOf } from '../../shared/model-registry/data-manifest.ts';
import type { DataStatement } from '../../shared/model-registry/data-statement.ts';
import { CALIBRATED_ON, dataStatements, manifestOfStatements, MODEL_ID } from '../support/model-fixtures.ts';
import { createRegistry, statesOf, type Registry } from '../support/model-registry.ts';

const DAY_MS = 86_400_000;
let registry: Registry;
beforeEach(async () => {
  registry = createRegistry();
  for (const take of [registry.addArtefact, () => registry.addManifest(), () => registry.addManifest(CALIBRATED_ON), registry.draft, registry.approvePlan]) expect((await take()).status).toBeLessThan(300);
});

/** Registered, and opened for nothing. @returns the hash of its manifest */
const declare = async (testDataId: string, told: readonly DataStatement[]): Promise<string> => {
  const manifestSha256 = manifestHashOf(manifestOfStatements(told));
  await registry.addManifest(told);
  expect((await registry.registerTestData({ testDataId, manifestSha256, sites: told.map(({ nodeId, recordDigests, positives }) => ({ nodeId, records: recordDigests.length, positives })) })).status).toBe(201);
  return manifestSha256;
};
/** The run that the candidate is of is planned now. */
const planRun = (): void => {
  registry.site.time.epochMs += DAY_MS;
  registry.site.runsBegan.epochMs = registry.site.time.epochMs;
};
/** Of the hospitals' rows that trained: north 0 to 9, hill 0 to 11. */
const SHARED = dataStatements('test', [{ nodeId: 'north', from: 9, records: 20 }, { nodeId: 'hill', from: 100, records: 20 }]);
const APART = dataStatements('test', [{ nodeId: 'north', from: 10, records: 20 }, { nodeId: 'hill', from: 100, records: 20 }]);

describe('a record of test data that was declared, and opened for nothing', () => {
  it('trains no version whose training was planned later, and the refusal names the set', async () => {
    await declare('unrelated', APART);
    await declare('declared', SHARED);
    planRun();
    const { code, body } = await registry.submit();
    expect([code, body['testDataIds'], body['nodeIds'], await statesOf(registry)]).toEqual(['model-data-overlap', ['declared'], ['north'], ['drafted']]);
  });
  it('does not void a training that was planned before it was declared', async () => {
    planRun();
    await declare('declared', SHARED);
    expect([(await registry.submit()).status, await statesOf(registry)]).toEqual([200, ['candidate']]);
  });
  it('stands in no way of a training on other records', async () => {
    await declare('unrelated', APART);
    planRun();
    expect([(await registry.submit()).status, await statesOf(registry)]).toEqual([200, ['candidate']]);
  });
  it('lets no candidate in while it can not be read which it is', async () => {
    const manifestSha256 = await declare('unrelated', APART);
    planRun();
    registry.site.bucket.objects.delete(modelObject.manifest(manifestSha256));
    expect((await registry.submit()).code).toBe('register-entry-not-found');
    await registry.site.bucket.put(modelObject.manifest(manifestSha256), Buffer.from(JSON.stringify(manifestOfStatements(SHARED))));
    expect([(await registry.submit()).code, await registry.version(MODEL_ID)]).toEqual(['model-hash-mismatch', 2]);
  });
});
