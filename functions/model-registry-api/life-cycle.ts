import { DomainError } from '../../shared/errors.ts';
import type { ModelEvent } from '../../shared/model-registry/events.ts';
import { acceptVersion, assessModelDeviation, recordTest, type Evidence } from '../../shared/model-registry/judge.ts';
import type { Model } from '../../shared/model-registry/model.ts';
import { approvePlan, draftPlannedRetraining, draftVersion, submitCandidate } from '../../shared/model-registry/propose.ts';
import { reinstateVersion, retireVersion, suspendVersion } from '../../shared/model-registry/put-to-use.ts';
import { parseModelPlan } from '../../shared/model-registry/schema.ts';
import { parseTestReport } from '../../shared/model-registry/test-report.ts';
import type { Signatory } from '../../shared/record/signatory.ts';
import { runCommand, signed, type Command } from '../_platform/command.ts';
import { endpoint, type Endpoint } from '../_platform/contract.ts';
import type { Accepted } from '../_platform/fields.ts';
import { readArtefact } from '../_platform/node-models.ts';
import { readManifest, requireArtefact } from './artefacts.ts';
import type { RegistryPorts } from './ports.ts';
import * as Routes from './schema.ts';

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

/** What an acceptance rests on, read and hashed anew. What is not there yet is left empty: the rules refuse it, by its own name. */
const evidenceFor = async (ports: RegistryPorts, modelId: string, version: number): Promise<Omit<Evidence, 'adequacy'>> => {
  const { state } = await ports.models.load(modelId);
  const found = state?.versions.find((each) => each.version === version && each.state === 'candidate');
  const testData = found?.report === undefined ? undefined : (await ports.testData.load(found.report.testDataId)).state;
  if (found?.training === undefined || testData === undefined) return { artefactSha256: '', testData, manifests: { training: NOTHING, test: NOTHING } };
  const { artefactSha256, trainingManifestSha256, calibrationManifestSha256 } = found.training;
  await readArtefact(ports.bucket, artefactSha256);
  return { artefactSha256, testData, manifests: { training: await readManifest(ports, trainingManifestSha256), test: await readManifest(ports, testData.manifestSha256), ...await calibrationOf(ports, calibrationManifestSha256) } };
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
    const { path: { modelId, version }, body: { training } } = request;
    const { state } = await ports.models.load(modelId);
    const model = requireModel(state, modelId);
    const manifest = await readManifest(ports, training.trainingManifestSha256);
    const cases = await calibrationOf(ports, training.calibrationManifestSha256);
    const planned = model.versions.find((each) => each.version === version);
    // A version that is not there is refused by the rules, under its own name.
    if (planned !== undefined) await requireArtefact(ports, training.artefactSha256, training.inputs, planned.plan.output);
    return move(ports, request, (held, id, signatory) => submitCandidate(held, id, version, { training, manifest, ...cases }, signatory));
  }),
  endpoint(Routes.RecordModelTest, async (request) => {
    const report = parseTestReport(request.body.report);
    const { state: testData } = await ports.testData.load(report.testDataId);
    return move(ports, request, (model, id, signatory) => recordTest(model, id, request.path.version, { report, testData }, signatory));
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
