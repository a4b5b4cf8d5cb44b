import type * as z from 'zod';
import { DomainError } from '../../shared/errors.ts';
import { accessTestData, registerTestData, type TestData, type TestDataEvent } from '../../shared/model-registry/test-data.ts';
import { keyOf } from '../../shared/storage/keys.ts';
import { runCommand, signed } from '../_platform/command.ts';
import { endpoint, type Endpoint } from '../_platform/contract.ts';
import { readManifest } from './artefacts.ts';
import type { RegistryPorts } from './ports.ts';
import { ListTestData, OpenTestData, ReadTestData, RegisterTestData } from './test-data-schema.ts';

type Listed = z.input<typeof ListTestData.answer>['items'][number];

/** Test data: registered, opened on record, shown. */
export const testDataEndpoints = (ports: RegistryPorts): readonly Endpoint[] => [
  endpoint(RegisterTestData, async (request) => {
    const { signature: _, ...terms } = request.body;
    const manifest = await readManifest(ports, terms.manifestSha256);
    return runCommand<TestData, TestDataEvent>(ports, {
      records: ports.testData, id: terms.testDataId, request,
      decide: ({ state }, signature, roles) => registerTestData(state, terms, manifest, { signature: signed(signature), roles }),
    });
  }),
  endpoint(OpenTestData, async (request) => {
    const { path: { testDataId }, body: { modelId, version, purpose } } = request;
    const { state: model } = await ports.models.load(modelId);
    const accepted = await runCommand<TestData, TestDataEvent>(ports, {
      records: ports.testData, id: testDataId, request, decide: ({ state }, signature, roles) => accessTestData(state, testDataId, model, { modelId, version, purpose }, { signature: signed(signature), roles }),
    });
    await ports.publishTests();
    return accepted;
  }),
  endpoint(ListTestData, async ({ query: { limit, cursor } }) => {
    const page = await ports.operations.list<Listed>(keyOf.summary('test-data', '-').pk, { limit, ...(cursor === undefined ? {} : { cursor }) });
    return { ...page, items: page.items.map(({ testDataId, title, manifestSha256, version, records, positives, accesses }) => ({ testDataId, title, manifestSha256, version, records, positives, accesses })) };
  }),
  endpoint(ReadTestData, async ({ path: { testDataId } }) => {
    const { state, position } = await ports.testData.load(testDataId);
    if (state === undefined) throw new DomainError('register-entry-not-found', `no test data ${testDataId}`, { testDataId });
    return { ...state, sites: [...state.sites], exclusions: [...state.exclusions], accesses: [...state.accesses], version: position.version };
  }),
];
