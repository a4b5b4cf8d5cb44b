import { decodeBase64 } from './base64.ts';
import type { Findings } from './damage.ts';
import { FormError, parseNote, type Note } from './note.ts';
import { HASH_LENGTH } from './sha256.ts';
import type { Source } from './source.ts';

/** A tree head: the log's name, its size in entries and its root hash. */
export type Checkpoint = Readonly<{ origin: string; size: number; root: Buffer; note: Note }>;

/** File of the log's latest tree head. */
export const CHECKPOINT = 'checkpoint';
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

/** Read the source's checkpoint. @returns undefined after reporting that it is missing or can not be read */
export const readCheckpoint = async (source: Source, findings: Findings): Promise<Checkpoint | undefined> => {
  const bytes = await source.read(CHECKPOINT);
  if (bytes === undefined) {
    findings.damage({ file: CHECKPOINT, message: 'is missing: without it nothing says how many entries there should be, and nothing is signed' });
    return undefined;
  }
  try {
    return parseCheckpoint(bytes);
  } catch (error) {
    if (!(error instanceof FormError)) throw error;
    findings.damage({ file: CHECKPOINT, message: `can not be read: ${error.message}` });
    return undefined;
  }
};
