import { FEATURE_NAMES } from '../../models/early-prediction/features.ts';
import { sha256Hex } from '../../shared/record/chain.ts';
import type { Json, Person } from '../client/api-client.ts';
import type { Endpoints } from '../client/endpoints.ts';
import { signInAs } from '../example/seed-network.ts';
import { earlyFailurePlan, LOW_VIABILITY, THRESHOLD } from './early-failure-plan.ts';
import { putTableInForce } from './governance.ts';
import type { Cases } from './simulated-cases.ts';
import { hospitalsOf, importCases, LABEL, SOURCE, TREES, trainNetwork, type Hospital } from './train-network.ts';

/** The model that the example network trains; its run and its test data are named after it. */
export const MODEL_ID = 'cd19-early-failure';
const RUN_ID = `${MODEL_ID}-1`;
const TEST_DATA_ID = `${MODEL_ID}-test-1`;

type SiteData = Readonly<{ nodeId: string; rowsSha256: string; recordDigests: readonly string[] }>;
type Control = Readonly<{ coordinator: Person; author: Person; developer: Person; reviewer: Person }>;
export type TeachOptions = Readonly<{ endpoints: Endpoints; cases: ReadonlyMap<string, Cases>; onProgress(text: string, share: number): void; signal: AbortSignal }>;
export type Taught = Readonly<{ modelId: string; artefactSha256: string }>;

const MODEL = `/v1/models/${MODEL_ID}`;
const VERSION = `${MODEL}/versions/1`;
/** How far version 1 has come, so that what was cut off is gone on with; `version` is that of the record, to sign. */
type Stage = Readonly<{ version: number; state?: string; isPlanSigned: boolean; isTested: boolean; planHash?: string; training?: Readonly<{ artefactSha256: string }> }>;
const stageOf = async (person: Person): Promise<Stage> => {
  const { status, body } = await person.request('GET', MODEL);
  if (status === 404) return { version: 0, isPlanSigned: false, isTested: false };
  const [first] = body['versions'] as readonly Readonly<{ state: string; planHash: string; training?: Readonly<{ artefactSha256: string }> }>[];
  const done = (body['history'] as readonly Readonly<{ type: string }>[]).map(({ type }) => type);
  return { ...first, version: Number(body['version']), isPlanSigned: done.includes('model-plan-approved'), isTested: done.includes('model-test-recorded') };
};
const signModel = async (person: Person, path: string, meaning: Parameters<Person['sign']>[1], body: Json = {}): Promise<Json> => person.sign(path, meaning, (await stageOf(person)).version, body);

/** Plan, its signature, and the frozen candidate. */
const propose = async ({ author, developer }: Control, hospitals: readonly Hospital[], { artefactSha256, rows }: Readonly<{ artefactSha256: string; rows: number }>): Promise<void> => {
  const { state, isPlanSigned } = await stageOf(author);
  if (state === undefined) await developer.post('/v1/models', { modelId: MODEL_ID, plan: earlyFailurePlan([developer.id]) }, `${MODEL_ID}-plan`);
  if (!isPlanSigned) await signModel(author, `${VERSION}/plan-approval`, 'approval');
  if (state !== undefined && state !== 'drafted') return;
  const sites = await Promise.all(hospitals.map(({ scientist }) => scientist.get(`/v1/trainings/${RUN_ID}/data`))) as unknown as readonly SiteData[];
  const { manifestSha256 } = await developer.post('/v1/data-manifests', { manifest: { sites } });
  await signModel(developer, `${VERSION}/candidate`, 'authorship', {
    training: {
      artefactSha256, documentationSha256: sha256Hex(`docs/federated.md, run ${RUN_ID}`), trainingManifestSha256: manifestSha256, algorithm: 'federated-forest', inputs: FEATURE_NAMES, rows, nodeIds: sites.map(({ nodeId }) => nodeId),
      codeVersion: '0.1.0', seed: TREES.seed,
    },
  });
};

type Evaluated = SiteData & Readonly<{ counts: Readonly<Record<string, number>>; subgroups: readonly Readonly<{ id: string; counts: Readonly<Record<string, number>> }>[] }>;
const added = (all: readonly Readonly<Record<string, number>>[]): Readonly<Record<string, number>> => all.reduce((sum, each) => Object.fromEntries(Object.entries(each).map(([name, count]) => [name, count + (sum[name] ?? 0)])), {});

/** Register the test data, open it, have each hospital score its own cases, and put the counts on record. */
const test = async ({ author, reviewer }: Control, hospitals: readonly Hospital[], artefactSha256: string): Promise<void> => {
  const { isTested, planHash } = await stageOf(author);
  if (isTested) return;
  const sites = await Promise.all(hospitals.map(({ scientist }) => scientist.get(`/v1/model-evaluations/${artefactSha256}/data?label=${LABEL}`))) as unknown as readonly SiteData[];
  const manifest = { sites: sites.map(({ nodeId, rowsSha256, recordDigests }) => ({ nodeId, rowsSha256, recordDigests })) };
  const { manifestSha256 } = await reviewer.post('/v1/data-manifests', { manifest });
  if ((await reviewer.request('GET', `/v1/test-data/${TEST_DATA_ID}`)).status === 404) await reviewer.sign('/v1/test-data', 'responsibility', 0, {
    testDataId: TEST_DATA_ID, title: 'Simulated test batches of every hospital', manifestSha256, representativeness: 'Every hospital of the example network, drawn as its training batches were, none of them among those.',
    sites: hospitals.map(({ nodeId, cases }) => ({ nodeId, records: cases.test.length, positives: cases.test.filter(({ label }) => label === 1).length })),
    labelVerifiedFraction: 1, preprocessing: 'As the features of the deployed prediction.', exclusions: [], generatedDataJustification: SOURCE,
  });
  await author.post(`/v1/test-data/${TEST_DATA_ID}/accesses`, { modelId: MODEL_ID, version: 1, purpose: 'The one test of version 1' }, `${TEST_DATA_ID}-opening`);
  const found = await Promise.all(hospitals.map(({ scientist, nodeId }) => scientist.post('/v1/model-evaluations', { artefactSha256, label: LABEL, rowsSha256: sites.find((site) => site.nodeId === nodeId)?.rowsSha256 ?? '', threshold: THRESHOLD, subgroups: [LOW_VIABILITY.id] }))) as unknown as readonly Evaluated[];
  await signModel(author, `${VERSION}/test`, 'performed', { report: {
    planHash, artefactSha256, testDataId: TEST_DATA_ID, testManifestSha256: manifestSha256, sites: found.map(({ nodeId, counts }) => ({ nodeId, counts })),
    subgroups: [{ id: LOW_VIABILITY.id, counts: added(found.flatMap(({ subgroups }) => subgroups.map(({ counts }) => counts))) }],
  } });
};

const putToUse = async ({ author, reviewer }: Control, artefactSha256: string): Promise<void> => {
  if ((await stageOf(author)).state === 'candidate') await signModel(author, `${VERSION}/acceptance`, 'approval', { adequacy: 'Met its criteria on simulated cases of every hospital; for the example network only.' });
  await signModel(reviewer, `${VERSION}/activation`, 'responsibility', { artefactSha256 });
};

/**
 * The network learns together on a running local cloud, each step by the person whose step it is, over the interfaces: hospitals take their cases in, a federated training, plan, candidate, test, acceptance,
 * activation, and the table of what may follow. Called again after it was cut off, it goes on.
 *
 * @throws Error when the training is aborted; ProblemError when somebody is refused
 */
export const teachNetwork = async (options: TeachOptions): Promise<Taught> => {
  const { endpoints, cases, onProgress } = options;
  const sign = (username: string): Promise<Person> => signInAs(endpoints.network, username);
  const control: Control = { coordinator: await sign('coordinator'), author: await sign('author'), developer: await sign('developer'), reviewer: await sign('reviewer') };
  const held = await stageOf(control.author);
  if (held.state === 'active' && held.training !== undefined) return { modelId: MODEL_ID, artefactSha256: held.training.artefactSha256 };
  const hospitals = await hospitalsOf(endpoints, cases);
  onProgress('hospitals take in past batches', 0.05);
  await Promise.all(hospitals.map((each) => importCases(MODEL_ID, each)));
  const trained = await trainNetwork(control.coordinator, hospitals.map(({ nodeId }) => nodeId), {
    ...options, runId: RUN_ID, title: 'Early failure, first training', onStep: (round, rounds) => { onProgress(`federated training, sum ${round} of at most ${rounds}`, 0.1 + (0.6 * round) / rounds); },
  });
  onProgress('plan and candidate', 0.75);
  await propose(control, hospitals, trained);
  onProgress('test on cases no training saw', 0.85);
  await test(control, hospitals, trained.artefactSha256);
  onProgress('acceptance and activation', 0.95);
  await Promise.all(Object.values(endpoints.nodes).map(putTableInForce));
  await putToUse(control, trained.artefactSha256);
  return { modelId: MODEL_ID, artefactSha256: trained.artefactSha256 };
};
