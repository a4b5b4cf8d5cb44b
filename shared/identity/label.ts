import { DomainError } from '../errors.ts';
import { requireChainOfIdentityId } from './identifiers.ts';

/** What a label says. A patient's material also carries the therapy event's identifier; a bought lot does not. */
export type Label = Readonly<{ lotId: string; chainOfIdentityId?: string }>;

/** How labels are written. Another scheme (ISBT 128, for one) is another codec; its tables are its licensee's to bring. */
export type LabelCodec = Readonly<{ encode(label: Label): string; decode(text: string): Label }>;

const FORM = /^BED1\|LOT:([A-Za-z0-9][A-Za-z0-9._*-]{0,63})(?:\|COI:([0-9A-Z*]+))?$/;

/**
 * Bedside's own label text, `BED1|LOT:<lot>[|COI:<identifier>]`, short enough for a small Data Matrix.
 * `decode` throws DomainError `label-malformed` when the text or the identifier's check character is wrong.
 */
export const bedsideLabel: LabelCodec = {
  encode: ({ lotId, chainOfIdentityId }) => `BED1|LOT:${lotId}${chainOfIdentityId === undefined ? '' : `|COI:${requireChainOfIdentityId(chainOfIdentityId)}`}`,
  decode: (text) => {
    const match = FORM.exec(text);
    const lotId = match?.[1];
    if (lotId === undefined) throw new DomainError('label-malformed', 'the label does not read right, want BED1|LOT:<lot>[|COI:<identifier>]; scan it again');
    const chainOfIdentityId = match?.[2];
    return chainOfIdentityId === undefined ? { lotId } : { lotId, chainOfIdentityId: requireChainOfIdentityId(chainOfIdentityId) };
  },
};
