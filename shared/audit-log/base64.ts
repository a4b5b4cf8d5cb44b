const DIGITS = /^[A-Za-z0-9+/]*={0,2}$/;

/** Standard base64 with padding. @see RFC 4648 section 4 */
export const base64Of = (bytes: Uint8Array): string => Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString('base64');

/** The bytes of a base64 text; undefined unless it is the one text of these bytes (padded, unused bits zero). @see RFC 4648 sections 3.5 and 4 */
export const fromBase64 = (text: string): Uint8Array | undefined => {
  if (!DIGITS.test(text)) return undefined;
  const bytes = Buffer.from(text, 'base64');
  return bytes.toString('base64') === text ? new Uint8Array(bytes) : undefined;
};
