import { DomainError } from '../errors.ts';
import { overlapOf, type DataManifest } from './data-manifest.ts';
import { fixedPlanTime, type Model, type ModelVersion } from './model.ts';
import type { Access, TestData } from './test-data.ts';

type Asked = Readonly<{ output: ModelVersion['plan']['output']; planHash: string; artefactSha256?: string }>;
/** An access, with the plan and the file it was for; `asked` is absent where the record of that version is not there. */
export type Opening = Access & Readonly<{ asked?: Asked }>;
/**
 * Test data that was opened. Its records are seen from then on: hospitals are told, and score them; who read what they counted, no record says.
 */
export type OpenedSet = Readonly<{ testData: TestData; manifest: DataManifest; openings: readonly Opening[] }>;
/** What a version is to be tested on, or was. */
export type TestRows = Readonly<{ testDataId: string; manifest: DataManifest }>;

/** @param modelOf the record of a model */
export const openedSetOf = (testData: TestData, manifest: DataManifest, modelOf: (modelId: string) => Model | undefined): OpenedSet => ({
  testData, manifest, openings: testData.accesses.map((access) => {
    const found = modelOf(access.modelId)?.versions.find(({ version }) => version === access.version);
    if (found === undefined) return access;
    const { plan: { output }, planHash, training } = found;
    return { ...access, asked: { output, planHash, ...(training !== undefined && { artefactSha256: training.artefactSha256 }) } };
  }),
});

const timeOf = ({ at }: Pick<Access, 'at'>): number => Date.parse(at);
const hospitals = (of: ReturnType<typeof overlapOf>): string => of.map(({ nodeId, records }) => `${records} of ${nodeId}`).join(', ');

/** The same question, of the same output or to the same file, under other criteria. What is not known counts. */
const isOfAnotherPlan = ({ planHash, plan: { output }, training }: ModelVersion, { asked }: Opening): boolean =>
  asked === undefined || (asked.planHash !== planHash && (asked.output === output || asked.artefactSha256 === training?.artefactSha256));

/**
 * No record of a test was seen before the plan was signed, in whichever set and for whichever model it was opened; nor was it opened for the same question under another plan, so that nobody
 * signs several and reads which is met. A planned retraining carries its plan on, and with it what was opened under it.
 *
 * @param sets every set that was opened, the one of the test among them
 * @param openedAt when the test data were opened for this version, RFC 3339: what was opened for another plan later takes nothing from it. Absent while they are being opened
 * @throws DomainError `model-plan-after-test`, `model-test-data-seen`
 * @see EU GMP Annex 22 (draft), 4.2 (criteria before the test), 6.1 to 6.5 (independence)
 */
export const requireUnseen = (model: Model, found: ModelVersion, { testDataId, manifest }: TestRows, sets: readonly OpenedSet[], openedAt?: string): void => {
  const { modelId } = model;
  const fixedAt = fixedPlanTime(model, found);
  const shared = sets.map(({ testData, openings, manifest: other }) => ({ seenIn: testData.testDataId, openings, records: overlapOf(manifest, other) })).filter(({ records }) => records.length > 0);
  for (const { seenIn, openings, records } of shared) {
    const early = openings.find((each) => fixedAt === undefined || timeOf(each) <= Date.parse(fixedAt));
    if (early !== undefined) {
      throw new DomainError('model-plan-after-test', `acceptance criteria signed ${fixedAt ?? 'never'}, but records of test data ${testDataId} were opened in ${seenIn} at ${early.at}: ${hospitals(records)}; want records nobody has seen before the signature`, { modelId, testDataId, seenIn });
    }
    const other = openings.find((each) => isOfAnotherPlan(found, each) && (openedAt === undefined || timeOf(each) <= Date.parse(openedAt)));
    if (other !== undefined) {
      throw new DomainError('model-test-data-seen', `records of test data ${testDataId} were opened in ${seenIn} at ${other.at} under the plan of ${other.modelId} version ${other.version}: ${hospitals(records)}; want records that were opened under no other plan for this question`, { modelId, testDataId, seenIn });
    }
  }
};

/** Was it opened for this version, used or not? */
export const isOpenedFor = ({ accesses }: TestData, modelId: string, version: number): boolean => accesses.some((each) => each.modelId === modelId && each.version === version);

/**
 * What a version is tested on holds every record of every set that was opened for it before: rows that changed are told and registered anew, and more may be among them; none is left out, nor a hospital,
 * once somebody may have read what it counted.
 *
 * @throws DomainError `model-test-data-left-out`
 * @see EU GMP Annex 22 (draft), 7.1 to 7.4
 */
export const requireNothingLeftOut = (modelId: string, version: number, { testDataId, manifest }: TestRows, sets: readonly OpenedSet[]): void => {
  const held = new Set(manifest.sites.flatMap(({ recordDigests }) => recordDigests));
  for (const { testData, manifest: opened } of sets.filter((each) => isOpenedFor(each.testData, modelId, version))) {
    const missing = opened.sites.map(({ nodeId, recordDigests }) => ({ nodeId, records: recordDigests.filter((digest) => !held.has(digest)).length })).filter(({ records }) => records > 0);
    if (missing.length > 0) {
      throw new DomainError('model-test-data-left-out', `test data ${testDataId} leave out records that were opened for version ${version} of ${modelId} in ${testData.testDataId}: ${hospitals(missing)}; want all of them, and more if wanted`, { modelId, version, testDataId, openedIn: testData.testDataId, nodeIds: missing.map(({ nodeId }) => nodeId) });
    }
  }
};
