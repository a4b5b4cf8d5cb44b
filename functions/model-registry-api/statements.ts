import * as z from 'zod';
import { requireStatement, type SignedStatement } from '../../models/federated/secure/statement.ts';
import type { DataManifest } from '../../shared/model-registry/data-manifest.ts';
import { DataStatementSchema, type DataStatement } from '../../shared/model-registry/data-statement.ts';
import { readStatement, statementHash, type Stated } from '../../shared/model-registry/hospital-counts.ts';
import { modelObject } from '../_platform/model-objects.ts';
import type { RegistryPorts } from './ports.ts';

/** Digests of a hospital's records are in the text: some ten thousand. */
const DATA_TEXT_AT_MOST = 4_000_000;
const Base64 = z.string().min(1).max(4096);
const isObject = (text: string): boolean => {
  try {
    return typeof JSON.parse(text) === 'object';
  } catch {
    return false;
  }
};
/** As a hospital answered it. */
const signedText = (most: number) => z.strictObject({ text: z.string().min(2).max(most).refine(isObject, 'want the text of a statement, as the hospital answered it'), signature: Base64, trainingKey: z.strictObject({ key: Base64, signature: Base64 }) });
export const StatementsInput = z.array(signedText(200_000)).max(1000);
export const DataStatementsInput = z.array(signedText(DATA_TEXT_AT_MOST)).min(1).max(1000);
const KeptStatement = z.strictObject({ text: z.string(), signature: z.string(), trainingKey: z.strictObject({ key: z.string(), signature: z.string() }) });

/**
 * What hospitals signed for, each held against the identity this site's directory knows.
 *
 * @throws DomainError `hospital-statement-wrong` for one that another than the hospital it names signed
 */
export const takeStatements = async <Statement extends Readonly<{ nodeId: string }>>({ identities }: Pick<RegistryPorts, 'identities'>, schema: z.ZodType<Statement>, all: readonly SignedStatement[]): Promise<readonly Stated<Statement>[]> => {
  const directory = await identities();
  return all.map((signed) => {
    const read = readStatement(schema, signed.text);
    requireStatement(read.statement.nodeId, signed, directory);
    return read;
  });
};

/** Keep what an event names by its hash, once the command is accepted: of one that is refused nothing stays. A repeated request makes good what was cut off; the hospital keeps its own, too. */
export const keepStatements = async ({ bucket }: Pick<RegistryPorts, 'bucket'>, all: readonly SignedStatement[]): Promise<void> => {
  for (const signed of all) await bucket.put(modelObject.statement(statementHash(signed.text)), new TextEncoder().encode(JSON.stringify(signed)), { ifMatch: null, contentType: 'application/json' });
};

/** What was kept under the hashes a manifest names, each held against text and key again; what is not there is left out. @throws DomainError `hospital-statement-wrong` */
export const statementsOf = async (ports: Pick<RegistryPorts, 'bucket' | 'identities'>, { sites }: DataManifest): Promise<ReadonlyMap<string, Stated<DataStatement>>> => {
  const kept = await Promise.all(sites.map(async ({ statementSha256 }) => (statementSha256 === undefined ? undefined : ports.bucket.get(modelObject.statement(statementSha256)))));
  const signed = kept.flatMap((object) => (object === undefined ? [] : [KeptStatement.parse(JSON.parse(Buffer.from(object.body).toString('utf8')))]));
  return new Map((await takeStatements(ports, DataStatementSchema, signed)).map((each) => [each.statementSha256, each]));
};
