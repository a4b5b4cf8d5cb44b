import type * as z from 'zod';
import { tellAny } from '../../shared/audit/any-trail.ts';
import { DomainError } from '../../shared/errors.ts';
import type { Recorded, StreamId } from '../../shared/record/envelope.ts';
import type { Endpoint } from '../_platform/contract.ts';
import type { View } from '../_platform/granted-view.ts';
import { logged, type ReadPorts } from '../_platform/read-log.ts';
import { InspectAnyAuditTrail, InspectAnyRecord } from './any-record-schema.ts';
import { eventPage } from './record-pages.ts';
import type { AuditEntry } from './schema.ts';

type AnyEvent = Readonly<Record<string, unknown>> & Readonly<{ type: string }>;

/** @throws DomainError `record-not-found`, also for one that the reader may not see */
const loadAny = async ({ record }: View, stream: StreamId): Promise<readonly Recorded<AnyEvent>[]> => {
  const events = await record.load<AnyEvent>(stream);
  if (events.length === 0) throw new DomainError('record-not-found', `no ${stream.kind} ${stream.id} at this hospital`, { kind: stream.kind, id: stream.id });
  return events;
};

const entryOf = ({ version, recordedAt, deviceTime, actor, event, hash }: Recorded<AnyEvent>, earlier: readonly Recorded<AnyEvent>[]): z.input<typeof AuditEntry> => {
  const { signature, ...told } = tellAny(event, earlier);
  return {
    version, recordedAt, ...(deviceTime === undefined ? {} : { deviceTime }), type: event.type, ...told, hash,
    who: actor.kind === 'person' ? actor.printedName : `${actor.id} ${actor.version}`, whoId: actor.id,
    ...(signature === undefined ? {} : { signature: { printedName: signature.printedName, meaning: signature.meaning, signedAt: signature.signedAt, signedVersion: signature.signedVersion } }),
  };
};

/** Records that are no batch: calibrations, releases of lots, people, erasures. Under the same view as everything an inspector reads. */
export const anyRecordEndpoints = (ports: ReadPorts): readonly Endpoint[] => [
  logged(ports, InspectAnyRecord, async ({ path, query }, view) => {
    const events = await loadAny(view, path);
    const upTo = events.slice(0, query.version ?? events.length);
    const last = upTo.at(-1);
    if (last === undefined || last.version !== (query.version ?? last.version)) throw new DomainError('record-version-not-found', `${path.kind} ${path.id} is at version ${events.length}, got ${query.version ?? 0}`, { latestVersion: events.length });
    const page = eventPage(`${path.kind}#${path.id}`, upTo, query);
    return { ...page, items: page.items.map((each) => ({ ...each })), ...path, version: last.version, hash: last.hash, recordedAt: last.recordedAt, latestVersion: events.length };
  }),
  logged(ports, InspectAnyAuditTrail, async ({ path, query }, view) => {
    const events = await loadAny(view, path);
    const page = eventPage(`${path.kind}#${path.id}`, events, query);
    return { ...page, items: page.items.map((each) => entryOf(each, events.slice(0, each.version - 1))), ...path };
  }),
];
