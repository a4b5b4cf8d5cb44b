import { DomainError, type ErrorCode } from '../errors.ts';
import type { Recorded } from '../record/envelope.ts';
import type { Opened, PublicationName } from './publication.ts';

/** On a hospital's record, one stream a publication: what it believed of it, and what it did not. `offeredSha256` is absent where nothing was there. */
export type BeliefEvent =
  | Readonly<{ type: 'publication-believed'; name: PublicationName; sequence: number; sha256: string }>
  | Readonly<{ type: 'publication-refused'; name: PublicationName; code: ErrorCode; offeredSha256?: string }>;

/** `believed` is undefined before the first was; `refused` is what was offered last, while that is not believed. */
export type Belief = Readonly<{ name: PublicationName; believed?: Readonly<{ sequence: number; sha256: string }>; refused?: Readonly<{ code: ErrorCode; offeredSha256?: string }> }>;

export const evolveBelief = (belief: Belief | undefined, { event }: Pick<Recorded<BeliefEvent>, 'event'>): Belief => {
  if (event.type === 'publication-believed') {
    const { name, sequence, sha256 } = event;
    return { name, believed: { sequence, sha256 } };
  }
  const { type: _, name, ...refused } = event;
  return { ...belief, name, refused };
};

/**
 * Believe a publication whose signature holds. Each higher number goes on record, though it says the same: what was said between, and never seen here, is older too.
 *
 * @returns empty when it is what is believed already
 * @throws DomainError `publication-older` when a later one was believed before
 */
export const believe = (held: Belief | undefined, { name, sequence, sha256 }: Opened): readonly BeliefEvent[] => {
  const { believed, refused } = held ?? {};
  if (believed !== undefined && sequence < believed.sequence) throw new DomainError('publication-older', `what is published as ${name} of models is of ${sequence} events, want ${believed.sequence} at least, which were believed before`, { name, sequence, wanted: believed.sequence });
  return believed?.sequence === sequence && believed.sha256 === sha256 && refused === undefined ? [] : [{ type: 'publication-believed', name, sequence, sha256 }];
};

/** Put on record that something was not believed: once, however often it is looked at. */
export const refuse = (held: Belief | undefined, name: PublicationName, code: ErrorCode, offeredSha256: string | undefined): readonly BeliefEvent[] => (held?.refused?.code === code && held.refused.offeredSha256 === offeredSha256 ? []
  : [{ type: 'publication-refused', name, code, ...(offeredSha256 !== undefined && { offeredSha256 }) }]);
