import { DomainError } from '../errors.ts';
import type { Model } from './model.ts';
import type { Training } from './events.ts';
import type { ModelInput, ModelPlan, PredictionOutput } from './model-plan.ts';

/**
 * What is made of a score: the space the model is tested in, the threshold, and conformal sets at this error rate over these cases. Signed with the plan and frozen with the candidate, before the test;
 * the test and every answer in use go by it.
 */
export type DecisionRule = Readonly<{
  output: PredictionOutput;
  /** Without their titles: a record is one entry of the log. */
  inputs: readonly Omit<ModelInput, 'title'>[];
  /** Absent under plans from before it was asked for. */
  threshold?: number;
  undecided: Readonly<{ errorRate: number; calibration?: Training['calibration'] }>;
}>;

/** What a hospital's own records say of one version of a model: published by the control site, kept by the node. */
export type ModelRecord = DecisionRule & Readonly<{ modelId: string; version: number; productId: string; artefactSha256: string; state: 'active' | 'suspended' | 'retired' }>;

/** The rule of a version, of its signed plan and its frozen calibration. */
export const ruleOf = ({ output, inputs, threshold, undecided: { errorRate } }: ModelPlan, calibration: Training['calibration']): DecisionRule => ({
  output, inputs: inputs.map(({ title: _, ...bounds }) => bounds), ...(threshold === undefined ? {} : { threshold }), undecided: { errorRate, ...(calibration === undefined ? {} : { calibration }) },
});

/** The records of a model that a node must know: every version that was ever put to use. */
export const recordsOf = ({ modelId, versions }: Model): readonly ModelRecord[] => versions.flatMap(({ version, state, plan, training, moves }) => {
  const isKnown = training !== undefined && moves.some(({ to }) => to === 'active') && (state === 'active' || state === 'suspended' || state === 'retired');
  if (!isKnown) return [];
  const { artefactSha256, calibration } = training;
  return [{ modelId, version, productId: plan.productId, artefactSha256, state, ...ruleOf(plan, calibration) }];
});

export type Use = Readonly<{ productId: string; output: PredictionOutput }>;
export type Permission = Readonly<{ allowed: true; record: ModelRecord }> | Readonly<{ allowed: false; why: string }>;

/**
 * May a node run this artefact, for this product and output? Only when its records name exactly one active version and the hash is that version's. Two active
 * versions are a fault of the records: neither runs.
 *
 * @param hash SHA-256 (hex) of the artefact that would answer, computed from its bytes
 * @see EU GMP Annex 22 (draft), 10.2
 */
export const mayRun = (hash: string, records: readonly ModelRecord[], { productId, output }: Use): Permission => {
  const active = records.filter((each) => each.productId === productId && each.output === output && each.state === 'active');
  const [record] = active;
  if (record === undefined) return { allowed: false, why: `no model is active for ${output} of ${productId}` };
  if (active.length > 1) return { allowed: false, why: `${active.length} models are active for ${output} of ${productId}, want one` };
  if (record.artefactSha256 !== hash) return { allowed: false, why: `got artefact ${hash}, want ${record.artefactSha256} (${record.modelId} version ${record.version})` };
  return { allowed: true, record };
};

/** @throws DomainError `model-not-active` */
export const requireMayRun = (hash: string, records: readonly ModelRecord[], use: Use): ModelRecord => {
  const permission = mayRun(hash, records, use);
  if (!permission.allowed) throw new DomainError('model-not-active', permission.why, { productId: use.productId, output: use.output });
  return permission.record;
};
