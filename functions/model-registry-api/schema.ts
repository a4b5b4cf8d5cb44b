import * as z from 'zod';
import { Sha256 } from '../../shared/model-registry/data-manifest.ts';
import { PREDICTION_OUTPUTS } from '../../shared/model-registry/model-plan.ts';
import { MODEL_STATES } from '../../shared/model-registry/model.ts';
import { ModelPlanSchema } from '../../shared/model-registry/schema.ts';
import { contract } from '../_platform/contract.ts';
import { StatementsInput } from './statements.ts';
import { Accepted, Empty, Identifier, PageQuery, Prose, Reason, SignatureInput, pageOf } from '../_platform/fields.ts';

/** Who trains and hands in; the rules refuse their own signatures where another's is wanted. */
export const AUTHORS = ['process-scientist', 'master-data-steward'] as const;
const SCIENCE = ['process-scientist'] as const;
const QUALITY = ['quality-reviewer'] as const;
export const TESTERS = [...SCIENCE, ...QUALITY] as const;
export const READERS = [...AUTHORS, ...QUALITY, 'qualified-person', 'network-coordinator', 'regulator'] as const;

const ModelPath = z.strictObject({ modelId: Identifier });
export const VersionPath = ModelPath.extend({ version: z.string().regex(/^[1-9]\d{0,3}$/, 'want the number of a version, from 1').transform(Number) });
/** Of hospitals, in one command: text in a call of at most 6 MB. */
const STATEMENTS_AT_MOST = 4_500_000;
const Signed = z.strictObject({ signature: SignatureInput });
const drafting = { method: 'POST', query: Empty, answer: Accepted, status: 201, idempotency: 'required', roles: AUTHORS } as const;
const moving = { method: 'POST', query: Empty, path: VersionPath, answer: Accepted, idempotency: 'optional' } as const;
const of = (move: string): string => `/v1/models/{modelId}/versions/{version}/${move}`;

const TrainingInput = z.strictObject({
  artefactSha256: Sha256.describe('Of a file sent to /v1/model-artefacts, or that a federated training left'), documentationSha256: Sha256.describe('Of the documents of its making, whoever keeps them'),
  trainingManifestSha256: Sha256.describe('Of a manifest sent to /v1/data-manifests'), algorithm: Prose, inputs: z.array(Identifier).min(1).max(2000).describe('In the order the model takes them'),
  rows: z.int().min(1).max(10_000_000), nodeIds: z.array(Identifier).min(1).max(1000).describe('In the order of the manifest'), codeVersion: z.string().trim().min(1).max(128), seed: z.int(),
  calibrationManifestSha256: Sha256.exactOptional().describe('Of the manifest of the cases that were counted for calibration, sent to /v1/data-manifests; with `calibrationStatements`, and only with them'),
});

export const DraftModel = contract({
  ...drafting, operation: 'draftModel', route: '/v1/models', summary: 'Draft a model\'s plan, or change the draft in work: what it is for and what it must show', path: Empty,
  body: z.strictObject({ modelId: Identifier, plan: ModelPlanSchema }),
});
export const DraftRetraining = contract({
  ...drafting, operation: 'draftRetraining', route: '/v1/models/{modelId}/retraining', summary: 'Draft a retraining within the change that was planned and signed with an accepted version', path: ModelPath,
  body: z.strictObject({ ofVersion: z.int().min(1).max(9999), rationale: Reason }),
});
export const ApproveModelPlan = contract({ ...moving, operation: 'approveModelPlan', route: of('plan-approval'), summary: 'Sign the plan and its acceptance criteria before any test, as approval, by who does not train the model', roles: SCIENCE, body: Signed });
export const SubmitCandidate = contract({ ...moving, operation: 'submitCandidate', route: of('candidate'), summary: 'Drafted → candidate, signed as authorship: the artefact is frozen by its hash', roles: AUTHORS, maximumBodyBytes: STATEMENTS_AT_MOST, body: Signed.extend({ training: TrainingInput, calibrationStatements: StatementsInput.optional().describe('As each hospital answered at /v1/model-calibrations, signed by it; added up here. Without them the version can not be activated, but for process monitoring') }) });
export const RecordModelTest = contract({
  ...moving, operation: 'recordModelTest', route: of('test'), roles: TESTERS, summary: 'Put the one test of a candidate on record, added up from what hospitals signed for; signed as performed, by who does not train the model', maximumBodyBytes: STATEMENTS_AT_MOST,
  body: Signed.extend({ testDataId: Identifier, statements: StatementsInput.min(1).describe('As each hospital of the test data answered at /v1/model-evaluations, signed by it') }),
});
export const AssessModelDeviation = contract({
  ...moving, operation: 'assessModelDeviation', route: '/v1/models/{modelId}/deviations/{deviationId}/assessment', summary: 'Say what a deviation of a model means, signed as review', roles: QUALITY,
  path: ModelPath.extend({ deviationId: Identifier }), body: Signed.extend({ acceptable: z.boolean(), impact: Prose, rootCause: Prose }),
});
export const AcceptModel = contract({ ...moving, operation: 'acceptModel', route: of('acceptance'), summary: 'Candidate → accepted, signed as approval, by who does not train the model; artefact and manifests are read and hashed again', roles: SCIENCE, body: Signed.extend({ adequacy: Prose.describe('Why it is adequate for its context of use') }) });
export const ActivateModel = contract({ ...moving, operation: 'activateModel', route: of('activation'), summary: 'Accepted → active, signed as responsibility by another person; the version active until now is retired', roles: QUALITY, body: Signed.extend({ artefactSha256: Sha256.describe('Of the artefact that will be deployed') }) });
export const SuspendModel = contract({ ...moving, operation: 'suspendModel', route: of('suspension'), summary: 'Active → suspended, signed as responsibility; hospitals stop asking it. One that is suspended stays so, and each further stop is on record with a deviation of its own', roles: [...TESTERS, 'qualified-person'], body: Signed.extend({ reason: Reason }) });
export const ReinstateModel = contract({ ...moving, operation: 'reinstateModel', route: of('reinstatement'), summary: 'Suspended → active, signed as responsibility, once every deviation is assessed as acceptable, that of each stop among them', roles: QUALITY, body: Signed.extend({ reason: Reason }) });
export const RetireModel = contract({ ...moving, operation: 'retireModel', route: of('retirement'), summary: 'Any state → retired, for good, signed as responsibility', roles: TESTERS, body: Signed.extend({ reason: Reason }) });

const State = z.enum(MODEL_STATES);
export const ModelSummary = z.strictObject({
  modelId: z.string(), productId: z.string(), output: z.enum(PREDICTION_OUTPUTS), title: z.string(), version: z.int().describe('Of the record, to sign'),
  versions: z.array(z.strictObject({ version: z.int(), state: State, artefactSha256: z.string().optional() })), openDeviations: z.int(),
});
const Record_ = z.record(z.string(), z.unknown());
const HistoryEntry = z.looseObject({ type: z.string(), recordedAt: z.string(), who: z.string() });
export const ListModels = contract({ operation: 'listModels', method: 'GET', route: '/v1/models', summary: 'Models and the states of their versions', roles: READERS, path: Empty, query: PageQuery, body: Empty, answer: pageOf(ModelSummary) });
export const ReadModel = contract({
  operation: 'readModel', method: 'GET', route: '/v1/models/{modelId}', summary: 'One model: plans, trainings, tests, deviations, and who signed what', roles: READERS, path: ModelPath, query: Empty, body: Empty,
  answer: ModelSummary.omit({ versions: true }).extend({ versions: z.array(z.looseObject({ version: z.int(), state: State, planHash: z.string(), plan: Record_ })), deviations: z.array(z.looseObject({ deviationId: z.string(), version: z.int(), rule: z.string() })), hospitals: z.array(z.looseObject({ nodeId: z.string(), at: z.string() })).describe('How its versions fare at each hospital, as that told last'), history: z.array(HistoryEntry) }),
});
export const ReadModelCard = contract({
  operation: 'readModelCard', method: 'GET', route: of('card'), summary: 'The model file of one version as a page in Markdown, from the record alone', roles: READERS, path: VersionPath, query: Empty, body: Empty, answer: Empty, produces: ['text/markdown'],
});
