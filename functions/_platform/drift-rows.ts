import { driftRows } from '../../models/drift/answers.ts';
import type { Plan } from '../../models/federated/plan.ts';
import type { Rows } from '../../models/federated/rows.ts';
import { DomainError } from '../../shared/errors.ts';
import type { NodeModels } from './node-models.ts';
import type { OperationsStore, RecordStore } from './ports.ts';
import { caseKindOf, recentAnswers } from './recent-answers.ts';
import { OWN_LABEL } from './training-rows.ts';

export type DriftRowsPorts = Readonly<{
  records: NodeModels['records'];
  /** Keyed digests of batch numbers. */
  digests(batchIds: readonly string[]): Promise<readonly string[]>;
  operations: Pick<OperationsStore, 'list'>;
  record: Pick<RecordStore, 'load'>;
}>;

/** @throws DomainError `model-not-found` for a model this hospital was never told of, `training-schema-mismatch` unless the plan's inputs are the model's */
const requireKnownModel = async ({ records }: DriftRowsPorts, artefactSha256: string, inputs: readonly string[]): Promise<void> => {
  const known = (await records()).find((each) => each.artefactSha256 === artefactSha256);
  if (known === undefined) throw new DomainError('model-not-found', `no model with artefact ${artefactSha256} on this hospital's record`, { artefactSha256 });
  const wrong = Array.from({ length: Math.max(inputs.length, known.inputs.length) }, (_, i) => i).find((i) => known.inputs[i]?.name !== inputs[i]);
  if (wrong !== undefined) throw new DomainError('training-schema-mismatch', `feature ${wrong + 1}: got ${inputs[wrong] ?? 'none'}, want ${known.inputs[wrong]?.name ?? 'no more'}, as the model takes them`, { got: inputs[wrong] ?? '', want: known.inputs[wrong]?.name ?? '' });
};

/** What came true is what quality decided on own batches, and that has one label: under any other name the hospital's rule for its rows would not be found. @throws DomainError `training-schema-mismatch` */
const requireOwnLabel = ({ label }: Plan): void => {
  if (label !== OWN_LABEL) throw new DomainError('training-schema-mismatch', `label: got ${label}, want ${OWN_LABEL}, which counts of drift are of`, { got: label, want: OWN_LABEL });
};

/**
 * What one model was asked and answered of this hospital's batches, as rows for a run of drift: all it ever said here, one answer a batch. The plan's times say what the sum is of; they choose nothing
 * here, for whoever chose them could take one batch out of two sums.
 *
 * @param least outcomes that are counted at all
 * @throws DomainError `model-not-found`, `training-schema-mismatch`, `histogram-malformed`
 */
export const driftRowsHere = async (ports: DriftRowsPorts, plan: Plan, least: number): Promise<Rows> => {
  requireOwnLabel(plan);
  const { features, drift } = plan;
  const [inputs, artefactSha256] = [features.slice(0, -2), drift?.artefactSha256 ?? ''];
  await requireKnownModel(ports, artefactSha256, inputs);
  const answers = (await recentAnswers(ports, artefactSha256, 0)).filter(({ said }) => said.inputBins !== undefined);
  const keys = await ports.digests(answers.map(({ batchId }) => batchId));
  return driftRows(inputs, answers.map((answer, i) => {
    const kind = caseKindOf(answer);
    return { key: keys[i] ?? '', inputBins: answer.said.inputBins ?? '', score: answer.said.score, ...(kind !== undefined && { kind }) };
  }), least);
};
