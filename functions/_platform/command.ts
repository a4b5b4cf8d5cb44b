import { createHash } from 'node:crypto';
import { DomainError } from '../../shared/errors.ts';
import { canonicalJson } from '../../shared/record/canonical-json.ts';
import type { Recorded, Role, Signature } from '../../shared/record/envelope.ts';
import { executeSignature } from '../../shared/record/signature.ts';
import { requireMayAct, requireMaySign, rolesHeld } from '../../shared/registers/standing.ts';
import { keyOf } from '../../shared/storage/keys.ts';
import { actorOf } from './caller.ts';
import type { ApiRequest } from './contract.ts';
import type { Accepted, SignatureInput } from './fields.ts';
import type { PersonOf } from './people.ts';
import type { ChainPosition, Clock, Companion, OperationsStore, StreamPosition } from './ports.ts';
import { eventItemOf } from './record-items.ts';
import type { Reauthentication, ReauthenticationVerifier } from './reauthentication.ts';
import { DEFAULT_ATTEMPTS, type Held, type StreamRecords } from './stream-records.ts';

const IDEMPOTENCY_LIFE_SECONDS = 7 * 86_400;
const REAUTHENTICATION_LIFE_SECONDS = 86_400;

export type CommandPorts = Readonly<{
  operations: Pick<OperationsStore, 'get'>;
  verifyReauthentication: ReauthenticationVerifier;
  /** The person as the register of the site has them now, read at every command. */
  personOf: PersonOf;
  now: Clock;
}>;

type Body = Readonly<Record<string, unknown>> & Readonly<{ deviceTime?: string | undefined; signature?: SignatureInput }>;
type Request = ApiRequest<unknown, Readonly<object>, Body>;

export type Command<State, Event> = Readonly<{
  records: StreamRecords<State, Event>;
  id: string;
  request: Request;
  decide(held: Held<State>, signature: Signature | undefined, roles: readonly Role[]): readonly Event[];
  /** The event that keeps a refusal on record, if this refusal is one to keep. */
  refusal?(error: unknown): Event | undefined;
  companions?(position: StreamPosition, held: Held<State>): readonly Companion[];
  /** Events of other streams that stand or fall with the command's own. */
  alongside?: readonly Recorded<unknown>[];
  /** How often a lost race of an unsigned command is decided again; one when `alongside` would have to be planned anew. */
  attempts?: number;
}>;

type Replay = Readonly<{ requestHash: string; accepted: Accepted }>;

const requestHashOf = ({ target, body }: Request): string => {
  const { signature, ...rest } = body;
  // The token differs at every signing; what was asked does not.
  return createHash('sha256').update(canonicalJson({ target, ...rest, ...(signature === undefined ? {} : { meaning: signature.meaning, version: signature.version }) })).digest('hex');
};

const epochSeconds = (now: Clock): number => Math.floor(now().getTime() / 1000);

/** The first answer to the same key, so that a retried request does nothing twice. `runCommand` looks for it by itself; for what must be found out before a command is run, and may be otherwise by now. */
export const replayOf = async ({ operations }: Pick<CommandPorts, 'operations'>, request: Request): Promise<Accepted | undefined> => {
  if (request.idempotencyKey === undefined) return undefined;
  const held = await operations.get<Replay>(keyOf.idempotency(request.caller.id, request.idempotencyKey));
  if (held === undefined) return undefined;
  if (held.requestHash !== requestHashOf(request)) {
    throw new DomainError('idempotency-key-reused', 'this Idempotency-Key was used for another request; want a new key for a new request');
  }
  return held.accepted;
};

const spendToken = ({ tokenId }: Reauthentication, now: Clock): Companion => ({
  type: 'put', key: keyOf.reauthentication(tokenId), onlyIfAbsent: true, conflict: 'reauthentication-used',
  attributes: { expiresAtEpochSeconds: epochSeconds(now) + REAUTHENTICATION_LIFE_SECONDS },
});

const keepAnswer = (request: Request, accepted: Accepted, now: Clock): readonly Companion[] => (request.idempotencyKey === undefined ? [] : [{
  type: 'put', key: keyOf.idempotency(request.caller.id, request.idempotencyKey), onlyIfAbsent: true, conflict: 'idempotency-key-reused',
  attributes: { requestHash: requestHashOf(request), accepted, expiresAtEpochSeconds: epochSeconds(now) + IDEMPOTENCY_LIFE_SECONDS },
}]);

const signatureFor = (ports: CommandPorts, { request }: Pick<Command<unknown, unknown>, 'request'>, reauthentication: Reauthentication | undefined, position: ChainPosition): Signature | undefined => {
  const asked = request.body.signature;
  if (asked === undefined || reauthentication === undefined) return undefined;
  return executeSignature({
    caller: request.caller, reauthentication, meaning: asked.meaning, signedVersion: asked.version, position, nowEpochMs: ports.now().getTime(),
  });
};

const keepRefusal = async <State, Event>({ records, id, request, refusal }: Command<State, Event>, error: unknown): Promise<void> => {
  const event = refusal?.(error);
  if (event === undefined || (await records.load(id)).state === undefined) return;
  await records.change(id, ({ state }) => (state === undefined ? [] : [event]), { actor: actorOf(request.caller) });
};

/**
 * The roles with which this command is done: those of the token that the register still gives, read now and not when the token was made.
 *
 * @throws DomainError of `requireMaySign` when signed, of `requireMayAct` when not
 */
export const rolesNow = async ({ personOf }: CommandPorts, { caller, roles, body }: Request): Promise<readonly Role[]> => {
  const person = await personOf(caller.id);
  if (body.signature === undefined) requireMayAct(person, caller, roles);
  else requireMaySign(person, caller, roles);
  return rolesHeld(person, caller);
};

const typeOf = (event: unknown): string => (event as Readonly<{ type: string }>).type;

const run = async <State, Event>(ports: CommandPorts, command: Command<State, Event>): Promise<Accepted> => {
  const { records, id, request, decide, companions, alongside = [], attempts = DEFAULT_ATTEMPTS } = command;
  const asked = request.body.signature;
  const roles = await rolesNow(ports, request);
  const reauthentication = asked === undefined ? undefined : await ports.verifyReauthentication(asked.reauthenticationToken);
  let decided: Readonly<{ held: Held<State>; types: readonly string[] }> | undefined;
  const accepted = (position: ChainPosition, last: Recorded<unknown> | undefined): Accepted => ({ id, version: position.version, hash: position.hash, events: [...(decided?.types ?? [])], ...(last === undefined ? {} : { receipt: { leafHash: eventItemOf(last).leafHash, recordedAt: last.recordedAt } }) });
  const { position, recorded } = await records.change(id, (held) => {
    const events = decide(held, signatureFor(ports, { request }, reauthentication, held.position), roles);
    decided = { held, types: events.map(typeOf) };
    return events;
  }, {
    actor: actorOf(request.caller), attempts: asked === undefined ? attempts : 1, alongside,
    ...(request.body.deviceTime === undefined ? {} : { deviceTime: request.body.deviceTime }),
    companions: (next, planned) => [
      ...(reauthentication === undefined ? [] : [spendToken(reauthentication, ports.now)]),
      ...keepAnswer(request, accepted(next, planned.at(-1)), ports.now),
      ...(decided === undefined ? [] : companions?.(next, decided.held) ?? []),
    ],
  });
  return accepted(position, recorded.at(-1));
};

/**
 * Run one person's command on one stream: replay, re-authentication, decision, refusal on record, one transaction. A signed command has one
 * attempt, because the signature covers the version the person saw; an unsigned one that loses a race decides again.
 *
 * @throws DomainError of the decision, the signature, or `version-conflict`
 */
export const runCommand = async <State, Event>(ports: CommandPorts, command: Command<State, Event>): Promise<Accepted> => {
  const replay = await replayOf(ports, command.request);
  if (replay !== undefined) return replay;
  try {
    return await run(ports, command);
  } catch (error) {
    const twin = await replayOf(ports, command.request);
    if (twin !== undefined) return twin;
    await keepRefusal(command, error);
    throw error;
  }
};

/** The signature of a command whose schema demands one. */
export const signed = (signature: Signature | undefined): Signature => {
  if (signature === undefined) throw new DomainError('signature-missing', 'this command must be signed');
  return signature;
};
