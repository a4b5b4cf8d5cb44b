type Request = Readonly<{ PutRequest?: Readonly<{ Item: unknown }>; DeleteRequest?: Readonly<{ Key: unknown }> }>;

const entryOf = (TableName: string, { PutRequest, DeleteRequest }: Request): Readonly<Record<string, unknown>> =>
  (PutRequest === undefined ? { Delete: { TableName, ...DeleteRequest } } : { Put: { TableName, ...PutRequest } });

/**
 * A BatchWriteItem as one transaction. The engine makes each item of a batch durable by itself, and a transaction at once: a batch of 25 then waits for the disk once and not 25 times. What a batch
 * may leave undone a transaction does whole; what a transaction refuses (more than 4 MB, one item twice) is given to the engine as it came.
 *
 * @see Amazon DynamoDB API Reference, BatchWriteItem and TransactWriteItems
 */
export const asTransaction = ({ RequestItems }: Readonly<{ RequestItems?: Readonly<Record<string, readonly Request[]>> }>): Readonly<{ TransactItems: readonly unknown[] }> =>
  ({ TransactItems: Object.entries(RequestItems ?? {}).flatMap(([table, requests]) => requests.map((request) => entryOf(table, request))) });
