import { DynamoDBClient, PutItemCommand, QueryCommand } from '@aws-sdk/client-dynamodb';
import { marshall, unmarshall } from '@aws-sdk/util-dynamodb';
import { eventItemOf, type EventItem } from '../../functions/_platform/record-items.ts';
import type { NodeSite } from '../../scripts/client/endpoints.ts';
import { chainEvents } from '../../shared/record/chain.ts';
import { GENESIS_HASH, type Recorded } from '../../shared/record/envelope.ts';
import { keyOf } from '../../shared/storage/keys.ts';

type Event = Readonly<{ type: string; value?: number }>;
/** `version`: the event that was replaced. */
export type Altered = Readonly<{ version: number; putRight(): Promise<void> }>;

/** What a database administrator could do: another value in an event of a batch, and hashes, chain and leaves of all that follow made to fit. */
export const alterRecord = async ({ environment, outputs: { RecordTableName = '' } }: NodeSite, batchId: string, type: string): Promise<Altered> => {
  const client = new DynamoDBClient({ endpoint: environment['AWS_ENDPOINT_URL'] ?? '', region: environment['AWS_REGION'] ?? '', credentials: { accessKeyId: environment['AWS_ACCESS_KEY_ID'] ?? '', secretAccessKey: 'local', sessionToken: 'local' } });
  const { pk } = keyOf.stream('batch', batchId);
  const items: EventItem[] = [];
  let start: QueryCommand['input']['ExclusiveStartKey'];
  do {
    const page = await client.send(new QueryCommand({ TableName: RecordTableName, KeyConditionExpression: 'pk = :pk', ExpressionAttributeValues: marshall({ ':pk': pk }), ExclusiveStartKey: start }));
    items.push(...(page.Items ?? []).map((item) => unmarshall(item) as EventItem));
    start = page.LastEvaluatedKey;
  } while (start !== undefined);
  const events = items.map(({ body }) => JSON.parse(body) as Recorded<Event>);
  const at = events.findIndex(({ event }) => event.type === type);
  if (at < 0) throw new Error(`batch ${batchId} has no ${type}`);
  const drafts = events.slice(at).map(({ hash: _, previousHash: __, ...draft }, i) => (i === 0 ? { ...draft, event: { ...draft.event, value: Number(draft.event.value) + 9 } } : draft));
  const write = async (held: readonly EventItem[]): Promise<void> => { for (const item of held) await client.send(new PutItemCommand({ TableName: RecordTableName, Item: marshall(item) })); };
  await write(chainEvents(events[at - 1]?.hash ?? GENESIS_HASH, drafts).map(eventItemOf));
  return { version: at + 1, putRight: () => write(items.slice(at)) };
};
