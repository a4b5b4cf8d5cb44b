import { requireCalibrationData } from './calibration-data.ts';
import { DomainError } from '../errors.ts';
import { requireSignatory, type Signatory } from '../record/signatory.ts';
import { manifestHashOf, recordCountOf, type DataManifest } from './data-manifest.ts';
import type { Basis, ModelEvent, Training } from './events.ts';
import { inWork, requireVersion, signedPlan, trainsUnderPlan, wasAccepted, type Model, type ModelVersion } from './model.ts';
import type { ModelPlan } from './model-plan.ts';
import { planHashOf } from './schema.ts';

const draft = (model: Model | undefined, modelId: string, plan: ModelPlan, basis: Basis): readonly ModelEvent[] => {
  const open = model === undefined ? undefined : inWork(model);
  if (open !== undefined && open.state !== 'drafted') {
    throw new DomainError('model-state-wrong', `version ${open.version} of model ${modelId} is ${open.state}, want it active or retired before another draft`, { modelId, version: open.version });
  }
  const version = open?.version ?? (model?.versions.length ?? 0) + 1;
  return [{ type: 'model-version-drafted', modelId, version, plan, planHash: planHashOf(plan), basis }];
};

/**
 * Draft a first or a next version, or change the draft in work; a signature on the draft before is void. A model stays with its product and output.
 *
 * @throws DomainError `model-state-wrong` while a candidate waits, `model-file-malformed` when product or output is another
 */
export const draftVersion = (model: Model | undefined, modelId: string, plan: ModelPlan): readonly ModelEvent[] => {
  const made = model?.versions.find(({ state, plan: { productId, output } }) => state !== 'drafted' && (productId !== plan.productId || output !== plan.output));
  if (made !== undefined) {
    throw new DomainError('model-file-malformed', `productId, output: got ${plan.productId}, ${plan.output}, want ${made.plan.productId}, ${made.plan.output} as in version ${made.version}`, { paths: ['productId', 'output'] });
  }
  return draft(model, modelId, plan, { kind: 'new-question' });
};

const originOf = (model: Model, modelId: string, ofVersion: number): ModelVersion => {
  const origin = model.versions.find(({ version }) => version === ofVersion);
  if (origin === undefined) throw new DomainError('model-not-found', `no version ${ofVersion} of model ${modelId}`, { modelId, version: ofVersion });
  return origin;
};

/**
 * Draft a retraining under the change that was planned and signed with an accepted version. The plan is that version's, to the byte: no new question is asked.
 *
 * @throws DomainError `model-not-found`, `model-change-outside-plan` when that version was never accepted, planned no change, is itself a retraining, or has had
 *   as many as planned; `model-state-wrong`
 */
export const draftPlannedRetraining = (model: Model | undefined, modelId: string, ofVersion: number, rationale: string): readonly ModelEvent[] => {
  if (model === undefined) throw new DomainError('model-not-found', `no model ${modelId}`, { modelId });
  const origin = originOf(model, modelId, ofVersion);
  const { prePlannedChange } = origin.plan;
  const outside = (why: string): DomainError => new DomainError('model-change-outside-plan', `version ${ofVersion} of model ${modelId} ${why}; want a new question drafted`, { modelId, version: ofVersion });
  if (!wasAccepted(origin)) throw outside(`is ${origin.state} and was never accepted`);
  if (prePlannedChange === undefined) throw outside('plans no change');
  if (origin.basis.kind !== 'new-question') throw outside(`is itself a retraining of version ${origin.basis.ofVersion}`);
  const before = model.versions.filter(({ state, basis }) => state !== 'drafted' && basis.kind === 'pre-planned-change' && basis.ofVersion === ofVersion).length;
  if (before >= prePlannedChange.maximumVersions) throw outside(`has had ${before} retrainings, of ${prePlannedChange.maximumVersions} planned`);
  return draft(model, modelId, origin.plan, { kind: 'pre-planned-change', ofVersion, rationale });
};

/**
 * Sign question, context of use, input space and acceptance criteria, before a test. By an expert of the process who does not train the model: neither by what the plan says, nor by having handed in a version under
 * this plan, which a planned retraining carries on.
 *
 * @throws DomainError `model-not-found`, `model-state-wrong`, `role-missing`, `signature-meaning-wrong` (wants `approval` of a process scientist), `signature-same-person`
 * @see EU GMP Annex 22 (draft), 3.1, 4.2; FDA draft guidance, step 4
 */
export const approvePlan = (model: Model | undefined, modelId: string, version: number, signatory: Signatory): readonly ModelEvent[] => {
  const { model: known, found } = requireVersion(model, modelId, version, 'drafted');
  requireSignatory(signatory, 'approval', ['process-scientist'], 'approve the plan of a model');
  if (trainsUnderPlan(known, found, signatory.signature.signerId)) {
    throw new DomainError('signature-same-person', `this person trains ${modelId}; another person must approve its plan`, { modelId });
  }
  return [{ type: 'model-plan-approved', version, planHash: found.planHash, signature: signatory.signature }];
};

/** What was trained against what was planned; empty when it is within. */
const outsideFaults = ({ plan, basis }: ModelVersion, { inputs, algorithm, rows, nodeIds }: Training): readonly string[] => {
  const { prePlannedChange, design } = plan;
  const names = plan.inputs.map(({ name }) => name).join(', ');
  return [
    ...(inputs.join(', ') === names ? [] : [`inputs: got ${inputs.join(', ')}, want ${names}`]),
    ...(algorithm === design.algorithm ? [] : [`algorithm: got ${algorithm}, want ${design.algorithm}`]),
    ...(basis.kind === 'pre-planned-change' && prePlannedChange !== undefined && rows < prePlannedChange.minimumRows ? [`rows: got ${rows}, want at least ${prePlannedChange.minimumRows}`] : []),
    ...(basis.kind === 'pre-planned-change' && prePlannedChange !== undefined && nodeIds.length < prePlannedChange.minimumSites ? [`nodeIds: got ${nodeIds.length}, want at least ${prePlannedChange.minimumSites}`] : []),
  ];
};

/** An error rate that was signed says something only over calibration cases. Monitoring alone has none: it is never undecided by its score. @throws DomainError `model-not-calibrated` */
const requireCalibrated = ({ plan: { output, undecided } }: ModelVersion, { calibration }: Training, modelId: string): void => {
  if (calibration !== undefined || output === 'process-monitoring-alarm') return;
  throw new DomainError('model-not-calibrated', `calibrationStatements: got none, want hospitals' counts of calibration cases: the plan signs an error rate of ${undecided.errorRate}, which nothing could be undecided by without them`, { modelId });
};

/**
 * Freeze what was trained: from here on the version is this artefact, by its hash. Its author is another person than who signed the plan it was trained under; who may train stands in the plan, who did in this signature.
 *
 * @param handedIn with the manifest of the training data, whose hash and size `training` names, and that of the calibration cases where there are any
 * @throws DomainError `model-not-found`, `model-state-wrong`, `model-plan-after-test` when the plan is not signed, `role-missing`, `signature-meaning-wrong` (wants
 *   `authorship`), `signature-same-person` (signed this plan), `model-hash-mismatch` (manifest), `model-change-outside-plan` (inputs, algorithm, and the bounds of a planned retraining), those of
 *   `requireCalibrationData`, `model-not-calibrated`
 */
export const submitCandidate = (model: Model | undefined, modelId: string, version: number, handedIn: Readonly<{ training: Training; manifest: DataManifest; calibration?: DataManifest | undefined }>, signatory: Signatory): readonly ModelEvent[] => {
  const { training, manifest, calibration } = handedIn;
  const { model: known, found } = requireVersion(model, modelId, version, 'drafted');
  if (found.planApprovedAt === undefined) throw new DomainError('model-plan-after-test', `version ${version} of ${modelId} has no signed plan, want its acceptance criteria signed first`, { modelId, version });
  requireSignatory(signatory, 'authorship', ['process-scientist', 'master-data-steward'], 'hand in a candidate');
  if (signedPlan(known, found, signatory.signature.signerId)) throw new DomainError('signature-same-person', `this person signed the plan of ${modelId}; another person must hand in what was trained under it`, { modelId, version });
  const hash = manifestHashOf(manifest);
  if (hash !== training.trainingManifestSha256) throw new DomainError('model-hash-mismatch', `trainingManifestSha256: got ${training.trainingManifestSha256}, want ${hash} as of the manifest`, { modelId });
  const faults = [
    ...outsideFaults(found, training),
    ...(recordCountOf(manifest) === training.rows ? [] : [`rows: got ${training.rows}, want ${recordCountOf(manifest)} as in the manifest`]),
    ...(manifest.sites.map(({ nodeId }) => nodeId).join() === training.nodeIds.join() ? [] : [`nodeIds: got ${training.nodeIds.join(', ')}, want those of the manifest, in its order`]),
  ];
  if (faults.length > 0) throw new DomainError('model-change-outside-plan', faults.join('; '), { modelId, paths: faults.map((fault) => fault.split(':')[0] ?? fault) });
  requireCalibrationData(training, { training: manifest, calibration });
  requireCalibrated(found, training, modelId);
  return [{ type: 'model-candidate-submitted', version, training, signature: signatory.signature }];
};
