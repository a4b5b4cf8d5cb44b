import * as z from 'zod';
import { requireStatement, type SignedStatement } from '../../models/federated/secure/statement.ts';
import { readStatement, statementHash, type Stated } from '../../shared/model-registry/hospital-counts.ts';
import { modelObject } from '../_platform/model-objects.ts';
import type { RegistryPorts } from './ports.ts';

const Base64 = z.string().min(1).max(4096);
const isObject = (text: string): boolean => {
  try {
    return typeof JSON.parse(text) === 'object';
  } catch {
    return false;
  }
};
/** As a hospital answered it. */
export const SignedStatementInput = z.strictObject({ text: z.string().min(2).max(200_000).refine(isObject, 'want the text of a statement, as the hospital answered it'), signature: Base64, trainingKey: z.strictObject({ key: Base64, signature: Base64 }) });
export const StatementsInput = z.array(SignedStatementInput).max(1000);

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
