import type { DomainError } from '../errors.ts';
import type { Recorded } from '../record/envelope.ts';

/** An attempt that was refused because of who made it, or of how they proved it; one stream a person and day. */
export type SecurityEvent =
  | Readonly<{ type: 'access-refused'; personId: string; operation: string; code: string; requestId: string }>
  /** So many refusals of one person within `REPEATED_WITHIN_MINUTES` that people are told. */
  | Readonly<{ type: 'refusals-repeated'; personId: string; count: number; withinMinutes: number }>
  /** The day's list is full: later refusals of this person are in the logs of the functions only. */
  | Readonly<{ type: 'refusals-no-longer-listed'; personId: string; listed: number }>;

/** Refusals of one person on one day; `recentEpochMs` are those since people were last told, oldest first. */
export type Refusals = Readonly<{ personId: string; listed: number; isFull: boolean; recentEpochMs: readonly number[] }>;

/** A mistyped password or a wrong menu happens; five in ten minutes is an attempt. */
export const REPEATED_COUNT = 5;
export const REPEATED_WITHIN_MINUTES = 10;
/** Bounds what a person with a token can write into the log in a day. */
export const MAXIMUM_LISTED = 100;

const WITHIN_MS = REPEATED_WITHIN_MINUTES * 60_000;

const recent = (recentEpochMs: readonly number[], nowEpochMs: number): readonly number[] => recentEpochMs.filter((each) => nowEpochMs - each < WITHIN_MS);

export const evolveRefusals = (state: Refusals | undefined, { event, recordedAt }: Recorded<SecurityEvent>): Refusals => {
  const held = state ?? { personId: event.personId, listed: 0, isFull: false, recentEpochMs: [] };
  switch (event.type) {
    case 'access-refused': return { ...held, listed: held.listed + 1, recentEpochMs: [...recent(held.recentEpochMs, Date.parse(recordedAt)), Date.parse(recordedAt)] };
    case 'refusals-repeated': return { ...held, recentEpochMs: [] };
    case 'refusals-no-longer-listed': return { ...held, isFull: true };
  }
  event satisfies never;
};

/**
 * Is this refusal about who asked? Everything a role, a register, a grant or a sign-in does not allow, and a sign-in used twice; not a mistyped field, a lost race, or grants that this
 * hospital can not read now.
 *
 * @see 21 CFR 11.300(d): attempts at unauthorised use are detected and reported
 */
export const isSecurityRefusal = ({ kind, code }: Pick<DomainError, 'kind' | 'code'>): boolean =>
  (kind === 'forbidden' && code !== 'audit-grant-unreadable') || kind === 'unauthenticated' || code === 'reauthentication-used';

/** What is put on record of one more refusal; nothing once the day's list is full. */
export const noteRefusal = (state: Refusals | undefined, refusal: Omit<Extract<SecurityEvent, { type: 'access-refused' }>, 'type'>, nowEpochMs: number): readonly SecurityEvent[] => {
  const { personId } = refusal;
  if (state?.isFull === true) return [];
  const [listed, count] = [(state?.listed ?? 0) + 1, recent(state?.recentEpochMs ?? [], nowEpochMs).length + 1];
  return [
    { type: 'access-refused', ...refusal },
    ...(count < REPEATED_COUNT ? [] : [{ type: 'refusals-repeated', personId, count, withinMinutes: REPEATED_WITHIN_MINUTES } as const]),
    ...(listed < MAXIMUM_LISTED ? [] : [{ type: 'refusals-no-longer-listed', personId, listed } as const]),
  ];
};
