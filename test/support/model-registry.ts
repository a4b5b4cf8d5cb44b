import { PUBLISHED_RECORDS } from '../../functions/_platform/model-objects.ts';
import type { DataManifest } from '../../shared/model-registry/data-manifest.ts';
import type { DataStatement } from '../../shared/model-registry/data-statement.ts';
import type { TestCounts } from '../../shared/model-registry/hospital-counts.ts';
import { ruleOf } from '../../shared/model-registry/may-run.ts';
import { ruleHashOf } from '../../shared/model-registry/test-opening.ts';
import type { SignatureMeaning } from '../../shared/record/envelope.ts';
import type { Answered } from './api.ts';
import { createControlSite, type ControlSite } from './control-site.ts';
import { ARTEFACT, ARTEFACT_TEXT, CALIBRATED_ON, CALIBRATION_DATA, MODEL_ID, PLAN, REPORT, TEST_DATA, TEST_TERMS, TESTED_ON, TRAINED_ON, TRAINING } from './model-fixtures.ts';
import { PEOPLE, type TestPerson } from './people.ts';
import { statedBy } from './statements.ts';

export const DEVELOPER: TestPerson = { id: 'dev-1', name: 'Leo Developer', roles: ['process-scientist'] };
const { scientist, reviewer } = PEOPLE;
const STEP_MS = 20_000;

const { calibration: _, ...rest } = TRAINING;
/** What a developer sends; the calibration comes from hospitals. */
export const HANDED_IN = rest;
const COUNTED = [{ nodeId: 'north', positives: [1, 11], negatives: [11, 1] }, { nodeId: 'hill', positives: [0, 8], negatives: [8, 0] }];
const rowsOf = ({ sites }: DataManifest, nodeId: string): string => sites.find((site) => site.nodeId === nodeId)?.rowsSha256 ?? '';
/** What the hospitals of the fixtures signed for, each its own part. */
export const CALIBRATED = await Promise.all(COUNTED.map(({ nodeId, positives, negatives }) =>
  statedBy(nodeId, { kind: 'model-calibration', nodeId, artefactSha256: ARTEFACT, rowsSha256: rowsOf(CALIBRATION_DATA, nodeId), records: 24, countedBy: 'sci-1', positives, negatives })));
/** The part of one hospital in the test, as it signs for it. */
export const testCountsOf = (nodeId: string, own: Partial<TestCounts> = {}): TestCounts => ({
  kind: 'model-test', nodeId, modelId: MODEL_ID, version: 1, planHash: REPORT.planHash, ruleSha256: ruleHashOf(ruleOf(PLAN, TRAINING.calibration)), artefactSha256: ARTEFACT, testDataId: TEST_TERMS.testDataId, testManifestSha256: TEST_TERMS.manifestSha256,
  rowsSha256: rowsOf(TEST_DATA, nodeId), records: nodeId === 'north' ? 50 : 40, countedBy: 'sci-1', counts: REPORT.sites.find((site) => site.nodeId === nodeId)!.counts, subgroups: nodeId === 'north' ? [...REPORT.subgroups] : [], withheld: nodeId === 'north' ? [] : ['low-viability'], ...own,
});
type Counted = Parameters<typeof testCountsOf>[1];
/** Every hospital's part, signed; `own` is what of it is otherwise. */
export const statedWith = (own: Counted | ((nodeId: string) => Counted) = {}) => Promise.all(['north', 'hill'].map((nodeId) => statedBy(nodeId, testCountsOf(nodeId, typeof own === 'function' ? own(nodeId) : own))));
const STATED = await statedWith();

/** The registry of a control site as its people use it, some seconds a step. Who asks and how it is signed can be another's; so can what is sent. */
export const createRegistry = (site: ControlSite = createControlSite()) => {
  const version = async (id: string): Promise<number> => (await site.models.load(id)).position.version;
  const ask = (person: TestPerson, route: string, body: object, path: Readonly<Record<string, string>> = {}): Promise<Answered> => {
    site.time.epochMs += STEP_MS;
    return site.call(person, `POST ${route}`, { path, body });
  };
  const signedMove = (move: string, who: TestPerson, meaning: SignatureMeaning, own: object = {}) => async (person: TestPerson = who, as: SignatureMeaning = meaning, body: object = {}, modelId = MODEL_ID, ofVersion = '1'): Promise<Answered> =>
    ask(person, `/v1/models/{modelId}/versions/{version}/${move}`, { ...own, ...body, signature: site.sign(person, as, await version(modelId)) }, { modelId, version: ofVersion });
  const registry = {
    site, version, ask,
    addArtefact: (artefact = ARTEFACT_TEXT) => ask(DEVELOPER, '/v1/model-artefacts', { artefact }),
    addManifest: async (of: readonly DataStatement[] = TRAINED_ON) => ask(DEVELOPER, '/v1/data-manifests', { statements: await Promise.all(of.map((each) => statedBy(each.nodeId, each))) }),
    draft: (own: object = {}, modelId = MODEL_ID) => ask(DEVELOPER, '/v1/models', { modelId, plan: { ...PLAN, ...own } }),
    approvePlan: signedMove('plan-approval', scientist, 'approval'),
    submit: signedMove('candidate', DEVELOPER, 'authorship', { training: HANDED_IN, calibrationStatements: CALIBRATED }),
    registerTestData: (own: object = {}, person: TestPerson = reviewer) => ask(person, '/v1/test-data', { ...TEST_TERMS, ...own, signature: site.sign(person, 'responsibility', 0) }),
    open: async (person: TestPerson = reviewer, own: object = {}) => ask(person, '/v1/test-data/{testDataId}/accesses', { modelId: MODEL_ID, version: 1, purpose: 'the test', signature: site.sign(person, 'performed', (await site.testData.load(TEST_TERMS.testDataId)).position.version), ...own }, { testDataId: TEST_TERMS.testDataId }),
    test: signedMove('test', reviewer, 'performed', { testDataId: TEST_TERMS.testDataId, statements: STATED }),
    accept: signedMove('acceptance', scientist, 'approval', { adequacy: 'Adequate for its use.' }),
    activate: signedMove('activation', reviewer, 'responsibility', { artefactSha256: ARTEFACT }),
    suspend: signedMove('suspension', scientist, 'responsibility', { reason: 'it alarms too often' }),
    reinstate: signedMove('reinstatement', reviewer, 'responsibility', { reason: 'explained' }),
    retire: signedMove('retirement', reviewer, 'responsibility', { reason: 'no longer wanted' }),
    assess: async (deviationId: string, acceptable = true, person: TestPerson = reviewer): Promise<Answered> => ask(
      person, '/v1/models/{modelId}/deviations/{deviationId}/assessment', { acceptable, impact: 'none', rootCause: 'few cases', signature: site.sign(person, 'review', await version(MODEL_ID)) }, { modelId: MODEL_ID, deviationId },
    ),
  };
  return registry;
};
export type Registry = ReturnType<typeof createRegistry>;

/** What hospitals are told now; undefined before anything is. */
export const publishedBy = ({ site }: Registry): unknown => {
  const body = site.bucket.objects.get(PUBLISHED_RECORDS);
  return body === undefined ? undefined : (JSON.parse(Buffer.from(body).toString('utf8')) as Readonly<{ records: unknown }>).records;
};

/** States of the versions of the fixtures' model. */
export const statesOf = async ({ site }: Registry): Promise<readonly string[]> => (await site.models.load(MODEL_ID)).state?.versions.map(({ state }) => state) ?? [];

const STEPS = ['candidate', 'opened', 'tested', 'accepted', 'active'] as const;
export type Step = (typeof STEPS)[number];

const TAKE: Readonly<Record<Step, (registry: Registry) => readonly (() => Promise<Answered>)[]>> = {
  candidate: ({ addArtefact, addManifest, draft, approvePlan, submit, registerTestData }) => [addArtefact, () => addManifest(), () => addManifest(TESTED_ON), () => addManifest(CALIBRATED_ON), draft, approvePlan, submit, registerTestData],
  opened: ({ open }) => [open], tested: ({ test }) => [test], accepted: ({ accept }) => [accept], active: ({ activate }) => [activate],
};

/** Take the model of the fixtures up to a step. @throws Error when a step is refused */
export const upTo = async (registry: Registry, last: Step): Promise<Registry> => {
  for (const step of STEPS.slice(0, STEPS.indexOf(last) + 1)) {
    for (const take of TAKE[step](registry)) {
      const { status, body } = await take();
      if (status >= 400) throw new Error(`${step}: ${JSON.stringify(body)}`);
    }
  }
  return registry;
};
