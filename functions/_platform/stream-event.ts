import type { DynamoDBRecord } from 'aws-lambda';
import { DomainError } from '../../shared/errors.ts';
import type { Recorded } from '../../shared/record/envelope.ts';

/**
 * The recorded event behind one stream record of the record table, or undefined for items that are not events of the wanted kind.
 *
 * @throws DomainError `record-corrupt` when an event item holds no event
 */
export const eventOf = <Event>(record: DynamoDBRecord, kind: string): Recorded<Event> | undefined => {
  const image = record.dynamodb?.NewImage;
  if (record.eventName !== 'INSERT' || image?.['pk']?.S?.startsWith(`${kind.toUpperCase()}#`) !== true) return undefined;
  const body = image['body']?.S;
  if (body === undefined) throw new DomainError('record-corrupt', 'an event item in the stream has no body');
  return JSON.parse(body) as Recorded<Event>;
};
