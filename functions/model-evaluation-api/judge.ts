import { countCalibration } from '../../models/calibration/counts.ts';
import { sayOf } from '../../models/calibration/verdict.ts';
import { DomainError } from '../../shared/errors.ts';
import { DataStatementSchema } from '../../shared/model-registry/data-statement.ts';
import { distributionsOf, inputBinsOf, MAXIMUM_DISTRIBUTIONS, type Ranged } from '../../shared/model-registry/distributions.ts';
import { readStatement, TestCountsSchema, type TestCounts } from '../../shared/model-registry/hospital-counts.ts';
import { subgroupsByRule } from '../../shared/model-registry/subgroup-rule.ts';
import { isUnanswered, requireOpening, ruleHashOf, type OpeningHere } from '../../shared/model-registry/test-opening.ts';
import type { DataRole } from '../../shared/training-data/dataset.ts';
import { evaluate } from '../../shared/training-data/evaluation.ts';
import { actorOf } from '../_platform/caller.ts';
import { rolesNow } from '../_platform/command.ts';
import { endpoint, type Endpoint } from '../_platform/contract.ts';
import { keptStatement, signStatement, tellRows } from '../_platform/hospital-statements.ts';
import { digestsOf, seenDigests } from '../_platform/told-rows.ts';
import { columnsOf, rowsHash } from '../_platform/training-rows.ts';
import type { Caller } from '../_platform/ports.ts';
import type { ModelEvaluationPorts } from './ports.ts';
import * as Routes from './schema.ts';

type JudgingRows = Readonly<{
  rowsSha256: string; recordDigests: readonly string[]; positives: number; features: readonly string[];
  /** The model's score of each, as a running batch is told; undefined where it has none. Only here is anything scored. */
  scored(): readonly Readonly<{ label: number; subgroups: readonly string[]; values: readonly number[]; score: number | undefined }>[];
}>;

/** `isWanted` of all with role and label: those of a set that was frozen, or that nobody has seen. Absent: all. */
type Wanted = Readonly<{ label: string; isWanted?: (recordDigest: string) => boolean }>;

/**
 * The rows of this hospital that judge or calibrate a model.
 *
 * @throws DomainError `model-not-found`, `model-tampered`, `training-schema-mismatch`, `training-cohort-too-small` below the hospital's `leastCohort`
 */
const rowsFor = async ({ artefact, rows, leastCohort: least }: ModelEvaluationPorts, role: DataRole, artefactSha256: string, { label, isWanted = () => true }: Wanted): Promise<JudgingRows> => {
  const scorer = await artefact(artefactSha256);
  const own = (await rows.rowsOf(role, { features: scorer.featureNames, label })).filter(({ recordDigest }) => isWanted(recordDigest));
  if (own.length < least) throw new DomainError('training-cohort-too-small', `${role} rows for ${label}: got ${own.length}, want at least ${least}`, { least });
  return {
    rowsSha256: rowsHash(own, scorer.featureNames), recordDigests: own.map(({ recordDigest }) => recordDigest), positives: own.filter((row) => row.label === 1).length, features: scorer.featureNames,
    scored: () => {
      const { columns } = columnsOf(own, scorer.featureNames);
      return own.map(({ label: outcome, subgroups }, i) => {
        const values = columns.map((column) => column[i] ?? Number.NaN);
        return { label: outcome, subgroups, values, score: scorer.score(values) };
      });
    },
  };
};

/** What a model would be judged by: named before, so that what it is judged by later can be held against it. */
const setOf = async (ports: ModelEvaluationPorts, caller: Caller, role: DataRole, artefactSha256: string, wanted: Wanted) => {
  const { rowsSha256, recordDigests, positives } = await rowsFor(ports, role, artefactSha256, wanted);
  const { label } = wanted;
  return tellRows(ports, caller, artefactSha256, { kind: 'model-data', nodeId: ports.nodeId, role, label, rowsSha256, recordDigests: [...recordDigests], positives });
};

/** Test rows as they were told before: what was scored of them stands, whatever came since. @throws DomainError `register-entry-not-found` */
const toldAgain = async (ports: ModelEvaluationPorts, artefactSha256: string, label: string, rowsSha256: string) => {
  const set = ((await ports.datasets.load(artefactSha256)).state?.told ?? []).find((each) => each.role === 'test' && each.rowsSha256 === rowsSha256);
  const signed = set === undefined ? undefined : await keptStatement(ports, set.statementSha256);
  const told = signed === undefined ? undefined : readStatement(DataStatementSchema, signed.text).statement;
  if (signed === undefined || told?.label !== label) throw new DomainError('register-entry-not-found', `no test rows for ${label} were told here under ${rowsSha256} for this model`, { rowsSha256 });
  return { nodeId: told.nodeId, rowsSha256, recordDigests: told.recordDigests, positives: told.positives, statement: signed };
};

const setEndpoints = (ports: ModelEvaluationPorts): readonly Endpoint[] => [
  endpoint(Routes.ReadTestSet, async ({ caller, path: { artefactSha256 }, query: { label, rows } }) => {
    if (rows !== 'all' && rows !== 'unseen') return toldAgain(ports, artefactSha256, label, rows);
    const seen = rows === 'all' ? new Set<string>() : await seenDigests(ports, artefactSha256);
    return setOf(ports, caller, 'test', artefactSha256, { label, isWanted: (digest) => !seen.has(digest) });
  }),
  endpoint(Routes.ReadCalibrationSet, ({ caller, path: { artefactSha256 }, query: { label } }) => setOf(ports, caller, 'calibration', artefactSha256, { label })),
];

/**
 * The rows are still those that were told. One less, another value or label, and they are not (of a test: a batch that came since is not among them): whoever chose when to count could choose what to count.
 *
 * @throws DomainError `training-rows-changed`
 * @see draft EU GMP Annex 22, 6.1 to 6.3 (test data frozen before the test)
 */
const requireFrozen = (role: DataRole, { rowsSha256: got, recordDigests }: JudgingRows, want: string): void => {
  if (got !== want) throw new DomainError('training-rows-changed', `rowsSha256: got ${want}, but the ${recordDigests.length} ${role} rows here are ${got} now; tell and register them anew`, { rowsSha256: got, rows: recordDigests.length });
};

/** @throws DomainError `training-schema-mismatch` unless the inputs are the model's, in its order */
const requireInputs = (features: readonly string[], inputs: readonly Ranged[]): void => {
  const wrong = Array.from({ length: Math.max(features.length, inputs.length) }, (_, i) => i).find((i) => inputs[i]?.name !== features[i]);
  if (wrong !== undefined) throw new DomainError('training-schema-mismatch', `inputs.${wrong}.name: got ${inputs[wrong]?.name ?? 'none'}, want ${features[wrong] ?? 'no more'}, as the model takes them`, { got: inputs[wrong]?.name ?? '', want: features[wrong] ?? '' });
};

/** The rows that were registered, as they are now: those whose digests were told under their hash, or all where none were. */
const openedRows = async (ports: ModelEvaluationPorts, { artefactSha256, site: { rowsSha256 } }: OpeningHere, label: string): Promise<JudgingRows> => {
  const set = ((await ports.datasets.load(artefactSha256)).state?.told ?? []).find((each) => each.role === 'test' && each.rowsSha256 === rowsSha256);
  const told = set === undefined ? undefined : new Set(await digestsOf(ports, set));
  const judging = await rowsFor(ports, 'test', artefactSha256, { label, isWanted: (digest) => told === undefined || told.has(digest) });
  requireFrozen('test', judging, rowsSha256);
  return judging;
};

/** What the model says of this hospital's test rows by the rule of its plan, in counts; with inputs and score as reference for drift where an event can hold as many. */
const countTest = async (ports: ModelEvaluationPorts, opening: OpeningHere, label: string, countedBy: string): Promise<TestCounts> => {
  const { modelId, version, planHash, artefactSha256, testDataId, testManifestSha256, rule, subgroups: wanted } = opening;
  const { rowsSha256, recordDigests, features, scored } = await openedRows(ports, opening, label);
  requireInputs(features, rule.inputs);
  const rows = scored();
  const { counts, subgroups, withheld } = evaluate(rows.map(({ values, score, label: outcome, subgroups: given }) => (
    // Imported rows say what they belong to. Own batches do not: theirs follow from the plan's rules.
    { label: outcome, subgroups: given.length > 0 ? given : subgroupsByRule(wanted, features, values), says: sayOf(rule, features, values, score).verdict })), wanted.map(({ id }) => id), ports.leastCohort);
  const distributions = distributionsOf(features, rows.map(({ values, score }) => ({ inputBins: inputBinsOf(rule.inputs, values), score })));
  return {
    kind: 'model-test', nodeId: ports.nodeId, modelId, version, planHash, ruleSha256: ruleHashOf(rule), artefactSha256, testDataId, testManifestSha256, rowsSha256, records: recordDigests.length, countedBy, counts,
    subgroups: [...subgroups], withheld: [...withheld], ...(distributions.length <= MAXIMUM_DISTRIBUTIONS && { distributions: distributions.map((each) => ({ ...each, counts: [...each.counts] })) }),
  };
};

/** Once for each version, on whichever test data, and for nothing else; whoever asks again is told what was answered then. */
const evaluateEndpoint = (ports: ModelEvaluationPorts): Endpoint => endpoint(Routes.EvaluateModel, async (request) => {
  const { artefactSha256, label, ...name } = request.body;
  await rolesNow(ports, request);
  const opening = requireOpening((await ports.datasets.load(artefactSha256)).state?.openings ?? [], name, request.caller.id);
  if (opening.answerSha256 === undefined) {
    const counted = await countTest(ports, opening, label, request.caller.id);
    const { sha256: statementSha256 } = await signStatement(ports, counted);
    const { rowsSha256, records: rowCount, counts, withheld } = counted;
    await ports.datasets.change(artefactSha256, ({ state }) => (isUnanswered(state?.openings ?? [], name)
      ? [{ type: 'model-evaluated', artefactSha256, label, rowsSha256, rowCount, counts, withheld, answered: { ...name, statementSha256 } }] : []), { actor: actorOf(request.caller) });
  }
  const { answerSha256 = '' } = requireOpening((await ports.datasets.load(artefactSha256)).state?.openings ?? [], name, request.caller.id);
  const statement = await keptStatement(ports, answerSha256);
  return { statement, counted: readStatement(TestCountsSchema, statement.text).statement };
});

const calibrateEndpoint = (ports: ModelEvaluationPorts): Endpoint => endpoint(Routes.CalibrateModel, async (request) => {
  const { artefactSha256, label, bins, rowsSha256: frozenSha256 } = request.body;
  await rolesNow(ports, request);
  const judging = await rowsFor(ports, 'calibration', artefactSha256, { label });
  const { rowsSha256, recordDigests, scored } = judging;
  requireFrozen('calibration', judging, frozenSha256);
  const { positives, negatives } = countCalibration(bins, scored().map(({ label: outcome, score = Number.NaN }) => ({ label: outcome, score })));
  const counted = { kind: 'model-calibration' as const, nodeId: ports.nodeId, artefactSha256, rowsSha256, records: recordDigests.length, countedBy: request.caller.id, positives: [...positives], negatives: [...negatives] };
  const { signed: statement, sha256: statementSha256 } = await signStatement(ports, counted);
  await ports.datasets.change(artefactSha256, () => [{ type: 'model-calibrated', artefactSha256, label, rowsSha256, rowCount: recordDigests.length, positives, negatives, statementSha256 }], { actor: actorOf(request.caller) });
  return { statement, counted };
});

/** What a model makes of the rows of this hospital, in counts that the hospital signs for. */
export const judgingEndpoints = (ports: ModelEvaluationPorts): readonly Endpoint[] => [...setEndpoints(ports), evaluateEndpoint(ports), calibrateEndpoint(ports)];
