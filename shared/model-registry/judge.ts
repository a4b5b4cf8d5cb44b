import { DomainError } from '../errors.ts';
import { requireSignatory, type Signatory } from '../record/signatory.ts';
import { requireDisjoint } from './calibration-data.ts';
import { manifestHashOf, type DataManifest } from './data-manifest.ts';
import type { ModelEvent, Training } from './events.ts';
import { fixedPlanTime, isDeveloper, requireVersion, type Model, type ModelDeviation, type ModelVersion } from './model.ts';
import { reportFaults, verdictsOf, type TestReport } from './test-report.ts';
import { requireNothingLeftOut, requireUnseen, type OpenedSet, type TestRows } from './seen-data.ts';
import type { TestData } from './test-data.ts';

const mismatch = (what: string, got: string, want: string): DomainError => new DomainError('model-hash-mismatch', `${what}: got ${got}, want ${want}`, { what });
const notIndependent = (why: string, modelId: string): DomainError => new DomainError('model-test-not-independent', why, { modelId });

const requireHashes = (wanted: Readonly<Record<string, readonly [got: string, want: string]>>): void => {
  for (const [what, [got, want]] of Object.entries(wanted)) if (got !== want) throw mismatch(what, got, want);
};

const trainingOf = ({ training, version }: ModelVersion, modelId: string): Training => {
  if (training === undefined) throw new DomainError('record-corrupt', `version ${version} of ${modelId} is a candidate without an artefact`, { id: modelId });
  return training;
};

const missedDeviation = (found: ModelVersion, report: TestReport): readonly ModelEvent[] => {
  const missed = verdictsOf(found.plan, report).filter(({ passed }) => !passed);
  if (missed.length === 0) return [];
  const detail = missed.map(({ criterionId, stratum, got, wanted }) => `${criterionId} on ${stratum}: got ${Number.isNaN(got) ? 'no case' : got}, want ${wanted}`).join('; ');
  return [{ type: 'model-deviation-raised', deviationId: `v${found.version}-criteria-missed`, version: found.version, rule: 'criteria-missed', criterionIds: [...new Set(missed.map(({ criterionId }) => criterionId))], detail }];
};

/**
 * Put the one test of a candidate on record, passed or not. What misses a criterion raises a deviation by rule. A version is tested once: who is not content with the
 * result trains another, since a test repeated until it passes is none.
 *
 * @throws DomainError `model-not-found`, `model-state-wrong` (also when there is a test), `role-missing`, `signature-meaning-wrong` (wants `performed`), `model-test-not-independent`,
 *   `model-hash-mismatch`, `model-results-inconsistent`
 * @see EU GMP Annex 22 (draft), 7.1 to 7.4; FDA draft guidance, steps 5 and 6
 */
export const recordTest = (model: Model | undefined, modelId: string, version: number, { report, testData }: Readonly<{ report: TestReport; testData: TestData | undefined }>, signatory: Signatory): readonly ModelEvent[] => {
  const { found } = requireVersion(model, modelId, version, 'candidate');
  if (found.report !== undefined) throw new DomainError('model-state-wrong', `version ${version} of ${modelId} has its test, want a new version for another`, { modelId, version });
  requireSignatory(signatory, 'performed', ['process-scientist', 'quality-reviewer'], 'test a model');
  if (isDeveloper(found, signatory.signature.signerId)) throw notIndependent(`this person trains ${modelId}, want it tested by another`, modelId);
  if (testData === undefined || testData.testDataId !== report.testDataId) throw new DomainError('register-entry-not-found', `no test data ${report.testDataId}`, { testDataId: report.testDataId });
  requireHashes({
    planHash: [report.planHash, found.planHash], artefactSha256: [report.artefactSha256, trainingOf(found, modelId).artefactSha256], testManifestSha256: [report.testManifestSha256, testData.manifestSha256],
  });
  const faults = reportFaults(found.plan, report, testData.sites);
  if (faults.length > 0) throw new DomainError('model-results-inconsistent', faults.join('; '), { paths: faults.map((fault) => fault.split(':')[0] ?? fault) });
  return [{ type: 'model-test-recorded', version, report, signature: signatory.signature }, ...missedDeviation(found, report)];
};

/**
 * Say what a deviation means. An acceptable one lets the version go on; the reason stays with it.
 *
 * @throws DomainError `deviation-not-found`, `deviation-state-wrong`, `role-missing`, `signature-meaning-wrong` (wants `review` of a quality reviewer), `signature-same-person` when the person trained the version
 */
export const assessModelDeviation = (model: Model, deviationId: string, assessment: NonNullable<Pick<NonNullable<ModelDeviation['assessment']>, 'acceptable' | 'impact' | 'rootCause'>>, signatory: Signatory): readonly ModelEvent[] => {
  const deviation = model.deviations.find((each) => each.deviationId === deviationId);
  if (deviation === undefined) throw new DomainError('deviation-not-found', `model ${model.modelId} has no deviation ${deviationId}`, { deviationId });
  if (deviation.assessment !== undefined) throw new DomainError('deviation-state-wrong', `deviation ${deviationId} is assessed already`, { deviationId });
  requireSignatory(signatory, 'review', ['quality-reviewer'], 'assess a deviation of a model');
  if (model.versions.some((each) => each.version === deviation.version && isDeveloper(each, signatory.signature.signerId))) {
    throw new DomainError('signature-same-person', `this person trains ${model.modelId}; another person must assess its deviations`, { deviationId });
  }
  return [{ type: 'model-deviation-assessed', deviationId, ...assessment, signature: signatory.signature }];
};

/** Deviations of a version that nobody has found acceptable. */
export const openDeviations = ({ deviations }: Model, version: number): readonly ModelDeviation[] =>
  deviations.filter((each) => each.version === version && each.assessment?.acceptable !== true);

const requireBeforeTest = (model: Model, found: ModelVersion, { accesses, testDataId }: TestData): void => {
  const fixedAt = fixedPlanTime(model, found);
  const [first] = accesses.map(({ at }) => at).toSorted((a, b) => Date.parse(a) - Date.parse(b));
  if (fixedAt === undefined || (first !== undefined && Date.parse(fixedAt) >= Date.parse(first))) {
    throw new DomainError('model-plan-after-test', `acceptance criteria signed ${fixedAt ?? 'never'}, test data ${testDataId} first opened ${first ?? 'never'}; want them signed before`, { modelId: model.modelId, testDataId });
  }
};

/** Neither seen before, nor chosen among what was opened for this version. */
const requireRowsOfTest = (model: Model, found: ModelVersion, rows: TestRows, { testData: { accesses }, sets }: Readonly<{ testData: TestData; sets: readonly OpenedSet[] }>): void => {
  const [openedAt] = accesses.filter((each) => each.modelId === model.modelId && each.version === found.version).map(({ at }) => at).toSorted((a, b) => Date.parse(a) - Date.parse(b));
  requireUnseen(model, found, rows, sets, openedAt);
  requireNothingLeftOut(model.modelId, found.version, rows, sets);
};

const requireIndependent = ({ modelId }: Model, found: ModelVersion, { accesses }: TestData, { training, test, calibration }: Manifests): void => {
  const insider = accesses.find(({ by }) => isDeveloper(found, by));
  if (insider !== undefined) throw notIndependent(`who trains ${modelId} opened the test data at ${insider.at}, want others only`, modelId);
  if (!accesses.some((each) => each.modelId === modelId && each.version === found.version)) throw notIndependent('the access log knows no access for this test, want each on it', modelId);
  requireDisjoint({ name: 'test', manifest: test }, { name: 'training', manifest: training });
  if (calibration !== undefined) requireDisjoint({ name: 'test', manifest: test }, { name: 'calibration', manifest: calibration });
};

const requireCriteria = (model: Model, { version, plan, report }: ModelVersion, testData: TestData): void => {
  const missed = (why: string): DomainError => new DomainError('model-criteria-missed', why, { modelId: model.modelId, version });
  if (report === undefined) throw missed('there is no test on record, want one');
  const { minimumLabelVerifiedFraction: wanted } = plan.test;
  if (testData.labelVerifiedFraction < wanted) throw missed(`labels of test data ${testData.testDataId} verified: got ${testData.labelVerifiedFraction}, want at least ${wanted}`);
  const open = openDeviations(model, version);
  const failed = verdictsOf(plan, report).filter(({ passed }) => !passed);
  const excused = (criterionId: string): boolean => model.deviations.some((each) => each.version === version && each.assessment?.acceptable === true && each.criterionIds.includes(criterionId));
  const bare = failed.filter(({ criterionId }) => !excused(criterionId));
  if (bare.length > 0 || open.length > 0) {
    throw missed(`missed without an acceptable deviation: ${[...new Set(bare.map(({ criterionId, stratum }) => `${criterionId} on ${stratum}`)), ...open.map(({ deviationId }) => deviationId)].join(', ')}`);
  }
};

/** `calibration` where the candidate names one. */
export type Manifests = Readonly<{ training: DataManifest; test: DataManifest; calibration?: DataManifest }>;
/** What acceptance rests on, beside the record of the model: hash of the artefact in hand, the test data's own record, the manifests, and every set that was ever opened, for any model. */
export type Evidence = Readonly<{ artefactSha256: string; testData: TestData | undefined; manifests: Manifests; sets: readonly OpenedSet[]; adequacy: string }>;

/**
 * Accept a candidate as adequate for its context of use. By an expert of the process who does not train it; quality activates it, another person.
 *
 * @throws DomainError `model-not-found`, `model-state-wrong`, `role-missing`, `signature-meaning-wrong` (wants `approval` of a process scientist), `signature-same-person`,
 *   `register-entry-not-found`, `model-hash-mismatch`, `model-plan-after-test`, `model-test-data-seen`, `model-test-data-left-out`, `model-test-not-independent`, `model-data-overlap`, `model-criteria-missed`
 * @see EU GMP Annex 22 (draft), 4.2, 4.3, 6.1 to 6.5, 7.1 to 7.4; FDA draft guidance, step 7
 */
export const acceptVersion = (model: Model | undefined, modelId: string, version: number, evidence: Evidence, signatory: Signatory): readonly ModelEvent[] => {
  const { artefactSha256, testData, manifests, sets, adequacy } = evidence;
  const { model: known, found } = requireVersion(model, modelId, version, 'candidate');
  requireSignatory(signatory, 'approval', ['process-scientist'], 'accept a model');
  if (isDeveloper(found, signatory.signature.signerId)) throw new DomainError('signature-same-person', `this person trains ${modelId}; another person must accept it`, { modelId });
  if (testData === undefined || (found.report !== undefined && found.report.testDataId !== testData.testDataId)) {
    throw new DomainError('register-entry-not-found', `no test data ${found.report?.testDataId ?? ''}`, { modelId });
  }
  const { artefactSha256: frozen, trainingManifestSha256, calibrationManifestSha256 } = trainingOf(found, modelId);
  requireHashes({
    artefactSha256: [artefactSha256, frozen], trainingManifest: [manifestHashOf(manifests.training), trainingManifestSha256], testManifest: [manifestHashOf(manifests.test), testData.manifestSha256],
    calibrationManifest: [manifests.calibration === undefined ? 'none' : manifestHashOf(manifests.calibration), calibrationManifestSha256 ?? 'none'],
  });
  requireBeforeTest(known, found, testData);
  requireRowsOfTest(known, found, { testDataId: testData.testDataId, manifest: manifests.test }, { testData, sets });
  requireIndependent(known, found, testData, manifests);
  requireCriteria(known, found, testData);
  return [{ type: 'model-accepted', version, artefactSha256: frozen, planHash: found.planHash, testDataId: testData.testDataId, adequacy, signature: signatory.signature }];
};
