import { countCalibration } from '../../models/calibration/counts.ts';
import { DomainError } from '../../shared/errors.ts';
import { distributionsOf, inputBinsOf, type Ranged } from '../../shared/model-registry/distributions.ts';
import type { DataRole } from '../../shared/training-data/dataset.ts';
import { evaluate, LEAST_COUNTED, type JudgedRow } from '../../shared/training-data/evaluation.ts';
import { actorOf } from '../_platform/caller.ts';
import { rolesNow } from '../_platform/command.ts';
import { endpoint, type Endpoint } from '../_platform/contract.ts';
import { columnsOf, rowsHash } from '../_platform/training-rows.ts';
import type { TrainingDataPorts } from './handler.ts';
import * as Routes from './schema.ts';

type JudgingRows = Readonly<{
  rowsSha256: string; recordDigests: readonly string[]; positives: number; features: readonly string[];
  /** What the model says of each, as a running batch is told. Only here is anything scored. */
  judged(): readonly (JudgedRow & Readonly<{ values: readonly number[] }>)[];
}>;

/**
 * The rows of this hospital that judge or calibrate a model.
 *
 * @throws DomainError `model-not-found`, `model-tampered`, `training-schema-mismatch`, `training-cohort-too-small` below five rows
 */
const rowsFor = async ({ artefact, rows }: TrainingDataPorts, role: DataRole, artefactSha256: string, label: string): Promise<JudgingRows> => {
  const scorer = await artefact(artefactSha256);
  const own = await rows.rowsOf(role, { features: scorer.featureNames, label });
  if (own.length < LEAST_COUNTED) throw new DomainError('training-cohort-too-small', `${role} rows for ${label}: got ${own.length}, want at least ${LEAST_COUNTED}`, { least: LEAST_COUNTED });
  return {
    rowsSha256: rowsHash(own, scorer.featureNames), recordDigests: own.map(({ recordDigest }) => recordDigest), positives: own.filter((row) => row.label === 1).length, features: scorer.featureNames,
    judged: () => {
      const { columns } = columnsOf(own, scorer.featureNames);
      return own.map(({ label: outcome, subgroups }, i) => {
        const values = columns.map((column) => column[i] ?? Number.NaN);
        return { label: outcome, subgroups, values, probability: scorer.score(values) };
      });
    },
  };
};

const testSetEndpoint = (ports: TrainingDataPorts): Endpoint => endpoint(Routes.ReadTestSet, async ({ path: { artefactSha256 }, query: { label } }) => {
  const { rowsSha256, recordDigests, positives } = await rowsFor(ports, 'test', artefactSha256, label);
  return { nodeId: ports.nodeId, rowsSha256, recordDigests: [...recordDigests], positives };
});

/** @throws DomainError `training-schema-mismatch` unless the inputs are the model's, in its order */
const requireInputs = (features: readonly string[], inputs: readonly Ranged[] | undefined): void => {
  if (inputs === undefined) return;
  const wrong = Array.from({ length: Math.max(features.length, inputs.length) }, (_, i) => i).find((i) => inputs[i]?.name !== features[i]);
  if (wrong !== undefined) throw new DomainError('training-schema-mismatch', `inputs.${wrong}.name: got ${inputs[wrong]?.name ?? 'none'}, want ${features[wrong] ?? 'no more'}, as the model takes them`, { got: inputs[wrong]?.name ?? '', want: features[wrong] ?? '' });
};

const evaluateEndpoint = (ports: TrainingDataPorts): Endpoint => endpoint(Routes.EvaluateModel, async (request) => {
  const { artefactSha256, label, threshold, undecided, subgroups: wanted, inputs } = request.body;
  await rolesNow(ports, request);
  const { rowsSha256, recordDigests, features, judged } = await rowsFor(ports, 'test', artefactSha256, label);
  requireInputs(features, inputs);
  const rows = judged();
  const { counts, subgroups, withheld } = evaluate({ threshold, undecided }, rows, wanted);
  const distributions = inputs === undefined ? undefined : distributionsOf(features, rows.map(({ values, probability }) => ({ inputBins: inputBinsOf(inputs, values), score: probability }))).map((each) => ({ ...each, counts: [...each.counts] }));
  await ports.datasets.change(artefactSha256, () => [{ type: 'model-evaluated', artefactSha256, label, rowsSha256, rowCount: recordDigests.length, counts, withheld }], { actor: actorOf(request.caller) });
  return { nodeId: ports.nodeId, artefactSha256, rowsSha256, recordDigests: [...recordDigests], counts, subgroups: [...subgroups], withheld: [...withheld], ...(distributions !== undefined && { distributions }) };
});

const calibrateEndpoint = (ports: TrainingDataPorts): Endpoint => endpoint(Routes.CalibrateModel, async (request) => {
  const { artefactSha256, label, bins } = request.body;
  await rolesNow(ports, request);
  const { rowsSha256, recordDigests, judged } = await rowsFor(ports, 'calibration', artefactSha256, label);
  const { positives, negatives } = countCalibration(bins, judged().map(({ probability, ...row }) => ({ score: probability, label: row.label })));
  await ports.datasets.change(artefactSha256, () => [{ type: 'model-calibrated', artefactSha256, label, rowsSha256, rowCount: recordDigests.length, positives, negatives }], { actor: actorOf(request.caller) });
  return { nodeId: ports.nodeId, artefactSha256, rowsSha256, recordDigests: [...recordDigests], calibration: { positives: [...positives], negatives: [...negatives] } };
});

/** What a model makes of the rows of this hospital, in counts. */
export const judgingEndpoints = (ports: TrainingDataPorts): readonly Endpoint[] => [testSetEndpoint(ports), evaluateEndpoint(ports), calibrateEndpoint(ports)];
