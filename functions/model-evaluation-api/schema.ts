import * as z from 'zod';
import { DistributionSchema } from '../../shared/model-registry/distributions.ts';
import { CalibrationCountsSchema, TestCountsSchema } from '../../shared/model-registry/hospital-counts.ts';
import { contract } from '../_platform/contract.ts';
import { Empty, Identifier } from '../_platform/fields.ts';
import { CaseCountsSchema } from './counts-schema.ts';
import { SignedStatement, SiteData } from './site-data-schema.ts';

const Sha256 = z.string().regex(/^[0-9a-f]{64}$/, 'want a SHA-256 as 64 lower-case hex digits');
const Feature = z.string().trim().min(1).max(120);
const ToldRows = z.union([z.enum(['all', 'unseen']), Sha256]).default('all').describe('`unseen`: those that were in no test data that was opened, but for a test of this file that is not over. A hash: the rows that were told under it, as they were told');
export const ReadTestSet = contract({
  operation: 'readTestSet', method: 'GET', route: '/v1/model-evaluations/{artefactSha256}/data', summary: 'What a model would be tested on here, to register the test data before anybody opens it: a hash and keyed digests, nothing is scored', roles: ['process-scientist', 'quality-reviewer'],
  path: z.strictObject({ artefactSha256: Sha256 }), query: z.strictObject({ label: Feature, rows: ToldRows }), body: Empty, answer: SiteData,
});
const Frozen = Sha256.describe('Of the rows as they were told before: with others than these, nothing is counted');
export const EvaluateModel = contract({
  operation: 'evaluateModel', method: 'POST', route: '/v1/model-evaluations', roles: ['process-scientist', 'quality-reviewer'],
  path: Empty, query: Empty, idempotency: 'required',
  summary: 'Count what a candidate says of this hospital\'s test rows, by the rule of its signed plan and by what came true, once for this version whatever test data were opened, where an access signed at the control site is on record here; asked again, it answers what it answered then. The counts of all rows are exact, single cases among them; subgroups below the rows this hospital counts over (5, or more by its file), or all but fewer, are withheld',
  body: z.strictObject({ artefactSha256: Sha256, modelId: Identifier, version: z.int().min(1).max(9999), testDataId: Identifier, label: Feature.describe('Of the rows that were registered: with others nothing is counted') }),
  answer: z.strictObject({ statement: SignedStatement, counted: TestCountsSchema }),
});
export const ReadCalibrationSet = contract({
  operation: 'readCalibrationSet', method: 'GET', route: '/v1/model-calibrations/{artefactSha256}/data', summary: 'What a model would be calibrated on here: a hash and keyed digests, nothing is scored', roles: ['process-scientist', 'quality-reviewer'],
  path: z.strictObject({ artefactSha256: Sha256 }), query: z.strictObject({ label: Feature }), body: Empty, answer: SiteData,
});
export const CalibrateModel = contract({
  operation: 'calibrateModel', method: 'POST', route: '/v1/model-calibrations', summary: 'Count this hospital\'s calibration rows by equal bins of a model\'s score and by what came true, for the registry', roles: ['process-scientist', 'quality-reviewer'],
  path: Empty, query: Empty, idempotency: 'required',
  body: z.strictObject({ artefactSha256: Sha256, label: Feature, rowsSha256: Frozen, bins: z.int().min(2).max(50).describe('Of the score from 0 to 1. The same at every hospital') }),
  answer: z.strictObject({ statement: SignedStatement, counted: CalibrationCountsSchema }),
});
export const ReadModelDistributions = contract({
  operation: 'readModelDistributions', method: 'GET', route: '/v1/model-distributions/{artefactSha256}', summary: 'What a model was asked and said of this hospital\'s batches lately, one answer a batch, counted in the bins of its test; and outcomes that are known', roles: ['process-scientist', 'quality-reviewer'],
  path: z.strictObject({ artefactSha256: Sha256 }), query: z.strictObject({ days: z.string().regex(/^[1-9]\d{0,3}$/, 'want days, 1 to 9999').transform(Number).default(90) }), body: Empty,
  answer: z.strictObject({ nodeId: z.string(), artefactSha256: Sha256, from: z.string(), to: z.string(), cases: z.int(), distributions: z.array(DistributionSchema), outcomes: CaseCountsSchema.optional().describe('By early failure and disposition, where known of as many batches as this hospital counts over, 5 or more') }),
});
