import { isUtf8 } from 'node:buffer';
import { decodeBase64 } from './base64.ts';

/** One signature line: who says to have signed, by which key, and the bytes. */
export type NoteSignature = Readonly<{ name: string; keyId: string; signature: Buffer }>;
/** `text` ends with its newline; it is what is signed. */
export type Note = Readonly<{ text: string; signatures: readonly NoteSignature[] }>;

/** A file that is not what it should be; the message says where. */
export class FormError extends Error {
  override readonly name = 'FormError';
}

/** A network has at most 276 hospitals, each a witness beside the control site; there is room for keys that are changed. */
const MAXIMUM_SIGNATURES = 512;
const MAXIMUM_BYTES = 1_000_000;
const KEY_ID_LENGTH = 4;
const LINE = /^\u2014 ([^\s+]+) ([A-Za-z0-9+/]+={0,2})$/u;
const CONTROL = /[\u0000-\u0009\u000b-\u001f]/;

const signatureOf = (line: string): NoteSignature => {
  const [, name = '', encoded = ''] = LINE.exec(line) ?? [];
  const bytes = decodeBase64(encoded);
  if (name === '' || bytes === undefined || bytes.length <= KEY_ID_LENGTH) throw new FormError(`got the signature line '${line}', want an em dash, a key name and base64`);
  return { name, keyId: bytes.subarray(0, KEY_ID_LENGTH).toString('hex'), signature: bytes.subarray(KEY_ID_LENGTH) };
};

/**
 * Read a signed note: text, an empty line, signature lines.
 *
 * @throws FormError naming what is wrong
 * @see C2SP signed-note
 */
export const parseNote = (bytes: Buffer): Note => {
  if (bytes.length > MAXIMUM_BYTES) throw new FormError(`got ${bytes.length} bytes, want at most ${MAXIMUM_BYTES}`);
  if (!isUtf8(bytes)) throw new FormError('it is not UTF-8');
  const whole = bytes.toString('utf8');
  if (CONTROL.test(whole)) throw new FormError('it holds a control character');
  const split = whole.lastIndexOf('\n\n');
  if (split < 0 || !whole.endsWith('\n')) throw new FormError('want a text, an empty line and signature lines, each with its newline');
  const lines = whole.slice(split + 2, -1).split('\n');
  if (whole.length === split + 2 || lines.length > MAXIMUM_SIGNATURES) throw new FormError(`want 1 to ${MAXIMUM_SIGNATURES} signature lines`);
  return { text: whole.slice(0, split + 1), signatures: lines.map(signatureOf) };
};
