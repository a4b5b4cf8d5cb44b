import type { Recorded } from '../../shared/record/envelope.ts';
import type { SecurityEvent } from '../../shared/security/refusals.ts';
import { keyOf } from '../../shared/storage/keys.ts';
import type { OperationsStore, PageRequest, RecordStore } from '../_platform/ports.ts';

type Ports = Readonly<{ record: Pick<RecordStore, 'load'>; operations: Pick<OperationsStore, 'list'> }>;
type Listed = Readonly<{ id: string; personId: string }>;

const eventView = ({ version, recordedAt, event, hash }: Recorded<SecurityEvent>) => {
  const own = event.type === 'access-refused' ? { operation: event.operation, code: event.code, requestId: event.requestId } : event.type === 'refusals-repeated' ? { count: event.count } : {};
  return { version, recordedAt, type: event.type, ...own, hash };
};

/** Refused attempts, one entry a person and day, the latest day first; the events are read from the record itself. @see 21 CFR 11.300(d) */
export const readSecurityEvents = async ({ record, operations }: Ports, page: PageRequest) => {
  const { items, ...rest } = await operations.list<Listed>(keyOf.summary('security', '-').pk, page, { newestFirst: true });
  return {
    ...rest, items: await Promise.all(items.map(async ({ id, personId }) => {
      const events = await record.load<SecurityEvent>({ kind: 'security', id });
      return { day: id.slice(0, 10), personId, version: events.length, events: events.map(eventView) };
    })),
  };
};
