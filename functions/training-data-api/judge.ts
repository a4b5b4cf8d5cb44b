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

/** What a model would be judged by: named before, so that what it is judged by later can be held against it. */
const setOf = async (ports: TrainingDataPorts, role: DataRole, artefactSha256: string, label: string) => {
  const { rowsSha256, recordDigests, positives } = await rowsFor(ports, role, artefactSha256, label);
  return { nodeId: ports.nodeId, rowsSha256, recordDigests: [...recordDigests], positives };
};
const setEndpoints = (ports: TrainingDataPorts): readonly Endpoint[] => [
  endpoint(Routes.ReadTestSet, ({ path: { artefactSha256 }, query: { label } }) => setOf(ports, 'test', artefactSha256, label)),
  endpoint(Routes.ReadCalibrationSet, ({ path: { artefactSha256 }, query: { label } }) => setOf(ports, 'calibration', artefactSha256, label)),
];

/**
 * The rows are still those that were told. One batch more, one less, another value or label, and they are not: whoever chose when to count could choose what to count.
 *
 * @throws DomainError `training-rows-changed`
 * @see draft EU GMP Annex 22, 6.1 to 6.3 (test data frozen before the test)
 */
const requireFrozen = (role: DataRole, { rowsSha256: got, recordDigests }: JudgingRows, want: string): void => {
  if (got !== want) throw new DomainError('training-rows-changed', `rowsSha256: got ${want}, but the ${recordDigests.length} ${role} rows here are ${got} now; tell and register them anew`, { rowsSha256: got, rows: recordDigests.length });
};

/** @throws DomainError `training-schema-mismatch` unless the inputs are the model's, in its order */
const requireInputs = (features: readonly string[], inputs: readonly Ranged[] | undefined): void => {
  if (inputs === undefined) return;
  const wrong = Array.from({ length: Math.max(features.length, inputs.length) }, (_, i) => i).find((i) => inputs[i]?.name !== features[i]);
  if (wrong !== undefined) throw new DomainError('training-schema-mismatch', `inputs.${wrong}.name: got ${inputs[wrong]?.name ?? 'none'}, want ${features[wrong] ?? 'no more'}, as the model takes them`, { got: inputs[wrong]?.name ?? '', want: features[wrong] ?? '' });
};

const evaluateEndpoint = (ports: TrainingDataPorts): Endpoint => endpoint(Routes.EvaluateModel, async (request) => {
  const { artefactSha256, label, threshold, undecided, subgroups: wanted, inputs, rowsSha256: frozenSha256 } = request.body;
  await rolesNow(ports, request);
  const judging = await rowsFor(ports, 'test', artefactSha256, label);
  const { rowsSha256, recordDigests, features, judged } = judging;
  requireFrozen('test', judging, frozenSha256);
  requireInputs(features, inputs);
  const rows = judged();
  const { counts, subgroups, withheld } = evaluate({ threshold, undecided }, rows, wanted);
  const distributions = inputs === undefined ? undefined : distributionsOf(features, rows.map(({ values, probability }) => ({ inputBins: inputBinsOf(inputs, values), score: probability }))).map((each) => ({ ...each, counts: [...each.counts] }));
  await ports.datasets.change(artefactSha256, () => [{ type: 'model-evaluated', artefactSha256, label, rowsSha256, rowCount: recordDigests.length, counts, withheld }], { actor: actorOf(request.caller) });
  return { nodeId: ports.nodeId, artefactSha256, rowsSha256, recordDigests: [...recordDigests], counts, subgroups: [...subgroups], withheld: [...withheld], ...(distributions !== undefined && { distributions }) };
});

const calibrateEndpoint = (ports: TrainingDataPorts): Endpoint => endpoint(Routes.CalibrateModel, async (request) => {
  const { artefactSha256, label, bins, rowsSha256: frozenSha256 } = request.body;
  await rolesNow(ports, request);
  const judging = await rowsFor(ports, 'calibration', artefactSha256, label);
  const { rowsSha256, recordDigests, judged } = judging;
  requireFrozen('calibration', judging, frozenSha256);
  const { positives, negatives } = countCalibration(bins, judged().map(({ probability, ...row }) => ({ score: probability, label: row.label })));
  await ports.datasets.change(artefactSha256, () => [{ type: 'model-calibrated', artefactSha256, label, rowsSha256, rowCount: recordDigests.length, positives, negatives }], { actor: actorOf(request.caller) });
  return { nodeId: ports.nodeId, artefactSha256, rowsSha256, recordDigests: [...recordDigests], calibration: { positives: [...positives], negatives: [...negatives] } };
});

/** What a model makes of the rows of this hospital, in counts. */
export const judgingEndpoints = (ports: TrainingDataPorts): readonly Endpoint[] => [...setEndpoints(ports), evaluateEndpoint(ports), calibrateEndpoint(ports)];
