import middy from '@middy/core';
import type { Context, DynamoDBBatchResponse, DynamoDBRecord, DynamoDBStreamEvent, SQSBatchResponse, SQSEvent, SQSRecord } from 'aws-lambda';
import { logger } from './log.ts';

/** One invocation's record, and the identifier under which its failure is reported. */
type Reported<Item> = Readonly<{ identifier: string; item: Item }>;

const logContext = {
  before: ({ context }: { context: Context }) => {
    logger.resetKeys();
    logger.appendKeys({ requestId: context.awsRequestId });
  },
};

const streamRecordOf = (record: DynamoDBRecord): Reported<DynamoDBRecord> => ({ identifier: record.dynamodb?.SequenceNumber ?? '', item: record });

/**
 * Handle stream records strictly in order: the first failure stops the batch there, and the stream gives that record and all
 * after it again, so that no consumer ever sees an event before its predecessor.
 */
export const streamBatch = (handle: (record: DynamoDBRecord) => Promise<void>) =>
  middy<DynamoDBStreamEvent, DynamoDBBatchResponse>().use(logContext).handler(async ({ Records }) => {
    for (const { identifier, item } of Records.map(streamRecordOf)) {
      try {
        await handle(item);
      } catch (error) {
        logger.error('stream record failed', error instanceof Error ? error : new Error(String(error)));
        return { batchItemFailures: [{ itemIdentifier: identifier }] };
      }
    }
    return { batchItemFailures: [] };
  });

/**
 * Handle a whole queue batch at once; `handle` returns the message ids that must come again. Neighbours of a failed message are
 * done.
 */
export const queueBatch = (handle: (records: readonly SQSRecord[]) => Promise<readonly string[]>) =>
  middy<SQSEvent, SQSBatchResponse>().use(logContext).handler(async ({ Records }) => ({
    batchItemFailures: (await handle(Records)).map((itemIdentifier) => ({ itemIdentifier })),
  }));

/** Scheduled and workflow functions: plain payload in, plain answer out. */
export const task = <Input, Output>(handle: (input: Input) => Promise<Output>) =>
  middy<Input, Output>().use(logContext).handler(async (input) => handle(input));
