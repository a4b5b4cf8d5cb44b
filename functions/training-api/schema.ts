import * as z from 'zod';
import { PRIVATE_LIMITS } from '../../models/federated/private/forest.ts';
import { contract } from '../_platform/contract.ts';
import { Accepted, Empty, Identifier, pageOf, PageQuery, Prose, Reason, Title } from '../_platform/fields.ts';

const READERS = ['network-coordinator', 'process-scientist', 'master-data-steward', 'quality-reviewer', 'qualified-person', 'regulator'] as const;
const COORDINATOR = ['network-coordinator'] as const;
const RunPath = z.strictObject({ runId: Identifier });
/** Its workflow is named after it: Step Functions takes no wildcard there, and a run that is on record and can not be started would stay so. */
const NewRunId = Identifier.refine((id) => !id.includes('*'), 'want no *, which no workflow may have in its name');
const Feature = z.string().trim().min(1).max(120);
/** Every number is held against the limits of the plan, and refused by its field. */
const TreePlan = z.strictObject({
  method: z.enum(['forest', 'boosting']), features: z.array(Feature).min(1).max(2000).describe('In the order of the model'), label: Feature, seed: z.int().min(0).max(2 ** 32 - 1), treeCount: z.int().min(1).max(2000), depth: z.int().min(1).max(12),
  binLimit: z.int().min(2).max(254), featuresPerNode: z.int().min(1).max(2000), minimumLeaf: z.number().min(1e-6).max(1_000_000), learningRate: z.number().min(1e-6).max(1), regularisation: z.number().min(0).max(1_000_000), rowLimit: z.int().min(1).max(1_000_000).describe('Rows one hospital may hold'),
  splits: z.literal('foreseen').describe('Nothing is opened but sums over all rows, in which each is hidden, and what the model holds. There are no others'),
  ranges: z.array(z.strictObject({ low: z.number(), high: z.number() })).min(1).max(2000).describe('Of each feature, in their order, by the specification and never by the data'),
});
const MonitoringPlan = z.strictObject({
  method: z.literal('monitoring'), variables: z.array(z.strictObject({ name: Feature, low: z.number(), high: z.number() })).min(2).max(300).describe('With their ranges by the specification, never by the data'), label: Feature.describe('Batches with label 0 went well and are counted'),
  components: z.int().min(1).max(299), rowLimit: z.int().min(1).max(1_000_000),
});
const PrivatePlan = z.strictObject({
  method: z.literal('private'), variables: z.array(z.strictObject({ name: Feature, low: z.number(), high: z.number() })).min(1).max(2000).describe('With their ranges by the specification, never by the data'), label: Identifier.describe('As hospitals have it in their budget'),
  seed: z.int().min(0).max(2 ** 32 - 1), treeCount: z.int().min(1).max(PRIVATE_LIMITS.trees), depth: z.int().min(1).max(PRIVATE_LIMITS.depth), rowLimit: z.int().min(1).max(1_000_000).describe('Rows one hospital may hold'),
  microEpsilon: z.int().min(PRIVATE_LIMITS.leastMicroEpsilon).max(PRIVATE_LIMITS.mostMicroEpsilon).describe('Privacy loss of a row, in millionths of ε'), curious: z.int().min(1).max(499).describe('Hospitals that may join with the coordinator, and the promise still holds for the rows of the others'),
});
const PlanInput = z.discriminatedUnion('method', [TreePlan, MonitoringPlan, PrivatePlan]);

export const TrainingSummary = z.strictObject({ runId: z.string(), title: z.string(), status: z.enum(['joining', 'running', 'finished', 'aborted']), invited: z.array(z.string()), round: z.int().describe('Sums made'), modelSha256: z.string().optional() });
export const StartTraining = contract({
  operation: 'startTraining', method: 'POST', route: '/v1/trainings', summary: 'Start a training over hospitals: each answers by its own rules, or declines', roles: COORDINATOR, path: Empty, query: Empty, answer: Accepted, status: 201, idempotency: 'required',
  body: z.strictObject({
    runId: NewRunId, title: Title, purpose: Prose.describe('What the model is for'), invited: z.array(Identifier).min(1).max(500), plan: PlanInput,
    joinWithinMinutes: z.int().min(2).max(20_160), answerWithinMinutes: z.int().min(2).max(1440).describe('For each step of each round'),
  }),
});
export const ListTrainings = contract({ operation: 'listTrainings', method: 'GET', route: '/v1/trainings', summary: 'Trainings and where they stand', roles: READERS, path: Empty, query: PageQuery, body: Empty, answer: pageOf(TrainingSummary) });
export const ReadTraining = contract({
  operation: 'readTraining', method: 'GET', route: '/v1/trainings/{runId}', summary: 'One training: its plan, who takes part, which step is due, every message by its hash', roles: READERS, path: RunPath, query: Empty, body: Empty,
  answer: TrainingSummary.extend({
    version: z.int(), purpose: z.string(), plan: z.looseObject({ method: z.string() }), planHash: z.string(), joined: z.array(z.string()), left: z.record(z.string(), z.string()).describe('Who takes no part, and the code of why'),
    rounds: z.int().describe('Rounds at most'), attempt: z.strictObject({ round: z.int(), attempt: z.int(), due: z.enum(['answer', 'confirm', 'reveal']), closesAt: z.string(), waitingFor: z.array(z.string()) }).optional(),
    rows: z.int().optional().describe('Rows of all hospitals together'), code: z.string().optional(), reason: z.string().optional(), history: z.array(z.looseObject({ type: z.string(), at: z.string() })),
  }),
});
export const AbortTraining = contract({ operation: 'abortTraining', method: 'POST', route: '/v1/trainings/{runId}/abort', summary: 'End a training, with the reason', roles: COORDINATOR, path: RunPath, query: Empty, answer: Accepted, idempotency: 'optional', body: z.strictObject({ reason: Reason }) });
export const ResumeTraining = contract({
  operation: 'resumeTraining', method: 'POST', route: '/v1/trainings/{runId}/resumption', summary: 'Start the workflow of an open training again, should it have failed; nothing is asked twice', roles: COORDINATOR, path: RunPath, query: Empty, idempotency: 'optional', body: Empty,
  answer: z.strictObject({ runId: z.string(), status: z.string() }),
});
