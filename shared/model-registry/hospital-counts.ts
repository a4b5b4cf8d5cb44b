import * as z from 'zod';
import { DomainError } from '../errors.ts';
import { canonicalJson } from '../record/canonical-json.ts';
import { sha256Hex } from '../record/chain.ts';
import { Sha256, type DataManifest } from './data-manifest.ts';
import { DistributionsSchema, type Distribution } from './distributions.ts';
import type { DataStatement } from './data-statement.ts';
import type { Training } from './events.ts';
import { ruleOf } from './may-run.ts';
import { isDeveloper, type ModelVersion } from './model.ts';
import type { TestData } from './test-data.ts';
import { ruleHashOf } from './test-opening.ts';
import { addCounts, CaseCountsSchema, countsOfKinds, type CaseCounts, type TestReport } from './test-report.ts';

const Name = z.string().min(1).max(64);
const Counts = z.array(z.int().min(0).max(10_000_000)).min(2).max(200);
const Records = z.int().min(1).max(1_000_000);
const about = { nodeId: Name, artefactSha256: Sha256, rowsSha256: Sha256, records: Records, countedBy: z.string().min(1).max(128) };

/** What a hospital counted in the test of a model, as it signs for it: for which opening, by which rule, on which rows, who asked. */
export const TestCountsSchema = z.strictObject({
  kind: z.literal('model-test'), ...about, modelId: Name, version: z.int().min(1), planHash: Sha256, ruleSha256: Sha256, testDataId: Name, testManifestSha256: Sha256, counts: CaseCountsSchema,
  subgroups: z.array(z.strictObject({ id: Name, counts: CaseCountsSchema })).max(50), withheld: z.array(Name).max(50), distributions: DistributionsSchema.exactOptional(),
});
export type TestCounts = Readonly<z.infer<typeof TestCountsSchema>>;

/** What a hospital counted of its calibration rows, by equal bins of the score. */
export const CalibrationCountsSchema = z.strictObject({ kind: z.literal('model-calibration'), ...about, positives: Counts, negatives: Counts });
export type CalibrationStatement = Readonly<z.infer<typeof CalibrationCountsSchema>>;

/** A hospital's statement whose signature was verified, with the hash of its text. */
export type Stated<Statement> = Readonly<{ statement: Statement; statementSha256: string }>;

/** The one text of a statement: what is hashed and signed. */
export const statementText = (statement: TestCounts | CalibrationStatement | DataStatement): string => canonicalJson(statement);
export const statementHash = (text: string): string => sha256Hex(text);

const inconsistent = (faults: readonly string[]): DomainError => new DomainError('model-results-inconsistent', faults.join('; '), { paths: faults.map((fault) => fault.split(':')[0] ?? fault) });

/** @throws DomainError `hospital-statement-wrong` unless the text is a statement of the kind */
export const readStatement = <Statement>(schema: z.ZodType<Statement>, text: string): Stated<Statement> => {
  try {
    return { statement: schema.parse(JSON.parse(text)), statementSha256: statementHash(text) };
  } catch (cause) {
    throw new DomainError('hospital-statement-wrong', 'statement: got a text that is no such statement of a hospital', {}, { cause });
  }
};

const NONE = countsOfKinds([]);

/** What a version is tested on; `before` are sets that were opened for it, too. */
export type Tested = Readonly<{ testData: TestData; before: readonly TestData[] }>;

/** Counts of every hospital, added up; undefined unless every hospital counted them. */
export const sumOfDistributions = (all: readonly (readonly Distribution[] | undefined)[]): readonly Distribution[] | undefined => {
  const [first] = all;
  if (first === undefined || all.some((each) => each?.length !== first.length)) return undefined;
  return first.map(({ name, counts }, i) => ({
    name, counts: counts.map((_, bin) => all.reduce((sum, each) => sum + (each?.[i]?.counts[bin] ?? 0), 0)), missing: all.reduce((sum, each) => sum + (each?.[i]?.missing ?? 0), 0),
  }));
};

/**
 * What of one hospital's statement is not of this version, test data and rule; empty where all is. A hospital scores its rows once for a version: where they were registered anew for it because of
 * another hospital's, what it answered on the set before stands.
 */
const foreignFaults = (modelId: string, found: ModelVersion, { testData, before }: Tested, { statement }: Stated<TestCounts>): readonly string[] => {
  const { nodeId } = statement;
  const answered = before.find(({ testDataId }) => testDataId === statement.testDataId) ?? testData;
  const site = testData.sites.find((each) => each.nodeId === nodeId);
  const wanted: readonly (readonly [string, string | number, string | number])[] = [
    ['modelId', statement.modelId, modelId], ['version', statement.version, found.version], ['planHash', statement.planHash, found.planHash], ['artefactSha256', statement.artefactSha256, found.training?.artefactSha256 ?? 'none'],
    ['ruleSha256', statement.ruleSha256, ruleHashOf(ruleOf(found.plan, found.training?.calibration))], ['testDataId', statement.testDataId, answered.testDataId],
    ['testManifestSha256', statement.testManifestSha256, answered.manifestSha256], ['rowsSha256', statement.rowsSha256, site?.rowsSha256 ?? 'none'],
  ];
  return wanted.filter(([, got, want]) => got !== want).map(([name, got, want]) => `statements.${nodeId}.${name}: got ${got}, want ${want}`);
};

/** Subgroups that one hospital neither counted nor withheld, did both with, or that the plan has not: a group is left out of a test by its rule or not at all. */
const subgroupFaults = ({ plan }: ModelVersion, { statement: { nodeId, subgroups, withheld } }: Stated<TestCounts>): readonly string[] => {
  const told = [...subgroups.map(({ id }) => id), ...withheld];
  const wanted = plan.subgroups.map(({ id }) => id);
  return told.toSorted().join() === wanted.toSorted().join() ? [] : [`statements.${nodeId}.subgroups: got ${told.join(', ') || 'none'} counted or withheld, want each of ${wanted.join(', ') || 'none'} once`];
};

const subgroupOf = (id: string, statements: readonly Stated<TestCounts>[]): CaseCounts =>
  statements.reduce((sum, { statement: { subgroups } }) => addCounts(sum, subgroups.find((each) => each.id === id)?.counts ?? NONE), NONE);

/**
 * The report of a test, added up from what hospitals signed: nobody types in a figure.
 *
 * @param tested where a hospital answered on a set before, its rows have to be the same in the test data
 * @param statements verified, one of each hospital of the test data
 * @throws DomainError `model-results-inconsistent`, every fault named by hospital and field; `model-test-not-independent` when who trains the model had rows scored
 */
export const reportFrom = (modelId: string, found: ModelVersion, tested: Tested, statements: readonly Stated<TestCounts>[]): TestReport => {
  const { testData } = tested;
  const ids = statements.map(({ statement: { nodeId } }) => nodeId);
  const faults = [
    ...ids.filter((id, i) => ids.indexOf(id) !== i).map((id) => `statements.${id}: stands twice, want one of each hospital`),
    ...statements.flatMap((each) => [...foreignFaults(modelId, found, tested, each), ...subgroupFaults(found, each)]),
  ];
  if (faults.length > 0) throw inconsistent(faults);
  const insider = statements.find(({ statement: { countedBy } }) => isDeveloper(found, countedBy));
  if (insider !== undefined) throw new DomainError('model-test-not-independent', `who trains ${modelId} had the test rows of ${insider.statement.nodeId} scored, want others only`, { modelId });
  const distributions = sumOfDistributions(statements.map(({ statement }) => statement.distributions));
  return {
    planHash: found.planHash, artefactSha256: found.training?.artefactSha256 ?? '', testDataId: testData.testDataId, testManifestSha256: testData.manifestSha256,
    sites: statements.map(({ statement: { nodeId, counts, withheld }, statementSha256 }) => ({ nodeId, counts, statementSha256, ...(withheld.length > 0 && { withheld }) })), subgroups: found.plan.subgroups.map(({ id }) => ({ id, counts: subgroupOf(id, statements) })),
    ...(distributions !== undefined && { distributions }),
  };
};

/**
 * Calibration added up from what hospitals signed, each of the cases its part of the manifest names.
 *
 * @throws DomainError `model-results-inconsistent`
 */
export const calibrationFrom = (artefactSha256: string, { sites }: DataManifest, statements: readonly Stated<CalibrationStatement>[]): NonNullable<Training['calibration']> => {
  const bins = statements[0]?.statement.positives.length ?? 0;
  const faultsOf = ({ statement }: Stated<CalibrationStatement>): readonly string[] => {
    const site = sites.find(({ nodeId }) => nodeId === statement.nodeId);
    const counted = [...statement.positives, ...statement.negatives].reduce((sum, count) => sum + count, 0);
    const wanted: readonly (readonly [string, string | number, string | number])[] = [
      ['artefactSha256', statement.artefactSha256, artefactSha256], ['rowsSha256', statement.rowsSha256, site?.rowsSha256 ?? 'none'], ['records', counted, site?.recordDigests.length ?? 0],
      ['positives', statement.positives.length, bins], ['negatives', statement.negatives.length, bins],
    ];
    return wanted.filter(([, got, want]) => got !== want).map(([name, got, want]) => `calibrationStatements.${statement.nodeId}.${name}: got ${got}, want ${want}`);
  };
  const ids = statements.map(({ statement: { nodeId } }) => nodeId);
  const faults = [
    ...(ids.toSorted().join('\n') === sites.map(({ nodeId }) => nodeId).toSorted().join('\n') ? [] : [`calibrationStatements: got those of ${ids.join(', ') || 'nobody'}, want one of each hospital of the manifest`]),
    ...statements.flatMap(faultsOf),
  ];
  if (faults.length > 0) throw inconsistent(faults);
  const sum = (of: 'positives' | 'negatives'): readonly number[] => Array.from({ length: bins }, (_, bin) => statements.reduce((total, { statement }) => total + (statement[of][bin] ?? 0), 0));
  return { positives: sum('positives'), negatives: sum('negatives') };
};
