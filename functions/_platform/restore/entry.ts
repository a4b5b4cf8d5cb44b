import * as z from 'zod';
import { DomainError } from '../../../shared/errors.ts';
import { canonicalJson } from '../../../shared/record/canonical-json.ts';
import { verifyChain } from '../../../shared/record/chain.ts';
import { STREAM_KINDS, type Recorded } from '../../../shared/record/envelope.ts';

const Hash = z.string().regex(/^[0-9a-f]{64}$/);
const Envelope = z.looseObject({
  stream: z.strictObject({ kind: z.enum(STREAM_KINDS), id: z.string().min(1).refine((id) => !id.includes('#')) }),
  version: z.int().min(1), recordedAt: z.iso.datetime({ precision: 3 }), actor: z.looseObject({ kind: z.enum(['person', 'system']) }), event: z.looseObject({ type: z.string().min(1) }), previousHash: Hash, hash: Hash,
});

const parsed = (text: string): unknown => {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
};

/**
 * The event of a log entry, its own hash verified; its place in the chain is not.
 *
 * @throws DomainError `log-corrupt` when the entry is not the one text of an event, `record-corrupt` when the event does not match its hash
 */
export const eventOfEntry = (entry: Uint8Array, index: number): Recorded<unknown> => {
  const text = Buffer.from(entry).toString('utf8');
  const value = parsed(text);
  if (!Envelope.safeParse(value).success || canonicalJson(value) !== text || !Buffer.from(text).equals(entry)) throw new DomainError('log-corrupt', `entry ${index}: is not an event in its canonical form`, { index });
  const recorded = value as Recorded<unknown>;
  verifyChain(recorded.stream, [recorded], { version: recorded.version - 1, hash: recorded.previousHash });
  return recorded;
};
