import * as z from 'zod';
import { PREDICTION_OUTPUTS } from '../../shared/model-registry/model-plan.ts';
import { contract } from '../_platform/contract.ts';
import { Empty, Identifier, PageQuery, pageOf } from '../_platform/fields.ts';
import { INSPECTORS } from './inspectors.ts';

const ModelState = z.enum(['active', 'suspended', 'retired']);
const ModelVersion = z.strictObject({ version: z.int(), output: z.enum(PREDICTION_OUTPUTS), artefactSha256: z.string().describe('The one file that may answer while the version is active'), state: ModelState });
const DRIFT_ENTRIES = ['alarm', 'suspend', 'settled', 'reference-taken', 'own-none', 'own-alarm', 'own-suspend', 'own-no-statement', 'deviation-raised', 'assessed', 'deviation-closed', 'stopped-by-rule', 'stopped-by-person', 'resumed'] as const;
export const InspectModels = contract({
  operation: 'inspectModels', method: 'GET', route: '/v1/audit/models', summary: 'Which models this hospital might run, and from when to when: what it took from the control site, as it stands in its record and its log',
  roles: [...INSPECTORS, 'process-scientist'], path: Empty, body: Empty, query: PageQuery.extend({ limit: z.coerce.number().int().min(1).max(50).default(20), productId: Identifier.optional() }),
  answer: pageOf(z.strictObject({
    modelId: z.string(), productId: z.string(), version: z.int().describe('Of the record'), versions: z.array(ModelVersion).describe('As they stand now'),
    events: z.array(ModelVersion.extend({ recordVersion: z.int(), recordedAt: z.string(), hash: z.string() })).describe('Each change, in the order it was taken'),
    drift: z.array(z.strictObject({
      version: z.int(), runId: z.string().optional(), what: z.enum(DRIFT_ENTRIES), detail: z.string().optional(), cases: z.int().optional(), from: z.string().optional(), to: z.string().optional(), askedOf: z.array(z.string()).optional(),
      notJudged: z.array(z.string()).optional(), acceptable: z.boolean().optional(), signature: z.strictObject({ signerId: z.string(), printedName: z.string(), meaning: z.string(), signedAt: z.string() }).optional(),
      by: z.string().describe('Person or function'), recordVersion: z.int(), recordedAt: z.string(), hash: z.string(),
    })).describe('Judgements on drift this hospital was told of (alarm, suspend, settled) or made itself (own-…), who was asked, and what its people signed: assessments, closed deviations, the use stopped and resumed'),
  })),
});
