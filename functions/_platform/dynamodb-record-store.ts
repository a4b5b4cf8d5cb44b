import {
  DynamoDBClient, QueryCommand, TransactWriteItemsCommand, TransactionCanceledException,
  type AttributeValue, type CancellationReason, type TransactWriteItem,
} from '@aws-sdk/client-dynamodb';
import { marshall } from '@aws-sdk/util-dynamodb';
import { chainEvents, recordedAtAfter, verifyChain } from '../../shared/record/chain.ts';
import { GENESIS_HASH, type Recorded, type StreamId } from '../../shared/record/envelope.ts';
import { DomainError } from '../../shared/errors.ts';
import { keyOf } from '../../shared/storage/keys.ts';
import { pendingOf } from './log-outbox.ts';
import { MAXIMUM_EVENTS, MAXIMUM_WRITES, type ChainPosition, type Clock, type Companion, type RecordStore } from './ports.ts';
import { eventItemOf } from './record-items.ts';

type Tables = Readonly<{ recordTable: string; operationsTable: string; /** Only a function that may touch personal data has it. */ personalDataTable?: string }>;
type Item = Record<string, AttributeValue>;

const bodyOf = (item: Item): string => {
  const body = item['body']?.S;
  if (body === undefined) throw new DomainError('record-corrupt', 'an event item has no body');
  return body;
};

const tableOf = ({ operationsTable, personalDataTable }: Tables, { table }: Companion): string => {
  if (table === undefined) return operationsTable;
  if (personalDataTable === undefined) throw new RangeError('this function has no table of personal data');
  return personalDataTable;
};

const isAs = (attributes: Readonly<Record<string, string | number>> = {}) => {
  const conditions = Object.entries(attributes);
  return conditions.length === 0 ? {} : {
    ConditionExpression: conditions.map((_, i) => `#n${i} = :v${i}`).join(' AND '),
    ExpressionAttributeNames: Object.fromEntries(conditions.map(([name], i) => [`#n${i}`, name])),
    ExpressionAttributeValues: marshall(Object.fromEntries(conditions.map(([, value], i) => [`:v${i}`, value]))),
  };
};

const companionWrite = (table: string, companion: Companion): TransactWriteItem => {
  if (companion.type === 'delete') return { Delete: { TableName: table, Key: marshall(companion.key), ...isAs(companion.onlyIf) } };
  const Item = marshall({ ...companion.attributes, ...companion.key }, { removeUndefinedValues: true });
  return { Put: { TableName: table, Item, ...(companion.onlyIfAbsent ? { ConditionExpression: 'attribute_not_exists(pk)' } : isAs(companion.onlyIf)) } };
};

const conflictOf = (reasons: readonly CancellationReason[], planned: readonly Recorded<unknown>[], companions: readonly Companion[]): DomainError => {
  const isLost = (code: string | undefined): boolean => code === 'ConditionalCheckFailed' || code === 'TransactionConflict';
  const lostAt = reasons.slice(0, planned.length).findIndex(({ Code }) => isLost(Code));
  const eventLost = lostAt >= 0;
  const { stream, version } = planned[eventLost ? lostAt : 0] ?? { stream: { kind: 'node', id: '-' }, version: 1 };
  const lost = companions.find((_, i) => reasons[planned.length + i]?.Code === 'ConditionalCheckFailed');
  if (!eventLost && lost?.conflict !== undefined) {
    return new DomainError(lost.conflict, `${lost.conflict.replaceAll('-', ' ')} (${stream.kind} ${stream.id})`);
  }
  return new DomainError('version-conflict', `${stream.kind} ${stream.id} moved on from version ${version - 1} meanwhile; read it again`, { expectedVersion: version - 1 });
};

/** Client over the node's tables; consistent reads, one transaction an append. */
export const createDynamoDbRecordStore = (client: () => DynamoDBClient, tables: Tables, now: Clock): RecordStore => {
  const loadFrom = async (stream: StreamId, afterVersion: number): Promise<readonly Recorded<unknown>[]> => {
    const bodies: string[] = [];
    let start: Item | undefined;
    do {
      const page = await client().send(new QueryCommand({
        TableName: tables.recordTable, ConsistentRead: true, ExclusiveStartKey: start,
        KeyConditionExpression: 'pk = :pk AND sk > :after',
        ExpressionAttributeValues: marshall({ ':pk': keyOf.stream(stream.kind, stream.id).pk, ':after': keyOf.event(stream.kind, stream.id, afterVersion).sk }),
      }));
      bodies.push(...(page.Items ?? []).map(bodyOf));
      start = page.LastEvaluatedKey;
    } while (start !== undefined);
    return bodies.map((body) => JSON.parse(body) as Recorded<unknown>);
  };

  return {
    load: async <Event>(stream: StreamId, after: ChainPosition = { version: 0, hash: GENESIS_HASH }) => {
      const recorded = await loadFrom(stream, after.version);
      verifyChain(stream, recorded, after);
      return recorded as readonly Recorded<Event>[];
    },
    plan: (request) => {
      const recordedAt = recordedAtAfter(request.previousRecordedAt, now().toISOString());
      return chainEvents(request.previousHash, request.events.map((event, i) => ({
        stream: request.stream, version: request.expectedVersion + i + 1, recordedAt,
        ...(request.deviceTime === undefined ? {} : { deviceTime: request.deviceTime }), actor: request.actor, event,
      })));
    },
    write: async (planned, companions) => {
      if (planned.length > MAXIMUM_EVENTS) throw new RangeError(`got ${planned.length} events in one append, want at most ${MAXIMUM_EVENTS}`);
      const TransactItems = [
        ...planned.map((each) => ({ Put: { TableName: tables.recordTable, Item: marshall(eventItemOf(each)), ConditionExpression: 'attribute_not_exists(pk)' } })),
        ...[...companions, ...pendingOf(planned)].map((companion) => companionWrite(tableOf(tables, companion), companion)),
      ];
      if (TransactItems.length > MAXIMUM_WRITES) throw new RangeError(`got ${TransactItems.length} writes in one append, want at most ${MAXIMUM_WRITES}`);
      try {
        await client().send(new TransactWriteItemsCommand({ TransactItems }));
      } catch (error) {
        if (error instanceof TransactionCanceledException) throw conflictOf(error.CancellationReasons ?? [], planned, companions);
        throw error;
      }
    },
  };
};
