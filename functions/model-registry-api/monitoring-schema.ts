import * as z from 'zod';
import { DistributionSchema, DistributionsSchema } from '../../shared/model-registry/distributions.ts';
import { contract } from '../_platform/contract.ts';
import { Accepted, Empty } from '../_platform/fields.ts';
import { TESTERS, VersionPath } from './schema.ts';

const Count = z.int().min(0).max(10_000_000);
const CaseCounts = z.strictObject({ truePositive: Count, falsePositive: Count, trueNegative: Count, falseNegative: Count, undecidedPositive: Count, undecidedNegative: Count });

export const MonitorModel = contract({
  operation: 'monitorModel', method: 'POST', route: '/v1/models/{modelId}/versions/{version}/monitoring', roles: TESTERS, path: VersionPath, query: Empty, idempotency: 'optional', maximumBodyBytes: 1_000_000,
  summary: 'Judge drift on counts by the plan that was signed: nothing, a deviation, or suspension at once, without waiting for a signature; the counts are kept under their hash',
  body: z.strictObject({
    current: DistributionsSchema.optional().describe('Inputs and score now, as hospitals give them, added up: judged against those on record with the test'),
    pairs: z.array(z.strictObject({ reference: DistributionSchema, current: DistributionSchema })).max(2000).default([]).describe('For a version whose test has no distributions on record: at the test, and now; the same bins'),
    outcomes: CaseCounts.optional().describe('Of predictions whose truth has arrived'),
  }),
  answer: Accepted.extend({
    decision: z.enum(['none', 'alarm', 'suspend']), detail: z.string(), evidenceSha256: z.string(), notJudged: z.array(z.string()).describe('Too few cases to judge by'),
    shifts: z.array(z.strictObject({ name: z.string(), referenceCases: z.number(), currentCases: z.number(), stabilityIndex: z.number(), largestDifference: z.number(), significance: z.number() })),
  }),
});
