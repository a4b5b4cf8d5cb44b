import { DomainError } from '../errors.ts';
import type { Signature } from '../record/envelope.ts';
import { requireSignatory, type Signatory } from '../record/signatory.ts';
import { manifestHashOf, recordCountOf, type DataManifest } from './data-manifest.ts';
import type { Fact } from './events.ts';
import { isDeveloper, requireVersion, type Model } from './model.ts';

/**
 * One version of a test data set, frozen by the hash of its manifest. Its stream is its access log: who opened it, when, for which model.
 *
 * @see EU GMP Annex 22 (draft), 5.1 to 5.6 (representative, labels verified, exclusions, generated data), 6.1 to 6.5 (independence, access log)
 */
export type TestDataTerms = Readonly<{
  testDataId: string;
  title: string;
  manifestSha256: string;
  /** `rowsSha256` as in the manifest; absent in registrations from before it was kept. */
  sites: readonly Readonly<{ nodeId: string; records: number; positives: number; rowsSha256?: string }>[];
  representativeness: string;
  /** Share of labels verified by a second person or method, 0 to 1. */
  labelVerifiedFraction: number;
  preprocessing: string;
  exclusions: readonly Readonly<{ reason: string; records: number }>[];
  /** Absent: all records are of real batches. */
  generatedDataJustification?: string;
}>;
export type Access = Readonly<{ by: string; at: string; modelId: string; version: number; purpose: string; /** False in records from before a signature was asked for. */ isSigned: boolean }>;
export type TestDataEvent =
  | (TestDataTerms & Readonly<{ type: 'test-data-registered'; signature: Signature }>)
  | Readonly<{ type: 'test-data-accessed'; by: string; modelId: string; version: number; purpose: string; signature?: Signature }>;
export type TestData = TestDataTerms & Readonly<{ registeredBy: string; registeredAt: string; accesses: readonly Access[] }>;

export const evolveTestData = (data: TestData | undefined, { event, recordedAt, stream }: Fact<TestDataEvent>): TestData => {
  if (event.type === 'test-data-registered') {
    const { type: _, signature, ...terms } = event;
    return { ...terms, registeredBy: signature.signerId, registeredAt: recordedAt, accesses: [] };
  }
  if (data === undefined) throw new DomainError('record-corrupt', `test data ${stream.id} does not begin with its registration`, { id: stream.id });
  const { by, modelId, version, purpose, signature } = event;
  return { ...data, accesses: [...data.accesses, { by, at: recordedAt, modelId, version, purpose, isSigned: signature !== undefined }] };
};

/**
 * Freeze test data under its hash.
 *
 * @throws DomainError `register-entry-exists`, `role-missing`, `signature-meaning-wrong` (wants `responsibility` of a quality reviewer), `model-hash-mismatch` when
 *   the manifest has another hash, `model-results-inconsistent` when it has other records than the terms say
 */
export const registerTestData = (existing: TestData | undefined, terms: TestDataTerms, manifest: DataManifest, signatory: Signatory): readonly TestDataEvent[] => {
  const { testDataId, manifestSha256, sites } = terms;
  if (existing !== undefined) throw new DomainError('register-entry-exists', `there is test data ${testDataId} already; a new version is a new testDataId`, { testDataId });
  requireSignatory(signatory, 'responsibility', ['quality-reviewer'], 'register test data');
  const hash = manifestHashOf(manifest);
  if (hash !== manifestSha256) throw new DomainError('model-hash-mismatch', `manifestSha256: got ${manifestSha256}, want ${hash} as of the manifest`, { testDataId });
  const wrong = sites.find(({ nodeId, records, positives }) => positives > records || manifest.sites.find((site) => site.nodeId === nodeId)?.recordDigests.length !== records);
  if (wrong !== undefined || sites.reduce((sum, { records }) => sum + records, 0) !== recordCountOf(manifest)) {
    throw new DomainError('model-results-inconsistent', `sites${wrong === undefined ? '' : `.${wrong.nodeId}`}: got other records than the manifest, want those it lists, positives among them`, { testDataId });
  }
  const rowsOf = new Map(manifest.sites.map(({ nodeId, rowsSha256 }) => [nodeId, rowsSha256]));
  return [{ type: 'test-data-registered', ...terms, sites: sites.map((site) => ({ ...site, rowsSha256: rowsOf.get(site.nodeId) ?? '' })), signature: signatory.signature }];
};

/**
 * Open test data for the test of one version of a model, signed by who will test it. Hospitals are told of it, and score their test rows for nothing else.
 * The version must be a candidate: its plan is signed and its artefact frozen, so that nothing of either can follow from what is seen.
 *
 * @throws DomainError `register-entry-not-found`, `model-not-found`, `model-state-wrong`, `role-missing`, `signature-meaning-wrong` (wants `performed`), `model-test-not-independent` when the person trained the model
 */
export const accessTestData = (data: TestData | undefined, testDataId: string, model: Model | undefined, access: Pick<Access, 'modelId' | 'version' | 'purpose'>, signatory: Signatory): readonly TestDataEvent[] => {
  if (data === undefined) throw new DomainError('register-entry-not-found', `no test data ${testDataId}`, { testDataId });
  const { found } = requireVersion(model, access.modelId, access.version, 'candidate');
  if (found.report !== undefined) throw new DomainError('model-state-wrong', `version ${access.version} of ${access.modelId} has its test, want a new version for another`, { modelId: access.modelId, version: access.version });
  requireSignatory(signatory, 'performed', ['process-scientist', 'quality-reviewer'], 'open test data');
  const { signature } = signatory;
  if (isDeveloper(found, signature.signerId)) throw new DomainError('model-test-not-independent', `this person trains ${access.modelId}, want test data opened by another`, { modelId: access.modelId });
  return [{ type: 'test-data-accessed', by: signature.signerId, ...access, signature }];
};
