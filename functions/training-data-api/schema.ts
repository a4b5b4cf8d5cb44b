import * as z from 'zod';
import { MOST_EXACT_TRAININGS } from '../../models/federated/private/exact-trainings.ts';
import { DATA_ROLES } from '../../shared/training-data/dataset.ts';
import { contract } from '../_platform/contract.ts';
import { Accepted, Empty, Identifier, pageOf, PageQuery, Prose, Reason, SignatureInput, Title } from '../_platform/fields.ts';

const READERS = ['process-scientist', 'quality-reviewer', 'qualified-person'] as const;
const Sha256 = z.string().regex(/^[0-9a-f]{64}$/, 'want a SHA-256 as 64 lower-case hex digits');
const Feature = z.string().trim().min(1).max(120);
/** A file of some thousand rows goes with it; API Gateway and Lambda take 6 MB. */
const IMPORT_BYTES = 4 * 2 ** 20;

const Row = z.strictObject({
  recordId: Identifier.describe('The hospital\'s own number of the batch, never of a patient. Only its keyed digest is kept'),
  label: z.union([z.literal(0), z.literal(1)]), values: z.array(z.number().nullable()).max(2000).describe('One a feature, null where missing'), subgroups: z.array(Identifier).max(20).optional(),
});
export const ImportTrainingData = contract({
  operation: 'importTrainingData', method: 'POST', route: '/v1/training-data', summary: 'Import historic batches as rows, for training, test or calibration, for good; signed as responsibility. They stay in this hospital', roles: ['process-scientist'],
  path: Empty, query: Empty, idempotency: 'required', status: 201, maximumBodyBytes: IMPORT_BYTES, answer: Accepted,
  body: z.strictObject({ datasetId: Identifier, title: Title, source: Prose.describe('Where the rows come from, and who answers for them'), role: z.enum(DATA_ROLES), label: Feature.describe('What 1 means'), features: z.array(Feature).min(1).max(2000), rows: z.array(Row).min(1).max(10_000), signature: SignatureInput }),
});
export const ListTrainingData = contract({
  operation: 'listTrainingData', method: 'GET', route: '/v1/training-data', summary: 'Imported datasets, without their rows', roles: READERS, path: Empty, query: PageQuery, body: Empty,
  answer: pageOf(z.strictObject({ datasetId: z.string(), title: z.string(), source: z.string(), role: z.enum(DATA_ROLES), label: z.string(), features: z.array(z.string()), rowCount: z.int(), positives: z.int(), sha256: Sha256 })),
});
const BudgetTerms = z.strictObject({
  limitMicroEpsilon: z.int().min(1).max(100_000_000).describe('Privacy loss of a row over all private trainings, ever, in millionths of ε: 1000000 lets each row change the chance of anything learned by a factor of e at most'),
  refusesExact: z.boolean().describe('Whether these rows answer private trainings only'),
  exactTrainings: z.int().min(0).max(MOST_EXACT_TRAININGS).optional().describe('Exact trainings of trees (forest, boosting) that these rows answer, ever, those of before among them. Absent: 10, whatever was agreed before. Monitoring, drift and private trainings are not counted'),
});
const BudgetPath = z.strictObject({ label: Identifier });
const BudgetShown = z.strictObject({ label: z.string(), limitMicroEpsilon: z.int().optional().describe('None until it was approved'), refusesExact: z.boolean().optional(), spentMicroEpsilon: z.int(), leftMicroEpsilon: z.int(), releases: z.int(),
  exactTrainings: z.int().describe('Exact trainings of trees that are allowed, ever'), spentExactTrainings: z.int().describe('Of these answered: each counts by its run, from the first answer on, whatever became of it'), leftExactTrainings: z.int().describe('At most: a training that counts here by its rows is taken in with the next one'), isProposed: z.boolean().describe('Whether a proposal waits for the second signature') });
export const ProposeTrainingBudget = contract({
  operation: 'proposeTrainingBudget', method: 'POST', route: '/v1/training-budgets', summary: 'Propose what trainings may learn of the rows with one label, private and exact ones, signed as authorship. What was spent stays spent', roles: ['process-scientist', 'quality-reviewer', 'qualified-person'],
  path: Empty, query: Empty, idempotency: 'required', status: 201, answer: Accepted, body: BudgetTerms.extend({ label: Identifier.describe('Of the training data: what 1 means'), reason: Reason, signature: SignatureInput }),
});
export const SetTrainingBudget = contract({
  operation: 'setTrainingBudget', method: 'POST', route: '/v1/training-budgets/{label}/approval', summary: 'Approve the proposed budget, signed by another person as approval; from here on it holds', roles: ['quality-reviewer', 'qualified-person'],
  path: BudgetPath, query: Empty, idempotency: 'optional', answer: Accepted, body: z.strictObject({ signature: SignatureInput }),
});
export const ListTrainingBudgets = contract({ operation: 'listTrainingBudgets', method: 'GET', route: '/v1/training-budgets', summary: 'Budgets of this hospital\'s rows by label: ε, and exact trainings. The coordinator sees none of it', roles: READERS, path: Empty, query: PageQuery, body: Empty, answer: pageOf(BudgetShown) });
export const ReadTrainingBudget = contract({
  operation: 'readTrainingBudget', method: 'GET', route: '/v1/training-budgets/{label}', summary: 'One budget, with what was spent on which run', roles: READERS, path: BudgetPath, query: Empty, body: Empty,
  answer: BudgetShown.extend({
    version: z.int().describe('Of the record, to sign'), proposed: BudgetTerms.extend({ reason: z.string(), authorId: z.string() }).optional(),
    booked: z.array(z.strictObject({ runId: z.string(), release: Sha256.describe('Names run, plan and set of hospitals: another set is another release'), microEpsilon: z.int() })),
    trainings: z.array(z.strictObject({ runId: z.string(), label: z.string().describe('That it was planned with: another one where it was over rows that are counted here') })).describe('Exact trainings of trees that were answered'),
  }),
});
