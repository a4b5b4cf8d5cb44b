import type { APIGatewayProxyEventV2WithJWTAuthorizer } from 'aws-lambda';
import { DomainError } from '../../shared/errors.ts';
import { evolveRefusals, isSecurityRefusal, noteRefusal, type Refusals, type SecurityEvent } from '../../shared/security/refusals.ts';
import { WATCHED_MESSAGES } from '../../shared/security/watched.ts';
import { actorOf, callerOf } from './caller.ts';
import { logger } from './log.ts';
import type { Caller, Clock, RecordStore } from './ports.ts';
import { createStreamRecords, type StreamRecords, type StreamType } from './stream-records.ts';

/** How a stream of refusals becomes state, at a hospital and at the control site alike. */
export const SECURITY = { kind: 'security', evolve: evolveRefusals, summaryOf: ({ personId, listed }) => ({ personId, listed }) } satisfies StreamType<Refusals, SecurityEvent>;

export type Refused = Readonly<{ caller: Caller; operation: string; code: string; requestId: string }>;
/** Puts refused attempts on record. It never fails: what it can not keep is in the function's log, and the refusal stands. */
export type RefusalLog = Readonly<{ note(refused: Refused): Promise<void> }>;

/** The day first, so that a list of them is in order of time. */
const idOf = ({ id }: Caller, at: Date): string => `${at.toISOString().slice(0, 10)}.${id}`;

/** Security events of a node: a stream a person and day, in the record and so in the log. */
export const createRefusalLog = (records: Pick<StreamRecords<Refusals, SecurityEvent>, 'change'>, now: Clock): RefusalLog => ({
  note: async ({ caller, operation, code, requestId }) => {
    try {
      const at = now();
      const { recorded } = await records.change(idOf(caller, at), ({ state }) => noteRefusal(state, { personId: caller.id, operation, code, requestId }, at.getTime()), { actor: actorOf(caller) });
      const repeated = recorded.find(({ event }) => event.type === 'refusals-repeated');
      if (repeated !== undefined) logger.warn(WATCHED_MESSAGES.RefusalsRepeated, { personId: caller.id, version: repeated.version });
    } catch (error) {
      logger.error('refusal not recorded', error instanceof Error ? error : new Error(String(error)));
    }
  },
});

/** The same over a site's record. */
export const refusalLogOver = (record: RecordStore, now: Clock): RefusalLog => createRefusalLog(createStreamRecords<Refusals, SecurityEvent>(SECURITY, record), now);

const callerIn = (event: APIGatewayProxyEventV2WithJWTAuthorizer): Caller | undefined => {
  try {
    return callerOf(event);
  } catch {
    // A token that names nobody: there is no person to put it to.
    return undefined;
  }
};

/** Put a refusal on record, if it is one about who asked. */
export const noteIfSecurity = async (refusals: RefusalLog | undefined, error: unknown, event: APIGatewayProxyEventV2WithJWTAuthorizer, operation: string | undefined): Promise<void> => {
  if (refusals === undefined || operation === undefined || !(error instanceof DomainError) || !isSecurityRefusal(error)) return;
  const caller = callerIn(event);
  if (caller !== undefined) await refusals.note({ caller, operation, code: error.code, requestId: event.requestContext.requestId });
};
