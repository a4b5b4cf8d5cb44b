import { PutItemCommand, type DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { marshall } from '@aws-sdk/util-dynamodb';
import type * as z from 'zod';
import { keyOf } from '../../shared/storage/keys.ts';
import { endpoint, type Action, type ApiRequest, type Contract, type Endpoint } from './contract.ts';
import type { Clock } from './ports.ts';
import type { RefusalLog } from './refusals.ts';

/** One entry of the read log: who read what, and when. It holds no content. */
export type ReadEntry = Readonly<{ readerId: string; operation: string; target: string; at: string; requestId: string }>;
export type ReadLog = Readonly<{ write(entry: ReadEntry): Promise<void> }>;
export type ReadPorts = Readonly<{ readLog: ReadLog; now: Clock; refusals?: RefusalLog }>;

/** The read log beside the record it is about: entries are added, never changed. */
export const createReadLog = (client: () => DynamoDBClient, recordTable: string): ReadLog => ({
  write: async (entry) => {
    await client().send(new PutItemCommand({ TableName: recordTable, ConditionExpression: 'attribute_not_exists(pk)', Item: marshall({ ...entry, ...keyOf.read(entry.at, entry.requestId) }) }));
  },
});

/** Log the read before answering: a read that can not be logged is not given. */
export const logged = <Path extends z.ZodObject, Query extends z.ZodObject, Body extends z.ZodObject, Answer extends z.ZodType>(
  { readLog, now }: ReadPorts, contract: Contract<Path, Query, Body, Answer>, action: Action<Path, Query, Body, Answer>,
): Endpoint => endpoint(contract, async (request: ApiRequest<z.output<Path>, z.output<Query>, z.output<Body>>) => {
  const { caller, requestId, target } = request;
  await readLog.write({ readerId: caller.id, operation: contract.operation, target, at: now().toISOString(), requestId });
  return action(request);
});
