import { setTimeout as sleep } from 'node:timers/promises';
import { sha256Hex } from '../../shared/record/chain.ts';
import type { Json, Person } from '../client/api-client.ts';
import type { Endpoints } from '../client/endpoints.ts';
import { LocalClock } from '../client/local-clock.ts';
import { signInAs } from '../example/seed-network.ts';
import { confirmPartners } from './confirm-partners.ts';
import { putTableInForce } from './governance.ts';
import type { Cases, Lesson } from './lesson.ts';
import { hospitalsOf, importCases, trainNetwork, type Hospital } from './train-network.ts';

const runOf = ({ modelId }: Lesson): string => `${modelId}-1`;

/** Parts of the score that calibration cases are counted in. */
const CALIBRATION_BINS = 20;
const MINUTE_MS = 60_000;
/** A minute of theirs takes the functions about a second of ours. */
const MINUTE_TAKES_MS = 1000;
const MOST_WAITS = 60;

type SiteData = Readonly<{ nodeId: string; rowsSha256: string; recordDigests: readonly string[]; statement?: object }>;
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

type Answered = Readonly<{ statement: object }>;
/** What a hospital has of one role for the model, told before anything is scored. */
const toldBy = async ({ scientist, nodeId }: Hospital, { label }: Lesson, what: 'model-evaluations' | 'model-calibrations', artefactSha256: string): Promise<SiteData & Readonly<{ positives: number }>> =>
  ({ ...await scientist.get(`/v1/${what}/${artefactSha256}/data?label=${label}`) as unknown as SiteData & Readonly<{ positives: number }>, nodeId });
const manifestOf = async (person: Person, told: readonly SiteData[]): Promise<string> =>
  String((await person.post('/v1/data-manifests', { statements: told.map(({ statement }) => statement) }))['manifestSha256']);

/** What each hospital trained on, which it signs for once it has heard that the training is finished; the clock is moved on, for it hears each minute. */
const trainedOn = ({ endpoints, lesson, signal }: TeachOptions, hospitals: readonly Hospital[]): Promise<readonly SiteData[]> => {
  const clock = new LocalClock(endpoints);
  return Promise.all(hospitals.map(async ({ nodeId, scientist }) => {
    for (let waits = MOST_WAITS; !signal.aborted && waits > 0; waits -= 1) {
      const told = await scientist.get(`/v1/trainings/${runOf(lesson)}/data`) as unknown as SiteData;
      if (told.statement !== undefined) return told;
      await clock.advance(MINUTE_MS);
      await sleep(MINUTE_TAKES_MS);
    }
    throw new Error(`training ${runOf(lesson)}: ${nodeId} never heard that it is finished`);
  }));
};

/** Have each hospital count its calibration cases, and sign for the counts; nothing where the lesson has none. */
const calibrate = async (lesson: Lesson, developer: Person, hospitals: readonly Hospital[], artefactSha256: string): Promise<Readonly<{ named?: Readonly<{ calibrationManifestSha256: string }>; counted?: Readonly<{ calibrationStatements: readonly object[] }> }>> => {
  const having = hospitals.filter(({ cases }) => cases.calibration.length > 0);
  if (having.length === 0) return {};
  const told = await Promise.all(having.map((each) => toldBy(each, lesson, 'model-calibrations', artefactSha256)));
  const answers = await Promise.all(having.map(async ({ scientist }, i) => await scientist.post('/v1/model-calibrations', { artefactSha256, label: lesson.label, rowsSha256: told[i]?.rowsSha256 ?? '', bins: CALIBRATION_BINS }) as unknown as Answered));
  return { named: { calibrationManifestSha256: await manifestOf(developer, told) }, counted: { calibrationStatements: answers.map(({ statement }) => statement) } };
};

/** Plan, its signature, and the frozen candidate. */
const propose = async (options: TeachOptions, { author, developer }: Control, hospitals: readonly Hospital[], artefactSha256: string): Promise<void> => {
  const { lesson } = options;
  const { modelId, features, seed } = lesson;
  const { state, isPlanSigned } = await stageOf(lesson, author);
  const plan = lesson.planBy([developer.id]);
  if (state === undefined) await developer.post('/v1/models', { modelId, plan }, `${modelId}-plan`);
  if (!isPlanSigned) await signModel(lesson, author, 'plan-approval', 'approval');
  if (state !== undefined && state !== 'drafted') return;
  const sites = await trainedOn(options, hospitals);
  const { named, counted } = await calibrate(lesson, developer, hospitals, artefactSha256);
  await signModel(lesson, developer, 'candidate', 'authorship', {
    training: {
      artefactSha256, documentationSha256: sha256Hex(`docs/federated.md, run ${runOf(lesson)}`), trainingManifestSha256: await manifestOf(developer, sites), algorithm: plan.design.algorithm, inputs: features,
      rows: sites.reduce((sum, { recordDigests }) => sum + recordDigests.length, 0), nodeIds: sites.map(({ nodeId }) => nodeId), codeVersion: '0.1.0', seed, ...named,
    }, ...counted,
  });
};

/** Test data are what hospitals have of it now: named before anybody opens it. */
const registerTestData = async (lesson: Lesson, { reviewer }: Control, hospitals: readonly Hospital[], artefactSha256: string, testDataId: string): Promise<void> => {
  if ((await reviewer.request('GET', `/v1/test-data/${testDataId}`)).status !== 404) return;
  const told = await Promise.all(hospitals.map((each) => toldBy(each, lesson, 'model-evaluations', artefactSha256)));
  await reviewer.sign('/v1/test-data', 'responsibility', 0, {
    testDataId, title: 'Simulated test batches of every hospital', manifestSha256: await manifestOf(reviewer, told), representativeness: lesson.representativeness,
    sites: told.map(({ nodeId, recordDigests, positives }) => ({ nodeId, records: recordDigests.length, positives })),
    labelVerifiedFraction: 1, preprocessing: lesson.preprocessing, exclusions: [], generatedDataJustification: lesson.source,
  });
};

/** Have each hospital score its own cases, once it has heard that somebody signed for it; the clock is moved on, for it hears each minute. */
const evaluate = async (lesson: Lesson, { endpoints, signal }: TeachOptions, hospitals: readonly Hospital[], artefactSha256: string, testDataId: string): Promise<readonly object[]> => {
  const clock = new LocalClock(endpoints);
  const asked = { artefactSha256, modelId: lesson.modelId, version: 1, testDataId, label: lesson.label };
  return Promise.all(hospitals.map(async ({ scientist }) => {
    for (let waits = MOST_WAITS; !signal.aborted; waits -= 1) {
      const { status, body } = await scientist.request('POST', '/v1/model-evaluations', asked);
      if (status < 400) return (body as unknown as Answered).statement;
      if (body['type'] !== '/problems/model-test-not-open' || waits <= 0) throw new Error(`test of ${lesson.modelId}: ${JSON.stringify(body)}`);
      await clock.advance(MINUTE_MS);
      await sleep(MINUTE_TAKES_MS);
    }
    throw new Error('stopped');
  }));
};

/** Register the test data, open it, have it scored, and put what hospitals signed for on record. */
const test = async (options: TeachOptions, control: Control, hospitals: readonly Hospital[], artefactSha256: string): Promise<void> => {
  const { lesson } = options;
  const { author } = control;
  if ((await stageOf(lesson, author)).isTested) return;
  const testDataId = `${lesson.modelId}-test-1`;
  await registerTestData(lesson, control, hospitals, artefactSha256, testDataId);
  const { version, accesses } = await author.get(`/v1/test-data/${testDataId}`) as unknown as Readonly<{ version: number; accesses: readonly unknown[] }>;
  if (accesses.length === 0) await author.sign(`/v1/test-data/${testDataId}/accesses`, 'performed', version, { modelId: lesson.modelId, version: 1, purpose: 'The one test of version 1' });
  await signModel(lesson, author, 'test', 'performed', { testDataId, statements: await evaluate(lesson, options, hospitals, artefactSha256, testDataId) });
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
  await confirmPartners(endpoints);
  onProgress('hospitals take in past batches', 0.05);
  await Promise.all(hospitals.map((each) => importCases(modelId, lesson, each)));
  const { artefactSha256 } = await trainNetwork(control.coordinator, hospitals.map(({ nodeId }) => nodeId), {
    ...options, title, purpose, plan: training, runId: runOf(lesson), onStep: (round, rounds) => { onProgress(`federated training, sum ${round} of at most ${rounds}`, 0.1 + (0.6 * round) / rounds); },
  });
  onProgress('plan and candidate', 0.75);
  await propose(options, control, hospitals, artefactSha256);
  onProgress('test on cases no training saw', 0.85);
  await test(options, control, hospitals, artefactSha256);
  onProgress('acceptance and activation', 0.95);
  await Promise.all(Object.values(endpoints.nodes).map(putTableInForce));
  await putToUse(lesson, control, artefactSha256);
  return { modelId, artefactSha256 };
};
