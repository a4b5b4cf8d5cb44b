import { decodeBase64 } from './base64.ts';
import { FormError, parseNote, type Note } from './note.ts';
import { HASH_LENGTH } from './sha256.ts';

/** A tree head: the log's name, its size in entries and its root hash. */
export type Checkpoint = Readonly<{ origin: string; size: number; root: Buffer; note: Note }>;

const SIZE = /^(0|[1-9]\d{0,15})$/;
const LINES = 3;

/**
 * Read a checkpoint. Extension lines are refused: this log writes none, and nobody checks what they would say.
 *
 * @throws FormError naming what is wrong
 * @see C2SP tlog-checkpoint
 */
export const parseCheckpoint = (bytes: Buffer): Checkpoint => {
  const note = parseNote(bytes);
  const lines = note.text.slice(0, -1).split('\n');
  const [origin = '', sizeText = '', rootText = ''] = lines;
  if (lines.length !== LINES || origin === '') throw new FormError(`got ${lines.length} lines of text, want ${LINES}: origin, size, root`);
  const size = Number(sizeText);
  if (!SIZE.test(sizeText) || !Number.isSafeInteger(size)) throw new FormError(`got the size '${sizeText}', want a decimal number`);
  const root = decodeBase64(rootText);
  if (root?.length !== HASH_LENGTH) throw new FormError(`got the root '${rootText}', want ${HASH_LENGTH} bytes in base64`);
  return { origin, size, root, note };
};
