import type { SignedStatement } from '../../models/federated/secure/statement.ts';
import { DomainError } from '../../shared/errors.ts';
import type { ModelEvent, Training } from '../../shared/model-registry/events.ts';
import { CalibrationCountsSchema, calibrationFrom, reportFrom, TestCountsSchema, type Stated } from '../../shared/model-registry/hospital-counts.ts';
import { acceptVersion, assessModelDeviation, recordTest, type Evidence } from '../../shared/model-registry/judge.ts';
import type { DataManifest } from '../../shared/model-registry/data-manifest.ts';
import { requireSignedManifest, requireWholeRun, runsOf, type DataStatement } from '../../shared/model-registry/data-statement.ts';
import { requireNoTestRows } from '../../shared/model-registry/declared-data.ts';
import { requireVersion, type Model } from '../../shared/model-registry/model.ts';
import { isOpenedFor, requireNothingLeftOut } from '../../shared/model-registry/seen-data.ts';
import { approvePlan, draftPlannedRetraining, draftVersion, submitCandidate } from '../../shared/model-registry/propose.ts';
import { reinstateVersion, retireVersion, suspendVersion } from '../../shared/model-registry/put-to-use.ts';
import { parseModelPlan } from '../../shared/model-registry/schema.ts';
import type { Signatory } from '../../shared/record/signatory.ts';
import { runCommand, signed, type Command } from '../_platform/command.ts';
import { endpoint, type Endpoint } from '../_platform/contract.ts';
import type { Accepted } from '../_platform/fields.ts';
import { readArtefact } from '../_platform/node-models.ts';
import { readManifest, requireArtefact } from './artefacts.ts';
import { declaredSets, openedSets } from './opened-sets.ts';
import type { RegistryPorts } from './ports.ts';
import * as Routes from './schema.ts';
import { keepStatements, statementsOf, takeStatements } from './statements.ts';

type Request = Command<Model, ModelEvent>['request'] & Readonly<{ path: Readonly<{ modelId: string }> }>;
type Decide = (model: Model | undefined, modelId: string, signatory: Signatory) => readonly ModelEvent[];

/** A signed move of a model. */
const move = (ports: RegistryPorts, request: Request, decide: Decide): Promise<Accepted> => {
  const { modelId } = request.path;
  return runCommand<Model, ModelEvent>(ports, { records: ports.models, id: modelId, request, decide: ({ state }, signature, roles) => decide(state, modelId, { signature: signed(signature), roles }) });
};

/** A signed move that hospitals must know of; the clock tells them should this be cut off. */
const publishedMove = async (ports: RegistryPorts, request: Request, decide: Decide): Promise<Accepted> => {
  const accepted = await move(ports, request, decide);
  await ports.publish();
  return accepted;
};

const NOTHING = { sites: [] };

const calibrationOf = async (ports: RegistryPorts, sha256: string | undefined): Promise<Pick<Evidence['manifests'], 'calibration'>> => (sha256 === undefined ? {} : { calibration: await readManifest(ports, sha256) });

/** Calibration added up from what hospitals signed for; nothing where nothing was handed in. */
const countedCalibration = async (ports: RegistryPorts, artefactSha256: string, manifest: DataManifest | undefined, statements: readonly SignedStatement[] | undefined): Promise<Pick<Training, 'calibration'>> => {
  if (statements === undefined || manifest === undefined) {
    if (statements === undefined) return {};
    throw new DomainError('request-malformed', 'training.calibrationManifestSha256: got none, want the manifest of the cases counted', { paths: ['body.training.calibrationManifestSha256'] });
  }
  return { calibration: calibrationFrom(artefactSha256, manifest, await takeStatements(ports, CalibrationCountsSchema, statements)) };
};

/** What an acceptance rests on, read and hashed anew. What is not there yet is left empty: the rules refuse it, by its own name. */
const evidenceFor = async (ports: RegistryPorts, modelId: string, version: number): Promise<Omit<Evidence, 'adequacy'>> => {
  const { state } = await ports.models.load(modelId);
  const found = state?.versions.find((each) => each.version === version && each.state === 'candidate');
  const testData = found?.report === undefined ? undefined : (await ports.testData.load(found.report.testDataId)).state;
  if (found?.training === undefined || testData === undefined) return { artefactSha256: '', testData, manifests: { training: NOTHING, test: NOTHING }, sets: [] };
  const { artefactSha256, trainingManifestSha256, calibrationManifestSha256 } = found.training;
  await readArtefact(ports.bucket, artefactSha256);
  return { artefactSha256, testData, manifests: { training: await readManifest(ports, trainingManifestSha256), test: await readManifest(ports, testData.manifestSha256), ...await calibrationOf(ports, calibrationManifestSha256) }, sets: await openedSets(ports) };
};

/** The rows of one run that is finished here, all of them, and none that was declared as test data when it was planned. */
const requireTrainingRows = async (ports: RegistryPorts, manifest: DataManifest, stated: ReadonlyMap<string, Stated<DataStatement>>): Promise<void> => {
  const runs = new Map((await Promise.all(runsOf(stated).map(async (runId) => [runId, await ports.runOf(runId)] as const))).flatMap(([runId, run]) => (run === undefined ? [] : [[runId, run] as const])));
  requireWholeRun(manifest, stated, new Map(Array.from(runs, ([runId, { siteIds }]) => [runId, siteIds])));
  for (const { startedAtEpochMs } of runs.values()) requireNoTestRows(manifest, await declaredSets(ports, startedAtEpochMs));
};

const requireModel = (model: Model | undefined, modelId: string): Model => {
  if (model === undefined) throw new DomainError('model-not-found', `no model ${modelId}`, { modelId });
  return model;
};

/** Plan, candidate, test and judgement: until a version is accepted. */
export const judgingEndpoints = (ports: RegistryPorts): readonly Endpoint[] => [
  endpoint(Routes.DraftModel, (request) => {
    const { modelId } = request.body;
    const plan = parseModelPlan(request.body.plan);
    return runCommand<Model, ModelEvent>(ports, { records: ports.models, id: modelId, request, decide: ({ state }) => draftVersion(state, modelId, plan) });
  }),
  endpoint(Routes.DraftRetraining, (request) => {
    const { path: { modelId }, body: { ofVersion, rationale } } = request;
    return runCommand<Model, ModelEvent>(ports, { records: ports.models, id: modelId, request, decide: ({ state }) => draftPlannedRetraining(state, modelId, ofVersion, rationale) });
  }),
  endpoint(Routes.ApproveModelPlan, (request) => move(ports, request, (model, id, signatory) => approvePlan(model, id, request.path.version, signatory))),
  endpoint(Routes.SubmitCandidate, async (request) => {
    const { path: { modelId, version }, body: { training: handedIn, calibrationStatements } } = request;
    const { state } = await ports.models.load(modelId);
    const model = requireModel(state, modelId);
    const manifest = await readManifest(ports, handedIn.trainingManifestSha256);
    const stated = await statementsOf(ports, manifest);
    requireSignedManifest(manifest, stated, { role: 'training', artefactSha256: handedIn.artefactSha256 });
    await requireTrainingRows(ports, manifest, stated);
    const cases = await calibrationOf(ports, handedIn.calibrationManifestSha256);
    if (cases.calibration !== undefined) requireSignedManifest(cases.calibration, await statementsOf(ports, cases.calibration), { role: 'calibration' });
    const training: Training = { ...handedIn, ...await countedCalibration(ports, handedIn.artefactSha256, cases.calibration, calibrationStatements) };
    const planned = model.versions.find((each) => each.version === version);
    // A version that is not there is refused by the rules, under its own name.
    if (planned !== undefined) await requireArtefact(ports, training.artefactSha256, training.inputs, planned.plan);
    const accepted = await move(ports, request, (held, id, signatory) => submitCandidate(held, id, version, { training, manifest, ...cases }, signatory));
    await keepStatements(ports, calibrationStatements ?? []);
    return accepted;
  }),
  endpoint(Routes.RecordModelTest, async (request) => {
    const { path: { version }, body: { testDataId, statements } } = request;
    const { state: testData } = await ports.testData.load(testDataId);
    const manifest = testData === undefined ? NOTHING : await readManifest(ports, testData.manifestSha256);
    const sets = await openedSets(ports);
    const stated = await takeStatements(ports, TestCountsSchema, statements);
    const accepted = await move(ports, request, (model, id, signatory) => {
      const { found } = requireVersion(model, id, version, 'candidate');
      if (testData === undefined) throw new DomainError('register-entry-not-found', `no test data ${testDataId}`, { testDataId });
      requireNothingLeftOut(id, version, { testDataId, manifest }, sets);
      return recordTest(model, id, version, { report: reportFrom(id, found, { testData, before: sets.map((each) => each.testData).filter((each) => isOpenedFor(each, id, version)) }, stated), testData }, signatory);
    });
    await keepStatements(ports, statements);
    await ports.publishTests();
    return accepted;
  }),
  endpoint(Routes.AssessModelDeviation, (request) => {
    const { path: { deviationId }, body: { acceptable, impact, rootCause } } = request;
    return move(ports, request, (model, id, signatory) => assessModelDeviation(requireModel(model, id), deviationId, { acceptable, impact, rootCause }, signatory));
  }),
  endpoint(Routes.AcceptModel, async (request) => {
    const { path: { modelId, version }, body: { adequacy } } = request;
    const evidence = await evidenceFor(ports, modelId, version);
    return move(ports, request, (model, id, signatory) => acceptVersion(model, id, version, { ...evidence, adequacy }, signatory));
  }),
];

/** What hospitals hear of, beside activation. */
export const usingEndpoints = (ports: RegistryPorts): readonly Endpoint[] => [
  endpoint(Routes.SuspendModel, (request) => publishedMove(ports, request, (model, id, signatory) => suspendVersion(model, id, request.path.version, request.body.reason, signatory))),
  endpoint(Routes.ReinstateModel, (request) => publishedMove(ports, request, (model, id, signatory) => reinstateVersion(model, id, request.path.version, request.body.reason, signatory))),
  endpoint(Routes.RetireModel, (request) => publishedMove(ports, request, (model, id, signatory) => retireVersion(model, id, request.path.version, request.body.reason, signatory))),
];
