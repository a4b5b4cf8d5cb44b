import type { DynamoDBRecord } from 'aws-lambda';
import { canonicalJson } from '../../shared/record/canonical-json.ts';
import type { Recorded } from '../../shared/record/envelope.ts';
import { keyOf } from '../../shared/storage/keys.ts';

/** The record a stream of the record table gives for one event. */
export const streamRecord = (recorded: Recorded<unknown>): DynamoDBRecord => {
  const { pk, sk } = keyOf.event(recorded.stream.kind, recorded.stream.id, recorded.version);
  return { eventName: 'INSERT', dynamodb: { SequenceNumber: String(recorded.version), NewImage: { pk: { S: pk }, sk: { S: sk }, body: { S: canonicalJson(recorded) } } } };
};
