import { sha256Hex } from '../../shared/record/chain.ts';
import type { Json, Person } from '../client/api-client.ts';
import type { Endpoints } from '../client/endpoints.ts';
import { signInAs } from '../example/seed-network.ts';
import { putTableInForce } from './governance.ts';
import type { Cases, Lesson } from './lesson.ts';
import { hospitalsOf, importCases, trainNetwork, type Hospital } from './train-network.ts';

const runOf = ({ modelId }: Lesson): string => `${modelId}-1`;

type SiteData = Readonly<{ nodeId: string; rowsSha256: string; recordDigests: readonly string[] }>;
type Control = Readonly<{ coordinator: Person; author: Person; developer: Person; reviewer: Person }>;
export type TeachOptions = Readonly<{ endpoints: Endpoints; lesson: Lesson; cases: ReadonlyMap<string, Cases>; onProgress(text: string, share: number): void; signal: AbortSignal }>;
export type Taught = Readonly<{ modelId: string; artefactSha256: string }>;

const pathOf = ({ modelId }: Lesson): string => `/v1/models/${modelId}`;
/** How far version 1 has come, so that what was cut off is gone on with; `version` is that of the record, to sign. */
type Stage = Readonly<{ version: number; state?: string; isPlanSigned: boolean; isTested: boolean; planHash?: string; training?: Readonly<{ artefactSha256: string }> }>;
const stageOf = async (lesson: Lesson, person: Person): Promise<Stage> => {
  const { status, body } = await person.request('GET', pathOf(lesson));
  if (status === 404) return { version: 0, isPlanSigned: false, isTested: false };
  const [first] = body['versions'] as readonly Readonly<{ state: string; planHash: string; training?: Readonly<{ artefactSha256: string }> }>[];
  const done = (body['history'] as readonly Readonly<{ type: string }>[]).map(({ type }) => type);
  return { ...first, version: Number(body['version']), isPlanSigned: done.includes('model-plan-approved'), isTested: done.includes('model-test-recorded') };
};
const signModel = async (lesson: Lesson, person: Person, move: string, meaning: Parameters<Person['sign']>[1], body: Json = {}): Promise<Json> =>
  person.sign(`${pathOf(lesson)}/versions/1/${move}`, meaning, (await stageOf(lesson, person)).version, body);

/** Plan, its signature, and the frozen candidate. */
const propose = async (lesson: Lesson, { author, developer }: Control, hospitals: readonly Hospital[], artefactSha256: string): Promise<void> => {
  const { modelId, features, seed } = lesson;
  const { state, isPlanSigned } = await stageOf(lesson, author);
  const plan = lesson.planBy([developer.id]);
  if (state === undefined) await developer.post('/v1/models', { modelId, plan }, `${modelId}-plan`);
  if (!isPlanSigned) await signModel(lesson, author, 'plan-approval', 'approval');
  if (state !== undefined && state !== 'drafted') return;
  const sites = await Promise.all(hospitals.map(({ scientist }) => scientist.get(`/v1/trainings/${runOf(lesson)}/data`))) as unknown as readonly SiteData[];
  const { manifestSha256 } = await developer.post('/v1/data-manifests', { manifest: { sites } });
  await signModel(lesson, developer, 'candidate', 'authorship', {
    training: {
      artefactSha256, documentationSha256: sha256Hex(`docs/federated.md, run ${runOf(lesson)}`), trainingManifestSha256: manifestSha256, algorithm: plan.design.algorithm, inputs: features,
      rows: sites.reduce((sum, { recordDigests }) => sum + recordDigests.length, 0), nodeIds: sites.map(({ nodeId }) => nodeId), codeVersion: '0.1.0', seed,
    },
  });
};

type Evaluated = SiteData & Readonly<{ counts: Readonly<Record<string, number>>; subgroups: readonly Readonly<{ id: string; counts: Readonly<Record<string, number>> }>[] }>;
const added = (all: readonly Readonly<Record<string, number>>[]): Readonly<Record<string, number>> => all.reduce((sum, each) => Object.fromEntries(Object.entries(each).map(([name, count]) => [name, count + (sum[name] ?? 0)])), {});

type Frozen = Readonly<{ lesson: Lesson; testDataId: string; artefactSha256: string; manifestSha256: string; sites: readonly SiteData[] }>;

/** Test data are what hospitals have of it now: named before anybody opens it. */
const registerTestData = async (lesson: Lesson, { reviewer }: Control, hospitals: readonly Hospital[], artefactSha256: string): Promise<Frozen> => {
  const testDataId = `${lesson.modelId}-test-1`;
  const told = await Promise.all(hospitals.map(({ scientist }) => scientist.get(`/v1/model-evaluations/${artefactSha256}/data?label=${lesson.label}`))) as unknown as readonly SiteData[];
  const sites = told.map(({ nodeId, rowsSha256, recordDigests }) => ({ nodeId, rowsSha256, recordDigests }));
  const manifestSha256 = String((await reviewer.post('/v1/data-manifests', { manifest: { sites } }))['manifestSha256']);
  if ((await reviewer.request('GET', `/v1/test-data/${testDataId}`)).status === 404) await reviewer.sign('/v1/test-data', 'responsibility', 0, {
    testDataId, title: 'Simulated test batches of every hospital', manifestSha256, representativeness: lesson.representativeness,
    sites: hospitals.map(({ nodeId, cases }) => ({ nodeId, records: cases.test.length, positives: cases.test.filter(({ label }) => label === 1).length })),
    labelVerifiedFraction: 1, preprocessing: lesson.preprocessing, exclusions: [], generatedDataJustification: lesson.source,
  });
  return { lesson, testDataId, artefactSha256, manifestSha256, sites };
};

/** Have each hospital score its own cases. */
const evaluate = async ({ lesson, artefactSha256, sites }: Frozen, hospitals: readonly Hospital[], subgroups: readonly string[]): Promise<readonly Evaluated[]> => Promise.all(hospitals.map(async ({ scientist, nodeId }) => await scientist.post('/v1/model-evaluations', {
  artefactSha256, label: lesson.label, rowsSha256: sites.find((site) => site.nodeId === nodeId)?.rowsSha256 ?? '', threshold: lesson.threshold, subgroups,
}) as unknown as Evaluated));

/** Register the test data, open it, have it scored, and put the counts on record. */
const test = async (lesson: Lesson, control: Control, hospitals: readonly Hospital[], artefactSha256: string): Promise<void> => {
  const { author, developer } = control;
  const { isTested, planHash } = await stageOf(lesson, author);
  if (isTested) return;
  const frozen = await registerTestData(lesson, control, hospitals, artefactSha256);
  const { testDataId, manifestSha256 } = frozen;
  await author.post(`/v1/test-data/${testDataId}/accesses`, { modelId: lesson.modelId, version: 1, purpose: 'The one test of version 1' }, `${testDataId}-opening`);
  const subgroups = lesson.planBy([developer.id]).subgroups.map(({ id }) => id);
  const found = await evaluate(frozen, hospitals, subgroups);
  await signModel(lesson, author, 'test', 'performed', { report: {
    planHash, artefactSha256, testDataId, testManifestSha256: manifestSha256, sites: found.map(({ nodeId, counts }) => ({ nodeId, counts })),
    subgroups: subgroups.map((id) => ({ id, counts: added(found.flatMap((each) => each.subgroups.filter((own) => own.id === id).map(({ counts }) => counts))) })),
  } });
};

const putToUse = async (lesson: Lesson, { author, reviewer }: Control, artefactSha256: string): Promise<void> => {
  if ((await stageOf(lesson, author)).state === 'candidate') await signModel(lesson, author, 'acceptance', 'approval', { adequacy: 'Met its criteria on simulated cases of every hospital; for the example network only.' });
  await signModel(lesson, reviewer, 'activation', 'responsibility', { artefactSha256 });
};

/**
 * The network learns together on a running local cloud, each step by the person whose step it is, over the interfaces: hospitals take their cases in, a federated training, plan, candidate, test, acceptance,
 * activation, and the table of what may follow. Called again after it was cut off, it goes on.
 *
 * @throws Error when the training is aborted; ProblemError when somebody is refused
 */
export const teachNetwork = async (options: TeachOptions): Promise<Taught> => {
  const { endpoints, lesson, cases, onProgress } = options;
  const { modelId, title, purpose, training } = lesson;
  const sign = (username: string): Promise<Person> => signInAs(endpoints.network, username);
  const control: Control = { coordinator: await sign('coordinator'), author: await sign('author'), developer: await sign('developer'), reviewer: await sign('reviewer') };
  const held = await stageOf(lesson, control.author);
  if (held.state === 'active' && held.training !== undefined) return { modelId, artefactSha256: held.training.artefactSha256 };
  const hospitals = await hospitalsOf(endpoints, cases);
  onProgress('hospitals take in past batches', 0.05);
  await Promise.all(hospitals.map((each) => importCases(modelId, lesson, each)));
  const { artefactSha256 } = await trainNetwork(control.coordinator, hospitals.map(({ nodeId }) => nodeId), {
    ...options, title, purpose, plan: training, runId: runOf(lesson), onStep: (round, rounds) => { onProgress(`federated training, sum ${round} of at most ${rounds}`, 0.1 + (0.6 * round) / rounds); },
  });
  onProgress('plan and candidate', 0.75);
  await propose(lesson, control, hospitals, artefactSha256);
  onProgress('test on cases no training saw', 0.85);
  await test(lesson, control, hospitals, artefactSha256);
  onProgress('acceptance and activation', 0.95);
  await Promise.all(Object.values(endpoints.nodes).map(putTableInForce));
  await putToUse(lesson, control, artefactSha256);
  return { modelId, artefactSha256 };
};
