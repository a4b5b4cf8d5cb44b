import * as z from 'zod';
import { DomainError } from '../../shared/errors.ts';
import { Sha256 } from '../../shared/model-registry/data-manifest.ts';
import { readArtefactText } from '../../models/artefact.ts';
import { contract } from '../_platform/contract.ts';
import { Accepted, Empty, Identifier, PageQuery, Prose, Reason, SignatureInput, Title, pageOf } from '../_platform/fields.ts';
import { AUTHORS, READERS, TESTERS } from './schema.ts';
import { DataStatementsInput } from './statements.ts';

/** A function is called with at most 6 MB, in which the body stands as text. A larger file comes from a federated training, by its hash. */
const ARTEFACT_AT_MOST = 4_000_000;
const UPLOAD_AT_MOST = 4_500_000;

const Artefact = z.string().min(2).max(ARTEFACT_AT_MOST).superRefine((text, context) => {
  try {
    readArtefactText(text);
  } catch (error) {
    if (!(error instanceof DomainError)) throw error;
    context.addIssue({ code: 'custom', message: error.message });
  }
}).describe('The model file as it is, a forest as XGBoost writes it or a monitoring model as a training wrote it: its bytes as UTF-8 are what is hashed');

const uploading = { method: 'POST', path: Empty, query: Empty, status: 201, maximumBodyBytes: UPLOAD_AT_MOST } as const;
export const AddArtefact = contract({
  ...uploading, operation: 'addModelArtefact', route: '/v1/model-artefacts', summary: 'Keep a model file under the name of its hash', roles: AUTHORS,
  body: z.strictObject({ artefact: Artefact }), answer: z.strictObject({ artefactSha256: z.string(), kind: z.enum(['forest', 'monitoring']), inputs: z.array(z.string()), trees: z.int().optional(), components: z.int().optional() }),
});
export const AddDataManifest = contract({
  ...uploading, operation: 'addDataManifest', route: '/v1/data-manifests', summary: 'Keep the manifest of training, test or calibration data under the name of its hash, made of what hospitals signed for: digests of records, no records', roles: [...AUTHORS, 'quality-reviewer'],
  body: z.strictObject({ statements: DataStatementsInput.describe('As each hospital answered it, in the order of the manifest') }), answer: z.strictObject({ manifestSha256: z.string(), sites: z.int(), records: z.int() }),
});

const Count = z.int().min(0).max(10_000_000);
const Terms = z.strictObject({
  testDataId: Identifier, title: Title, manifestSha256: Sha256, sites: z.array(z.strictObject({ nodeId: Identifier, records: Count, positives: Count })).min(1).max(1000), representativeness: Prose,
  labelVerifiedFraction: z.number().min(0).max(1), preprocessing: Prose, exclusions: z.array(z.strictObject({ reason: Prose, records: Count })).max(100), generatedDataJustification: Prose.exactOptional(),
});
const Path = z.strictObject({ testDataId: Identifier });
const Site = z.strictObject({ nodeId: z.string(), records: z.int(), positives: z.int(), rowsSha256: z.string().optional() });
export const RegisterTestData = contract({
  operation: 'registerTestData', method: 'POST', route: '/v1/test-data', summary: 'Freeze a test data set under the hash of its manifest, signed as responsibility', roles: ['quality-reviewer'], path: Empty, query: Empty,
  body: Terms.extend({ signature: SignatureInput }), answer: Accepted, status: 201, idempotency: 'required',
});
export const OpenTestData = contract({
  operation: 'openTestData', method: 'POST', route: '/v1/test-data/{testDataId}/accesses', summary: 'Open test data for the test of one candidate, signed as performed, by who does not train it: hospitals are told, and score their test rows for nothing else', roles: TESTERS, path: Path, query: Empty,
  body: z.strictObject({ modelId: Identifier, version: z.int().min(1).max(9999), purpose: Reason, signature: SignatureInput }), answer: Accepted, status: 201, idempotency: 'required',
});

const Summary = z.strictObject({ testDataId: z.string(), title: z.string(), manifestSha256: z.string(), version: z.int(), records: z.int(), positives: z.int(), accesses: z.int() });
export const ListTestData = contract({ operation: 'listTestData', method: 'GET', route: '/v1/test-data', summary: 'Registered test data', roles: READERS, path: Empty, query: PageQuery, body: Empty, answer: pageOf(Summary) });
export const ReadTestData = contract({
  operation: 'readTestData', method: 'GET', route: '/v1/test-data/{testDataId}', summary: 'One test data set: its terms, and who opened it, when, for which model', roles: READERS, path: Path, query: Empty, body: Empty,
  answer: Terms.extend({ sites: z.array(Site), version: z.int(), registeredBy: z.string(), registeredAt: z.string(), accesses: z.array(z.strictObject({ by: z.string(), at: z.string(), modelId: z.string(), version: z.int(), purpose: z.string(), isSigned: z.boolean().describe('False where it was put on record before a signature was asked for') })) }),
});
