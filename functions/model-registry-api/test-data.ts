import type * as z from 'zod';
import { DomainError } from '../../shared/errors.ts';
import { accessTestData, registerTestData, type Access, type TestData, type TestDataEvent } from '../../shared/model-registry/test-data.ts';
import type { DataManifest } from '../../shared/model-registry/data-manifest.ts';
import { requireSignedManifest } from '../../shared/model-registry/data-statement.ts';
import type { Model } from '../../shared/model-registry/model.ts';
import { requireNothingLeftOut, requireUnseen, type OpenedSet } from '../../shared/model-registry/seen-data.ts';
import { keyOf } from '../../shared/storage/keys.ts';
import { runCommand, signed } from '../_platform/command.ts';
import { endpoint, type Endpoint } from '../_platform/contract.ts';
import { seenState, type View } from '../_platform/granted-view.ts';
import { loggedAtControlSite } from '../_platform/network-view.ts';
import { readManifest } from './artefacts.ts';
import { openedSets } from './opened-sets.ts';
import type { RegistryPorts } from './ports.ts';
import { statementsOf } from './statements.ts';
import { ListTestData, OpenTestData, ReadTestData, RegisterTestData } from './test-data-schema.ts';

type Listed = z.input<typeof ListTestData.answer>['items'][number];

/** Openings for models that the reader may see. */
const seenAccesses = async ({ sees }: View, { accesses }: TestData): Promise<readonly Access[]> => {
  const seen = await Promise.all(accesses.map(({ modelId }) => sees({ kind: 'model', id: modelId })));
  return accesses.filter((_, i) => seen[i] === true);
};

/** What people and inspectors read of test data. */
export const testDataReading = ({ testData, history, ...ports }: RegistryPorts): readonly Endpoint[] => [
  loggedAtControlSite({ ...ports, record: history }, ListTestData, async ({ query: { limit, cursor } }, view) => {
    const page = await view.operations.list<Listed>(keyOf.summary('test-data', '-').pk, { limit, ...(cursor === undefined ? {} : { cursor }) });
    return {
      ...page, items: await Promise.all(page.items.map(async ({ testDataId, title, manifestSha256, version, records, positives, accesses }) => {
        const { state } = view.isStaff ? { state: undefined } : await seenState(view, testData, { kind: 'test-data', id: testDataId });
        return { testDataId, title, manifestSha256, version, records, positives, accesses: state === undefined ? accesses : (await seenAccesses(view, state)).length };
      })),
    };
  }),
  loggedAtControlSite({ ...ports, record: history }, ReadTestData, async ({ path: { testDataId } }, view) => {
    const { state, position } = await seenState(view, testData, { kind: 'test-data', id: testDataId });
    if (state === undefined) throw new DomainError('register-entry-not-found', `no test data ${testDataId}`, { testDataId });
    return { ...state, sites: [...state.sites], exclusions: [...state.exclusions], accesses: [...await seenAccesses(view, state)], version: position.version };
  }),
];

type ToOpen = Readonly<{ manifest: DataManifest; sets: readonly OpenedSet[] }>;

/** What is in the test data, and what was opened before; nothing where there is no such test data. */
const rowsToOpen = async (ports: RegistryPorts, testDataId: string): Promise<ToOpen | undefined> => {
  const { state } = await ports.testData.load(testDataId);
  return state === undefined ? undefined : { manifest: await readManifest(ports, state.manifestSha256), sets: await openedSets(ports) };
};

/** Hospitals are told of no rows that a test could not be accepted on. @throws DomainError `model-plan-after-test`, `model-test-data-seen`, `model-test-data-left-out` */
const requireOpenable = (model: Model | undefined, { modelId, version, testDataId }: Readonly<{ modelId: string; version: number; testDataId: string }>, rows: ToOpen | undefined): void => {
  const found = model?.versions.find((each) => each.version === version);
  if (model === undefined || found === undefined || rows === undefined) return;
  const { manifest, sets } = rows;
  requireUnseen(model, found, { testDataId, manifest }, sets);
  requireNothingLeftOut(modelId, version, { testDataId, manifest }, sets);
};

/** Test data: registered, opened on record. */
export const testDataEndpoints = (ports: RegistryPorts): readonly Endpoint[] => [
  endpoint(RegisterTestData, async (request) => {
    const { signature: _, ...terms } = request.body;
    const manifest = await readManifest(ports, terms.manifestSha256);
    requireSignedManifest(manifest, await statementsOf(ports, manifest), { role: 'test', positives: new Map(terms.sites.map(({ nodeId, positives }) => [nodeId, positives])) });
    return runCommand<TestData, TestDataEvent>(ports, {
      records: ports.testData, id: terms.testDataId, request,
      decide: ({ state }, signature, roles) => registerTestData(state, terms, manifest, { signature: signed(signature), roles }),
    });
  }),
  endpoint(OpenTestData, async (request) => {
    const { path: { testDataId }, body: { modelId, version, purpose } } = request;
    const { state: model } = await ports.models.load(modelId);
    const rowsOf = await rowsToOpen(ports, testDataId);
    const accepted = await runCommand<TestData, TestDataEvent>(ports, {
      records: ports.testData, id: testDataId, request, decide: ({ state }, signature, roles) => {
        const events = accessTestData(state, testDataId, model, { modelId, version, purpose }, { signature: signed(signature), roles });
        requireOpenable(model, { modelId, version, testDataId }, rowsOf);
        return events;
      },
    });
    await ports.publishTests();
    return accepted;
  }),
];
