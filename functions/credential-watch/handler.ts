import { noteCredentialChange, type Person, type PersonEvent } from '../../shared/registers/person.ts';
import { WATCHED_MESSAGES } from '../../shared/security/watched.ts';
import { task } from '../_platform/batch.ts';
import { logger } from '../_platform/log.ts';
import type { StreamRecords } from '../_platform/stream-records.ts';
import { CredentialCall } from './schema.ts';

type Ports = Readonly<{ people: StreamRecords<Person, PersonEvent> }>;

/**
 * Put on a person's record that somebody set what the person signs in with. From then on the person signs nothing until another person of quality has confirmed it.
 *
 * @throws Error when the call does not say whose credential it was: the function's alarm then tells people
 * @see 21 CFR 11.200(a)(3), 11.300(c)
 */
export const createHandler = ({ people }: Ports) => task(async (event: unknown): Promise<void> => {
  const { time, detail: { eventID, eventName, errorCode, userIdentity, additionalEventData } } = CredentialCall.parse(event);
  if (errorCode !== undefined && errorCode !== '') return;
  const personId = additionalEventData?.sub;
  if (personId === undefined) throw new Error(`${eventName} (${eventID}) does not say whose credential it changed`);
  // Nothing is kept of an account nobody registered, and a stream can not be appended to by nothing.
  if ((await people.load(personId)).state === undefined) return;
  const changedBy = userIdentity?.arn ?? userIdentity?.type ?? 'unknown';
  const { recorded } = await people.change(personId, ({ state }) => noteCredentialChange(state, { changeId: eventID, change: eventName, changedAt: time, changedBy }), { actor: { kind: 'system', id: 'credential-watch', version: '1' } });
  if (recorded.length > 0) logger.warn(WATCHED_MESSAGES.CredentialChanged, { personId, change: eventName });
});
