import type { NodeModel } from '../../shared/model-registry/node-record.ts';
import type { DriftPolicy } from '../../shared/model-registry/own-drift.ts';
import type { PredictionOutput } from '../../shared/model-registry/model-plan.ts';
import type { GovernanceTableEvent, TableRecord } from '../../shared/prediction-governance/table.ts';
import type { Role } from '../../shared/record/envelope.ts';
import type { StreamRecords } from './stream-records.ts';

/** Who looks at drift wherever the table names nobody else. */
const REVIEWERS: readonly Role[] = ['process-scientist', 'quality-reviewer'];
const SEVERITY = 'major';

/** Whom the hospital's governance table asks about outputs of a model, and who reviews; and how severe it calls their drift: of several the first. */
export const driftPolicyOf = async (tables: Pick<StreamRecords<TableRecord, GovernanceTableEvent>, 'load'>, { productId }: Pick<NodeModel, 'productId'>, outputs: readonly PredictionOutput[]): Promise<DriftPolicy> => {
  const table = (await tables.load(productId)).state?.versions.find(({ state }) => state === 'effective');
  const rows = (table?.content.rows ?? []).filter(({ output }) => outputs.includes(output));
  const deciders = rows.flatMap(({ handling }) => (handling.kind === 'needs-signature' ? [handling.role] : []));
  return { askedOf: [...new Set([...deciders, ...REVIEWERS])], severity: rows.find(({ deviation }) => deviation !== undefined)?.deviation ?? SEVERITY };
};
