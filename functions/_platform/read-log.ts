import { PutItemCommand, type DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { marshall } from '@aws-sdk/util-dynamodb';
import type * as z from 'zod';
import type { Coverage } from '../../shared/audit-grant/coverage.ts';
import { safeParameters } from '../../shared/audit/read-parameters.ts';
import { DomainError, type ErrorCode } from '../../shared/errors.ts';
import type { Person } from '../../shared/registers/person.ts';
import { requireActive } from '../../shared/registers/standing.ts';
import { keyOf } from '../../shared/storage/keys.ts';
import type { GrantSource } from './audit-grants.ts';
import { endpoint, FileAnswer, type AnyContract, type ApiRequest, type Contract, type Endpoint } from './contract.ts';
import { viewOf, type View } from './granted-view.ts';
import type { Caller, Clock, OperationsStore, RecordStore } from './ports.ts';
import type { RefusalLog } from './refusals.ts';

/** One entry of the read log: who read what, when, by what right, and how much was answered. It holds no content and nothing of a patient. */
export type ReadEntry = Readonly<{
  readerId: string;
  readerName: string;
  operation: string;
  /** Method and route, with the identifiers asked for where they are safe to keep. */
  target: string;
  parameters: Readonly<Record<string, string>>;
  at: string;
  requestId: string;
  /** `answered`, or the code of the refusal; `failed` for a fault of ours. */
  outcome: 'answered' | 'failed' | ErrorCode;
  itemCount: number;
  /** Grants the reader had here then; empty for people of the hospital, who read by their role. */
  grantIds: readonly string[];
}>;
export type ReadLog = Readonly<{ write(entry: ReadEntry): Promise<void> }>;
export type ReadPorts = Readonly<{
  readLog: ReadLog; now: Clock; grants: GrantSource; refusals?: RefusalLog;
  record: Pick<RecordStore, 'load'>; operations: Pick<OperationsStore, 'get' | 'list'>;
}>;

/** The read log beside the record it is about: entries are added, never changed. */
export const createReadLog = (client: () => DynamoDBClient, recordTable: string): ReadLog => ({
  write: async (entry) => {
    await client().send(new PutItemCommand({ TableName: recordTable, ConditionExpression: 'attribute_not_exists(pk)', Item: marshall({ ...entry, ...keyOf.read(entry.at, entry.requestId) }) }));
  },
});

/** People of the hospital read by their role; who may read only as a regulator needs a grant. */
const coverageFor = ({ roles }: AnyContract, caller: Caller, grants: GrantSource): Promise<Coverage> =>
  (caller.roles.some((role) => role !== 'regulator' && roles.includes(role)) ? Promise.resolve({ type: 'everything', grantIds: [] }) : grants(caller.username));

const countIn = (value: unknown): number => (Array.isArray(value) ? value.length : 0);

/** Items of a list, records of a genealogy; anything else is one. */
const itemCountOf = (answer: unknown): number => {
  if (answer instanceof FileAnswer || typeof answer !== 'object' || answer === null) return 1;
  const { items, forward, backward } = answer as Readonly<Record<string, unknown>>;
  if (items !== undefined) return countIn(items);
  return forward === undefined ? 1 : countIn((forward as Readonly<Record<string, unknown>>)['records']) + countIn((backward as Readonly<Record<string, unknown>>)['records']);
};

const entryOf = (contract: AnyContract, { caller, requestId, path, query }: ApiRequest<unknown, unknown, unknown>, at: string) =>
  (outcome: ReadEntry['outcome'], itemCount: number, coverage: Coverage): ReadEntry => {
    const hasAnswer = outcome === 'answered' && itemCount > 0;
    const named = safeParameters(path as Readonly<Record<string, unknown>>, hasAnswer);
    return {
      readerId: caller.id, readerName: caller.printedName, operation: contract.operation, at, requestId, outcome, itemCount,
      target: `${contract.method} ${contract.route.replaceAll(/\{(\w+)\+?\}/g, (_, name: string) => named[name] ?? '')}`,
      parameters: safeParameters(query as Readonly<Record<string, unknown>>, hasAnswer), grantIds: coverage.type === 'nothing' ? [] : coverage.grantIds,
    };
  };

type Read<Path, Query, Body, Answer> = (request: ApiRequest<Path, Query, Body>, view: View) => Promise<Answer | FileAnswer>;

/**
 * The one way to read the record of a node: the reader's right decides what the stores show, and the read is on record before it is answered. A read that can not be logged is
 * not given. Who was suspended or revoked here, and who has no grant, is refused before anything is looked at, however good their token still is.
 *
 * @throws DomainError `person-not-active`, `audit-grant-missing`, `audit-grant-unreadable`, and what `action` throws
 * @see 21 CFR 11.10(d), (e); EU GMP Annex 11, 12.4
 */
export const logged = <Path extends z.ZodObject, Query extends z.ZodObject, Body extends z.ZodObject, Answer extends z.ZodType>(
  ports: ReadPorts, contract: Contract<Path, Query, Body, Answer>, action: Read<z.output<Path>, z.output<Query>, z.output<Body>, z.input<Answer>>,
): Endpoint => endpoint(contract, async (request: ApiRequest<z.output<Path>, z.output<Query>, z.output<Body>>) => {
  const { readLog, now, grants } = ports;
  const entry = entryOf(contract, request, now().toISOString());
  let coverage: Coverage = { type: 'nothing' };
  try {
    requireActive(await ports.operations.get<Pick<Person, 'standing'>>(keyOf.summary('person', request.caller.id)), request.caller);
    coverage = await coverageFor(contract, request.caller, grants);
    if (coverage.type === 'nothing') throw new DomainError('audit-grant-missing', 'no grant of the control site covers this login at this hospital now; ask the control site for one');
    const answer = await action(request, viewOf(coverage, ports));
    await readLog.write(entry('answered', itemCountOf(answer), coverage));
    return answer;
  } catch (error) {
    await readLog.write(entry(error instanceof DomainError ? error.code : 'failed', 0, coverage));
    throw error;
  }
});
