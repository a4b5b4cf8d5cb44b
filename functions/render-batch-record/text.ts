import type { SignatureLine, Stamp } from '../../shared/audit/batch-record-document.ts';

/** `2026-03-02T14:05:09.120Z` as `2026-03-02 14:05:09 UTC`: a reader needs date, time and zone on one line. @see 21 CFR 11.50(a)(2) */
export const timeText = (rfc3339: string): string => rfc3339.replace(/^(\d{4}-\d{2}-\d{2})T(\d{2}:\d{2}:\d{2})(?:\.\d+)?Z$/, '$1 $2 UTC');

export const stampText = ({ by, at, deviceTime }: Stamp): string => `${by}, ${timeText(at)}${deviceTime === undefined ? '' : `; by the device ${deviceTime}`}`;

/** Name, time and meaning, whenever a signature is shown on one line. */
export const signatureText = ({ printedName, signedAt, meaning }: SignatureLine): string => `${printedName}, ${timeText(signedAt)}, ${meaning}`;
