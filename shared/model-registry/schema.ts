import * as z from 'zod';
import { MAXIMUM_ENTRY_BYTES } from '../audit-log/hash.ts';
import { DomainError } from '../errors.ts';
import { isOwnName } from '../identity/identifiers.ts';
import { canonicalJson } from '../record/canonical-json.ts';
import { sha256Hex } from '../record/chain.ts';
import { ROLES } from '../record/envelope.ts';
import { METRICS, modelRisk, PREDICTION_OUTPUTS, RISK_LEVELS, type ModelPlan } from './model-plan.ts';

const Id = z.string().regex(/^[a-z][a-z0-9-]{0,63}$/, 'want a lower-case identifier such as early-failure')
  .refine(isOwnName, 'want an identifier that is no word of the language, such as constructor');
const Text = z.string().trim().min(1).max(4000);
const Fraction = z.number().min(0).max(1);
const Count = z.int().min(1).max(10_000_000);
const Personal = z.string().min(1).max(128);

/** A column a model may take: what trainings ask for is held to the same. */
export const InputName = Id;
const Input = z.strictObject({ name: InputName, title: Text, unit: z.string().max(30), low: z.number(), high: z.number(), mayBeMissing: z.boolean() })
  .refine(({ low, high }) => low < high, { path: ['high'], error: 'want low < high' });
const Risk = z.strictObject({ riskId: z.string().trim().min(1).max(64), influence: z.enum(RISK_LEVELS), consequence: z.enum(RISK_LEVELS), rationale: Text });
const Design = z.strictObject({
  algorithm: Text, static: z.literal(true), deterministic: z.literal(true), explanation: z.enum(['tree-shap', 'contributions']), developerIds: z.array(Personal).min(1).max(50),
});
const Criterion = z.strictObject({ id: Id, metric: z.enum(METRICS), stratum: Id, measure: z.enum(['estimate', 'lower-limit']), minimum: Fraction });
const TestPlan = z.strictObject({
  protocol: Text, criteria: z.array(Criterion).min(1).max(100),
  baseline: z.strictObject({ description: Text, values: z.array(z.strictObject({ metric: z.enum(METRICS), value: Fraction })).min(1).max(METRICS.length) }),
  dataRequirement: Text, minimumCasesPerStratum: Count, minimumLabelVerifiedFraction: Fraction,
});
export const MonitoringSchema = z.strictObject({
  stabilityAlarm: z.number().positive().max(10), stabilitySuspension: z.number().positive().max(10), significance: z.number().positive().max(0.1), minimumCases: Count,
  performance: z.array(z.strictObject({ metric: z.enum(METRICS).exclude(['f1']), minimum: Fraction })).min(1).max(METRICS.length),
  suspension: z.enum(['by-rule', 'by-people']).exactOptional(),
}).refine(({ stabilityAlarm, stabilitySuspension }) => stabilityAlarm <= stabilitySuspension, { path: ['stabilitySuspension'], error: 'want at least stabilityAlarm' });

export const ModelPlanSchema = z.strictObject({
  productId: Id, title: Text, output: z.enum(PREDICTION_OUTPUTS), question: Text,
  contextOfUse: z.strictObject({ description: Text, users: z.array(z.enum(ROLES)).min(1).max(ROLES.length), decision: Text, otherEvidence: z.array(Text).min(1).max(30) }),
  inputs: z.array(Input).min(1).max(2000), subgroups: z.array(z.strictObject({ id: Id, title: Text, rule: Text })).min(1).max(50),
  risk: Risk, design: Design, threshold: Fraction, undecided: z.strictObject({ errorRate: z.number().gt(0).lt(0.5), handling: Text }), test: TestPlan, monitoring: MonitoringSchema,
  prePlannedChange: z.strictObject({ description: Text, protocol: Text, impactAssessment: Text, minimumRows: Count, minimumSites: Count, maximumVersions: z.int().min(1).max(50) }).exactOptional(),
});

/** Words a criterion's stratum may be, which no subgroup may be called. */
const STRATUM_WORDS = ['all', 'each-site', 'each-subgroup'];

const twice = (path: string, ids: readonly string[]): readonly string[] =>
  [...new Set(ids.filter((id, i) => ids.indexOf(id) !== i))].map((id) => `${path}: '${id}' stands twice, want each once`);

/** A baseline that no criterion over all cases reaches would let a worse model in. */
const baselineFaults = ({ criteria, baseline }: ModelPlan['test']): readonly string[] => baseline.values.flatMap(({ metric, value }) => {
  const best = Math.max(-1, ...criteria.filter((each) => each.metric === metric && each.stratum === 'all').map(({ minimum }) => minimum));
  return best >= value ? [] : [`test.criteria: got ${best < 0 ? 'none' : best} for ${metric} over all, want at least the baseline's ${value}`];
});

const faultsOf = ({ inputs, subgroups, risk, test }: ModelPlan): readonly string[] => {
  const strata = [...STRATUM_WORDS, ...subgroups.map(({ id }) => id)];
  const subgroupTested = test.criteria.some(({ stratum }) => !['all', 'each-site'].includes(stratum));
  return [
    ...twice('inputs', inputs.map(({ name }) => name)), ...twice('subgroups', subgroups.map(({ id }) => id)), ...twice('test.criteria', test.criteria.map(({ id }) => id)),
    ...twice('test.baseline.values', test.baseline.values.map(({ metric }) => metric)),
    ...subgroups.filter(({ id }) => STRATUM_WORDS.includes(id) || id.startsWith('site-')).map(({ id }) => `subgroups: got '${id}', want a name other than ${STRATUM_WORDS.join(', ')} or site-…`),
    ...test.criteria.filter(({ stratum }) => !strata.includes(stratum)).map(({ id, stratum }) => `test.criteria.${id}.stratum: got '${stratum}', want one of ${strata.join(', ')}`),
    ...test.criteria.filter(({ metric, measure }) => metric === 'f1' && measure === 'lower-limit').map(({ id }) => `test.criteria.${id}.measure: got lower-limit, want estimate: F1 has no exact interval`),
    ...baselineFaults(test),
    ...(modelRisk(risk) !== 'low' && !test.criteria.some(({ measure }) => measure === 'lower-limit') ? ['test.criteria: got estimates only, want one lower-limit at least where the risk is medium or high'] : []),
    ...(test.criteria.some(({ metric, stratum }) => metric === 'decided' && stratum === 'all') ? [] : ['test.criteria: got none of decided over all, want one: the other metrics are of decided cases']),
    ...(modelRisk(risk) === 'high' && !subgroupTested ? ['test.criteria: got none of a subgroup, want one at least where the risk is high'] : []),
  ];
};

/** What a plan may weigh, as it goes on record whole in one entry of the log with its envelope and, later, the records of hospitals, which are smaller. */
export const MOST_PLAN_BYTES = 60_000;

const sizeFaults = (plan: ModelPlan): readonly string[] => {
  const bytes = Buffer.byteLength(canonicalJson(plan));
  return bytes <= MOST_PLAN_BYTES ? [] : [`inputs: got ${plan.inputs.length}, which make a plan of ${bytes} bytes, want at most ${MOST_PLAN_BYTES}: an entry of the log holds ${MAXIMUM_ENTRY_BYTES}. Shorten their titles, or take fewer`];
};

const malformed = (faults: readonly string[]): DomainError =>
  new DomainError('model-file-malformed', faults.join('; '), { paths: faults.map((fault) => fault.split(':')[0] ?? fault) });

/**
 * Check foreign input: shape first, then that its parts agree.
 *
 * @throws DomainError `model-file-malformed`, every fault named by its path
 */
export const parseModelPlan = (value: unknown): ModelPlan => {
  const result = ModelPlanSchema.safeParse(value);
  if (!result.success) throw malformed(result.error.issues.map(({ path, message }) => `${path.map(String).join('.') || 'plan'}: ${message}`));
  const faults = [...faultsOf(result.data), ...sizeFaults(result.data)];
  if (faults.length > 0) throw malformed(faults);
  return result.data;
};

/** What is signed before the test: SHA-256 (hex) of the plan's canonical JSON. */
export const planHashOf = (plan: ModelPlan): string => sha256Hex(canonicalJson(plan));
