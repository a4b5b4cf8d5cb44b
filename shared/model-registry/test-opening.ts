import * as z from 'zod';
import { DomainError } from '../errors.ts';
import { canonicalJson } from '../record/canonical-json.ts';
import { sha256Hex } from '../record/chain.ts';
import { Sha256 } from './data-manifest.ts';
import { ruleOf, type DecisionRule } from './may-run.ts';
import { PREDICTION_OUTPUTS } from './model-plan.ts';
import type { Model } from './model.ts';
import type { TestData } from './test-data.ts';

/**
 * Leave to score test rows once: for one candidate, by the rule of its signed plan, on rows that were registered. What the control site tells hospitals of an access that somebody signed there; a hospital scores its test rows
 * for nothing else. `openedAt` is UTC, RFC 3339.
 */
export type TestOpening = Readonly<{
  modelId: string; version: number; planHash: string; artefactSha256: string; testDataId: string; testManifestSha256: string; openedBy: string; openedAt: string;
  /** Who trains the model: they do not have its test rows scored. */
  developerIds: readonly string[];
  rule: DecisionRule;
  /** Of the plan, in its order. */
  subgroups: readonly Readonly<{ id: string; rule: string }>[];
  sites: readonly Readonly<{ nodeId: string; rowsSha256: string; records: number; positives: number }>[];
}>;

const Name = z.string().min(1).max(64);
const Count = z.int().min(0).max(10_000_000);
const Counts = z.array(z.int().min(0)).min(2).max(200);
/** Shape of a rule as it travels. */
export const DecisionRuleSchema = z.strictObject({
  output: z.enum(PREDICTION_OUTPUTS), inputs: z.array(z.strictObject({ name: Name, unit: z.string().max(30), low: z.number(), high: z.number(), mayBeMissing: z.boolean() })).max(2000),
  threshold: z.number().min(0).max(1).exactOptional(), undecided: z.strictObject({ errorRate: z.number().gt(0).lt(0.5), calibration: z.strictObject({ positives: Counts, negatives: Counts }).exactOptional() }),
});
export const TestOpeningSchema: z.ZodType<TestOpening> = z.strictObject({
  modelId: Name, version: z.int().min(1).max(9999), planHash: Sha256, artefactSha256: Sha256, testDataId: Name, testManifestSha256: Sha256, openedBy: z.string().min(1).max(128), openedAt: z.iso.datetime(),
  developerIds: z.array(z.string().min(1).max(128)).max(51), rule: DecisionRuleSchema, subgroups: z.array(z.strictObject({ id: Name, rule: z.string().max(4000) })).max(50),
  sites: z.array(z.strictObject({ nodeId: Name, rowsSha256: Sha256, records: Count, positives: Count })).min(1).max(1000),
});

/** Names a rule: what hospitals counted by is held against what was signed. */
export const ruleHashOf = (rule: DecisionRule): string => sha256Hex(canonicalJson(rule));

/**
 * What hospitals are told of one test data set: each candidate it was opened for and that has no test yet, once, with its first access. Accesses nobody signed, from before that was asked, open nothing.
 *
 * @param modelOf the record of a model
 */
export const openingsOf = (data: TestData, modelOf: (modelId: string) => Model | undefined): readonly TestOpening[] => {
  const sites = data.sites.flatMap(({ nodeId, rowsSha256, records, positives }) => (rowsSha256 === undefined ? [] : [{ nodeId, rowsSha256, records, positives }]));
  if (sites.length < data.sites.length) return [];
  const first = data.accesses.filter(({ isSigned, modelId, version }, i, all) => isSigned && all.findIndex((each) => each.isSigned && each.modelId === modelId && each.version === version) === i);
  return first.flatMap(({ modelId, version, by, at }) => {
    const found = modelOf(modelId)?.versions.find((each) => each.version === version);
    if (found?.state !== 'candidate' || found.report !== undefined || found.training === undefined) return [];
    const { planHash, plan, training: { artefactSha256, calibration }, authorId } = found;
    return [{
      modelId, version, planHash, artefactSha256, testDataId: data.testDataId, testManifestSha256: data.manifestSha256, openedBy: by, openedAt: at,
      developerIds: [...new Set([...plan.design.developerIds, ...(authorId === undefined ? [] : [authorId])])], rule: ruleOf(plan, calibration), subgroups: plan.subgroups.map(({ id, rule }) => ({ id, rule })), sites,
    }];
  });
};

/** An opening as a hospital has it on record: its own site alone. `answerSha256` names what it answered, for good; `isClosed` once the control site tells of it no more. */
export type OpeningHere = Omit<TestOpening, 'sites'> & Readonly<{ site: Omit<TestOpening['sites'][number], 'nodeId'>; isClosed?: boolean; answerSha256?: string }>;
export type OpeningName = Pick<TestOpening, 'modelId' | 'version' | 'testDataId'>;
export const isOpening = (one: OpeningName, other: OpeningName): boolean => one.modelId === other.modelId && one.version === other.version && one.testDataId === other.testDataId;

/** The part of an opening that concerns one hospital; undefined where none of its rows are in the test data. */
export const openingFor = ({ sites, ...opening }: TestOpening, nodeId: string): OpeningHere | undefined => {
  const own = sites.find((site) => site.nodeId === nodeId);
  if (own === undefined) return undefined;
  const { nodeId: _, ...site } = own;
  return { ...opening, site };
};

/**
 * What a hospital puts on record of the openings of one artefact. What was taken is frozen.
 *
 * @param told of this artefact, for this hospital
 * @throws DomainError `model-hash-mismatch` for one that is told otherwise than it was taken
 */
export const takeOpenings = (held: readonly OpeningHere[], told: readonly OpeningHere[]): readonly (Readonly<{ type: 'model-test-opened' } & OpeningHere> | Readonly<{ type: 'model-test-closed' } & OpeningName>)[] => {
  for (const own of held) {
    const { isClosed: _, answerSha256: __, ...terms } = own;
    const now = told.find((each) => isOpening(each, own));
    if (now !== undefined && canonicalJson(now) !== canonicalJson(terms)) throw new DomainError('model-hash-mismatch', `test of ${own.modelId} version ${own.version} on ${own.testDataId}: told otherwise than it was taken`, { modelId: own.modelId, version: own.version });
  }
  return [
    ...told.filter((each) => !held.some((own) => isOpening(own, each))).map((each) => ({ type: 'model-test-opened' as const, ...each })),
    ...held.filter((own) => own.isClosed !== true && !told.some((each) => isOpening(each, own))).map(({ modelId, version, testDataId }) => ({ type: 'model-test-closed' as const, modelId, version, testDataId })),
  ];
};

/** The answer that a version had, on whichever test data. */
const answeredElsewhere = (held: readonly OpeningHere[], { modelId, version }: OpeningName): OpeningHere | undefined => held.find((each) => each.modelId === modelId && each.version === version && each.answerSha256 !== undefined);

/** May an answer to this opening be put on record: it has none, nor has its version? */
export const isUnanswered = (held: readonly OpeningHere[], name: OpeningName): boolean => held.some((each) => isOpening(each, name)) && answeredElsewhere(held, name) === undefined;

/**
 * Leave to have this hospital's test rows scored.
 *
 * @throws DomainError `model-test-not-open` when nobody signed for it at the control site, or it is over, `model-test-not-independent` for who trains the model, `model-test-answered` when this version had its answer on other
 *   test data: what they counted may have been read
 * @see EU GMP Annex 22 (draft), 6.1 to 6.5
 */
export const requireOpening = (held: readonly OpeningHere[], name: OpeningName, personId: string): OpeningHere => {
  const found = held.find((each) => isOpening(each, name));
  const { modelId, version, testDataId } = name;
  if (found === undefined || (found.isClosed === true && found.answerSha256 === undefined)) {
    throw new DomainError('model-test-not-open', `test of ${modelId} version ${version} on ${testDataId}: ${found === undefined ? 'no access to it is on this hospital\'s record' : 'it is over'}, want one signed at the control site`, { modelId, version, testDataId });
  }
  if (found.developerIds.includes(personId)) throw new DomainError('model-test-not-independent', `this person trains ${modelId}, want its test rows scored by another`, { modelId });
  const answered = answeredElsewhere(held, name);
  if (found.answerSha256 === undefined && answered !== undefined) {
    throw new DomainError('model-test-answered', `version ${version} of ${modelId} was answered here on ${answered.testDataId}: that answer stands, want it with these rows as they were told then`, { modelId, version, testDataId: answered.testDataId, rowsSha256: answered.site.rowsSha256 });
  }
  return found;
};
