import { DomainError } from '../errors.ts';
import { base64Of, fromBase64 } from './base64.ts';
import { HASH_BYTES } from './hash.ts';

/** State of a log. */
export type Checkpoint = Readonly<{ origin: string; size: number; root: Uint8Array }>;

const SIZE = /^(?:0|[1-9]\d*)$/;

/** A tree size in decimal without leading zeroes; undefined when it is not, or beyond the safe integers. @see C2SP tlog-checkpoint "Note text" */
export const parseSize = (text: string): number | undefined => (SIZE.test(text) && Number.isSafeInteger(Number(text)) ? Number(text) : undefined);

/**
 * Text of a checkpoint, to be signed.
 *
 * @throws DomainError `checkpoint-malformed` when it could not be read back
 * @see C2SP tlog-checkpoint "Note text"
 */
export const formatCheckpoint = ({ origin, size, root }: Checkpoint): string => {
  const text = `${origin}\n${size}\n${base64Of(root)}\n`;
  parseCheckpoint(text);
  return text;
};

/**
 * Read the text of a checkpoint: origin, size, root. Extension lines are refused: this network has none, and no monitor
 * could audit them.
 *
 * @throws DomainError `checkpoint-malformed`
 * @see C2SP tlog-checkpoint "Note text"
 */
export const parseCheckpoint = (text: string): Checkpoint => {
  const [origin = '', sizeText = '', rootText = '', end, ...more] = text.split('\n');
  const size = parseSize(sizeText);
  const root = fromBase64(rootText);
  if (origin === '') throw new DomainError('checkpoint-malformed', 'got an empty origin');
  if (size === undefined) throw new DomainError('checkpoint-malformed', 'got a size that is not a decimal number without leading zeroes');
  if (root?.length !== HASH_BYTES) throw new DomainError('checkpoint-malformed', `got a root that is not base64 of ${HASH_BYTES} bytes`);
  if (end !== '' || more.length > 0) throw new DomainError('checkpoint-malformed', 'got other than three lines');
  return { origin, size, root };
};
