import { DomainError } from '../errors.ts';
import { base64Of, fromBase64 } from './base64.ts';
import { openCosignature } from './cosignature.ts';
import { isKeyName, SIGNATURE_TYPE, verifyEd25519, type VerifierKey } from './verifier-key.ts';

/** One signature line: `signature` is what follows the key id. */
export type NoteSignature = Readonly<{ name: string; keyId: number; signature: Uint8Array }>;
/** Text with its signatures. `text` ends in a newline; it means nothing before a signature is verified. */
export type Note = Readonly<{ text: string; signatures: readonly NoteSignature[] }>;
/** What signs: a key in memory or in a key service. `sign` gives the signature without the key id. */
export type Signer = Readonly<{ name: string; keyId: number; sign: (bytes: Uint8Array) => Promise<Uint8Array> }>;

/** C2SP signed-note asks verifiers to have a limit, of at least 16. A network has at most 276 hospitals (ADR 0020), each a witness beside the control site; there is room for keys that are changed. */
export const MAXIMUM_SIGNATURES = 512;
export const MAXIMUM_NOTE_BYTES = 1_000_000;

const KEY_ID_BYTES = 4;
const LINE_START = '— ';
/** Control characters below U+0020, but newline. */
const CONTROL = /[^\P{Cc}\n\u007f-\u009f]/u;

const malformed = (what: string): DomainError => new DomainError('note-malformed', what);

/** UTF-8 without control characters but newline. */
const decodeText = (bytes: Uint8Array): string => {
  if (bytes.length > MAXIMUM_NOTE_BYTES) throw malformed(`got ${bytes.length} bytes, want at most ${MAXIMUM_NOTE_BYTES}`);
  const text = Buffer.from(bytes).toString('utf8');
  if (!Buffer.from(text).equals(bytes)) throw malformed('got bytes that are not UTF-8');
  if (CONTROL.test(text)) throw malformed('got a control character');
  return text;
};

const parseLine = (line: string): NoteSignature => {
  const [name = '', base64 = '', ...more] = line.slice(LINE_START.length).split(' ');
  const bytes = fromBase64(base64);
  if (!line.startsWith(LINE_START) || !isKeyName(name) || more.length > 0 || bytes === undefined || bytes.length <= KEY_ID_BYTES) {
    throw malformed('got a line that is not a signature, want — <key name> <base64>');
  }
  return { name, keyId: Buffer.from(bytes).readUInt32BE(0), signature: bytes.subarray(KEY_ID_BYTES) };
};

/** Read signature lines, each ending in a newline. @throws DomainError `note-malformed` */
export const parseSignatureLines = (bytes: Uint8Array): readonly NoteSignature[] => {
  const text = decodeText(bytes);
  if (!text.endsWith('\n')) throw malformed('got no newline at the end');
  const lines = text.slice(0, -1).split('\n');
  if (lines.length > MAXIMUM_SIGNATURES) throw malformed(`got ${lines.length} signatures, want at most ${MAXIMUM_SIGNATURES}`);
  return lines.map(parseLine);
};

/**
 * Read a note. Nothing is verified.
 *
 * @throws DomainError `note-malformed`
 * @see C2SP signed-note "Format"
 */
export const parseNote = (bytes: Uint8Array): Note => {
  const all = decodeText(bytes);
  const blank = all.lastIndexOf('\n\n');
  if (blank < 0) throw malformed('got no empty line between text and signatures');
  return { text: all.slice(0, blank + 1), signatures: parseSignatureLines(Buffer.from(all.slice(blank + 2))) };
};

export const formatSignature = ({ name, keyId, signature }: NoteSignature): string => {
  const id = Buffer.alloc(KEY_ID_BYTES);
  id.writeUInt32BE(keyId);
  return `${LINE_START}${name} ${base64Of(Buffer.concat([id, signature]))}\n`;
};

/** Write a note. @throws DomainError `note-malformed` when it could not be read back */
export const formatNote = ({ text, signatures }: Note): Uint8Array => {
  const bytes = Buffer.from(`${text}\n${signatures.map(formatSignature).join('')}`);
  const written = parseNote(bytes);
  if (written.text !== text || written.signatures.length !== signatures.length) throw malformed('got a text that does not end in one newline, or no signature');
  return bytes;
};

/** Sign a text that ends in a newline, with each signer. @throws DomainError `note-malformed` */
export const signNote = async (text: string, signers: readonly Signer[]): Promise<Note> => {
  const signatures = await Promise.all(signers.map(async ({ name, keyId, sign }) => ({ name, keyId, signature: await sign(Buffer.from(text)) })));
  return parseNote(formatNote({ text, signatures }));
};

/** A signature that was verified; with its time when it is a cosignature. */
export type Verified = Readonly<{ key: VerifierKey; signature: NoteSignature; timestampSeconds?: number }>;

const verifySignature = (text: string, signature: NoteSignature, key: VerifierKey): Verified => {
  const bytes = Buffer.from(text);
  if (key.type === SIGNATURE_TYPE.ed25519) {
    if (verifyEd25519(key.publicKey, bytes, signature.signature)) return { key, signature };
  } else {
    const timestampSeconds = openCosignature(text, signature.signature, key.publicKey);
    if (timestampSeconds !== undefined) return { key, signature, timestampSeconds };
  }
  throw new DomainError('note-unverified', `the signature of ${key.name} does not verify`, { name: key.name });
};

/**
 * The signatures of a note by known keys. Lines of unknown keys are ignored, a key that signed twice counts once.
 *
 * @throws DomainError `note-unverified` when a known key's signature is wrong, when two known keys share name and id, or when none signed
 * @see C2SP signed-note "Signatures"
 */
export const verifyNote = ({ text, signatures }: Note, keys: readonly VerifierKey[]): readonly [Verified, ...Verified[]] => {
  const verified: Verified[] = [];
  for (const signature of signatures) {
    const [key, second] = keys.filter(({ name, keyId }) => name === signature.name && keyId === signature.keyId);
    if (key === undefined) continue;
    if (second !== undefined) throw new DomainError('note-unverified', `two known keys share name ${key.name} and id`, { name: key.name });
    const one = verifySignature(text, signature, key);
    if (!verified.some((other) => other.key === key)) verified.push(one);
  }
  const [first, ...rest] = verified;
  if (first === undefined) throw new DomainError('note-unverified', 'no known key signed');
  return [first, ...rest];
};
