import { PutItemCommand, type DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { marshall } from '@aws-sdk/util-dynamodb';
import type * as z from 'zod';
import type { Coverage } from '../../shared/audit-grant/coverage.ts';
import { safeParameters } from '../../shared/audit/read-parameters.ts';
import { DomainError, type ErrorCode } from '../../shared/errors.ts';
import type { Person } from '../../shared/registers/person.ts';
import { requireMayAct } from '../../shared/registers/standing.ts';
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
export type LoggingPorts = Readonly<{ readLog: ReadLog; now: Clock; record: Pick<RecordStore, 'load'>; operations: Pick<OperationsStore, 'get' | 'list'> }>;
export type ReadPorts = LoggingPorts & Readonly<{ grants: GrantSource; refusals?: RefusalLog }>;
/** By what right somebody reads, and what the stores show them for it. */
export type Right<Seen extends View> = Readonly<{ grantIds: readonly string[]; view: Seen }>;
/** @returns nothing when no right is there */
export type RightSource<Seen extends View> = (contract: AnyContract, caller: Caller) => Promise<Right<Seen> | undefined>;

/** The read log beside the record it is about: entries are added, never changed. */
export const createReadLog = (client: () => DynamoDBClient, recordTable: string): ReadLog => ({
  write: async (entry) => {
    await client().send(new PutItemCommand({ TableName: recordTable, ConditionExpression: 'attribute_not_exists(pk)', Item: marshall({ ...entry, ...keyOf.read(entry.at, entry.requestId) }) }));
  },
});

/** People of the site read by their role; who may read only as a regulator needs a grant. */
export const readsByRole = ({ roles }: AnyContract, caller: Caller): boolean => caller.roles.some((role) => role !== 'regulator' && roles.includes(role));

const rightAtHospital = (ports: ReadPorts): RightSource<View> => async (contract, caller) => {
  const coverage: Coverage = readsByRole(contract, caller) ? { type: 'everything', grantIds: [] } : await ports.grants(caller.username);
  return coverage.type === 'nothing' ? undefined : { grantIds: coverage.grantIds, view: viewOf(coverage, ports) };
};

const countIn = (value: unknown): number => (Array.isArray(value) ? value.length : 0);

/** Items of a list, records of a genealogy; anything else is one. */
const itemCountOf = (answer: unknown): number => {
  if (answer instanceof FileAnswer || typeof answer !== 'object' || answer === null) return 1;
  const { items, forward, backward } = answer as Readonly<Record<string, unknown>>;
  if (items !== undefined) return countIn(items);
  return forward === undefined ? 1 : countIn((forward as Readonly<Record<string, unknown>>)['records']) + countIn((backward as Readonly<Record<string, unknown>>)['records']);
};

const entryOf = (contract: AnyContract, { caller, requestId, path, query }: ApiRequest<unknown, unknown, unknown>, at: string) =>
  (outcome: ReadEntry['outcome'], itemCount: number, grantIds: readonly string[]): ReadEntry => {
    const hasAnswer = outcome === 'answered' && itemCount > 0;
    const named = safeParameters(path as Readonly<Record<string, unknown>>, hasAnswer);
    return {
      readerId: caller.id, readerName: caller.printedName, operation: contract.operation, at, requestId, outcome, itemCount,
      target: `${contract.method} ${contract.route.replaceAll(/\{(\w+)\+?\}/g, (_, name: string) => named[name] ?? '')}`,
      parameters: safeParameters(query as Readonly<Record<string, unknown>>, hasAnswer), grantIds,
    };
  };

type Read<Path, Query, Body, Answer, Seen> = (request: ApiRequest<Path, Query, Body>, view: Seen) => Promise<Answer | FileAnswer>;

/**
 * The one way to read the record of a site: the reader's right decides what the stores show, and the read is on record before it is answered. A read that can not be logged is
 * not given. Who was suspended or revoked here, whose role was taken, and who has no grant, is refused before anything is looked at, however good their token still is.
 *
 * @param rightOf by what right the caller reads here
 * @throws DomainError `person-not-active`, `role-missing`, `audit-grant-missing`, what `rightOf` throws, and what `action` throws
 * @see 21 CFR 11.10(d), (e); EU GMP Annex 11, 12.4
 */
export const loggedBy = <Path extends z.ZodObject, Query extends z.ZodObject, Body extends z.ZodObject, Answer extends z.ZodType, Seen extends View>(
  { readLog, now, operations }: LoggingPorts, rightOf: RightSource<Seen>, contract: Contract<Path, Query, Body, Answer>, action: Read<z.output<Path>, z.output<Query>, z.output<Body>, z.input<Answer>, Seen>,
): Endpoint => endpoint(contract, async (request: ApiRequest<z.output<Path>, z.output<Query>, z.output<Body>>) => {
  const entry = entryOf(contract, request, now().toISOString());
  let right: Right<Seen> | undefined;
  try {
    requireMayAct(await operations.get<Pick<Person, 'standing' | 'roles'>>(keyOf.summary('person', request.caller.id)), request.caller, contract.roles);
    right = await rightOf(contract, request.caller);
    if (right === undefined) throw new DomainError('audit-grant-missing', 'no grant of the control site covers this login here now; ask the control site for one');
    const answer = await action(request, right.view);
    await readLog.write(entry('answered', itemCountOf(answer), right.grantIds));
    return answer;
  } catch (error) {
    await readLog.write(entry(error instanceof DomainError ? error.code : 'failed', 0, right?.grantIds ?? []));
    throw error;
  }
});

/** A read at a hospital, by role or by the grants that the control site gave for it. @throws DomainError as `loggedBy`, `audit-grant-unreadable` */
export const logged = <Path extends z.ZodObject, Query extends z.ZodObject, Body extends z.ZodObject, Answer extends z.ZodType>(
  ports: ReadPorts, contract: Contract<Path, Query, Body, Answer>, action: Read<z.output<Path>, z.output<Query>, z.output<Body>, z.input<Answer>, View>,
): Endpoint => loggedBy(ports, rightAtHospital(ports), contract, action);
