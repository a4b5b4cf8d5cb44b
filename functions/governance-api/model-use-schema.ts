import * as z from 'zod';
import { PREDICTION_OUTPUTS } from '../../shared/model-registry/model-plan.ts';
import { MAY_STOP } from '../../shared/prediction-governance/intervene.ts';
import { contract } from '../_platform/contract.ts';
import { Accepted, DeviceTime, Empty, Identifier, Prose, Reason, SignatureInput } from '../_platform/fields.ts';

const QUALITY = ['quality-reviewer', 'qualified-person'] as const;
const STAFF = ['operator', 'process-scientist', ...QUALITY, 'site-engineer', 'master-data-steward'] as const;
const ModelPath = z.strictObject({ modelId: Identifier });
const VersionPath = ModelPath.extend({ version: z.string().regex(/^[1-9]\d{0,3}$/, 'want the number of a version, from 1').transform(Number) });
const DriftPath = VersionPath.extend({ runId: Identifier.describe('Of the judgement or the stop, as the record names it') });
const Signed = z.strictObject({ signature: SignatureInput });
const acting = { method: 'POST', query: Empty, answer: Accepted, idempotency: 'optional' } as const;
const DRIFT = '/v1/model-use/{modelId}/versions/{version}/drift/{runId}';

const Stop = z.strictObject({ runId: z.string(), by: z.enum(['person', 'rule']), actorId: z.string().describe('Person or function'), reason: z.string(), at: z.string() });
const Assessment = z.looseObject({ acceptable: z.boolean(), impact: z.string(), rootCause: z.string() });
export const ReadModelUse = contract({
  operation: 'readModelUse', method: 'GET', route: '/v1/model-use/{modelId}', summary: 'The use of a model at this hospital: its versions, drift judged here and told by the control site, deviations with who assessed and closed them, stops', roles: STAFF,
  path: ModelPath, query: Empty, body: Empty,
  answer: z.strictObject({
    modelId: z.string(), productId: z.string(), version: z.int().describe('Of the record, to sign'),
    versions: z.array(z.strictObject({ version: z.int(), output: z.enum(PREDICTION_OUTPUTS), state: z.enum(['active', 'suspended', 'retired']), stoppedHere: z.string().optional().describe('Why this hospital stopped it first'), stops: z.array(Stop).optional().describe('Each stop since it last spoke here') })),
    judgements: z.array(z.looseObject({ version: z.int(), runId: z.string(), cases: z.int(), decision: z.enum(['none', 'alarm', 'suspend', 'no-statement']), detail: z.string(), notJudged: z.array(z.string()) })).describe('The last of this hospital\'s own'),
    told: z.array(z.looseObject({ version: z.int(), runId: z.string(), decision: z.enum(['alarm', 'suspend']), isSettled: z.boolean(), assessments: z.array(Assessment) })).describe('Drift over all hospitals, as the control site told'),
    deviations: z.array(z.looseObject({ version: z.int(), runId: z.string(), rule: z.string(), severity: z.string(), state: z.enum(['open', 'assessed', 'closed']), assessments: z.array(Assessment) })),
  }),
});
export const StopModelUse = contract({
  ...acting, operation: 'stopModelUse', route: '/v1/model-use/{modelId}/versions/{version}/stop', summary: 'Stop a version of a model for the whole hospital, at any time, without a signature; a deviation is opened with each stop', roles: MAY_STOP,
  path: VersionPath, body: z.strictObject({ reason: Reason, deviceTime: DeviceTime }),
});
export const ResumeModelUse = contract({
  ...acting, operation: 'resumeModelUse', route: '/v1/model-use/{modelId}/versions/{version}/resume', summary: 'Let a stopped version speak here again, signed as responsibility, once every deviation of its use is closed', roles: QUALITY,
  path: VersionPath, body: Signed.extend({ reason: Reason, deviceTime: DeviceTime }),
});
export const AssessDrift = contract({
  ...acting, operation: 'assessModelDrift', route: `${DRIFT}/assessment`, summary: 'Say what drift of a model, or a stop, means at this hospital, signed as review: drift judged here, or told by the control site', roles: ['process-scientist', ...QUALITY],
  path: DriftPath, body: Signed.extend({ acceptable: z.boolean().describe('False keeps the deviation open'), impact: Prose, rootCause: Prose, deviceTime: DeviceTime }),
});
export const CloseModelDeviation = contract({
  ...acting, operation: 'closeModelDeviation', route: `${DRIFT}/closure`, summary: 'Close a deviation of the use of a model, signed as approval by another person than who assessed it as acceptable', roles: QUALITY,
  path: DriftPath, body: Signed.extend({ conclusion: Prose, deviceTime: DeviceTime }),
});
