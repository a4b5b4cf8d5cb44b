import * as z from 'zod';
import { DEVIATION_SEVERITIES } from '../batch/events.ts';
import { DomainError } from '../errors.ts';
import { isOwnName } from '../identity/identifiers.ts';
import { PREDICTION_OUTPUTS } from '../model-registry/model-plan.ts';
import { ROLES } from '../record/envelope.ts';
import type { GovernanceTable } from './table.ts';

const Row = z.strictObject({
  output: z.enum(PREDICTION_OUTPUTS),
  handling: z.discriminatedUnion('kind', [z.strictObject({ kind: z.literal('awareness') }), z.strictObject({ kind: z.literal('needs-signature'), role: z.enum(ROLES).exclude(['regulator', 'network-coordinator']) })]),
  threshold: z.number().min(0).max(1), undecided: z.enum(['show', 'needs-review']), validForMinutes: z.int().min(1).max(24 * 60), acknowledgeWithinSeconds: z.int().min(1).max(3600),
  actions: z.array(z.strictObject({ metric: z.string().trim().min(1).max(200), unit: z.string().max(30), low: z.number(), high: z.number() })).max(20),
  deviation: z.enum(DEVIATION_SEVERITIES).exactOptional(),
});
const GovernanceTableSchema = z.strictObject({
  productId: z.string().regex(/^[a-z][a-z0-9-]{0,63}$/, 'want a lower-case identifier such as cd19-car-t').refine(isOwnName, 'want an identifier that is no word of the language'),
  rows: z.array(Row).min(1).max(PREDICTION_OUTPUTS.length),
});

const faultsOf = ({ rows }: GovernanceTable): readonly string[] => rows.flatMap(({ output, handling, actions }, i) => [
  ...(rows.findIndex((other) => other.output === output) === i ? [] : [`rows.${i}.output: '${output}' stands twice, want each once`]),
  ...(handling.kind === 'awareness' && actions.length > 0 ? [`rows.${i}.actions: got ${actions.length}, want none where the output is for awareness`] : []),
  ...(new Set(actions.map(({ metric }) => metric)).size < actions.length ? [`rows.${i}.actions: a metric stands twice, want each once`] : []),
  ...actions.filter(({ low, high }) => low > high).map(({ metric }) => `rows.${i}.actions.${metric}: want low ≤ high`),
]);

/** @throws DomainError `governance-table-malformed`, every fault named by its path */
export const parseGovernanceTable = (value: unknown): GovernanceTable => {
  const result = GovernanceTableSchema.safeParse(value);
  const faults = result.success ? faultsOf(result.data) : result.error.issues.map(({ path, message }) => `${path.map(String).join('.') || 'table'}: ${message}`);
  if (!result.success || faults.length > 0) throw new DomainError('governance-table-malformed', faults.join('; '), { paths: faults.map((fault) => fault.split(':')[0] ?? fault) });
  return result.data;
};
