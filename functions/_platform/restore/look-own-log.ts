import { isEqual } from '../../../shared/audit-log/hash.ts';
import { openCheckpoint, type Trust } from '../../../shared/audit-log/trust.ts';
import { DomainError } from '../../../shared/errors.ts';
import type { LogObjects } from './ports.ts';
import { writtenSize, type VerifiedLog } from './verify-log.ts';

/** A checkpoint that the restored log must have grown from; `where` names it in words. */
export type Known = Readonly<{ where: string; bytes: Uint8Array }>;

const refused = (what: string, facts: Readonly<Record<string, number>> = {}): DomainError => new DomainError('restore-refused', `${what}. Nothing was written`, facts);

const opened = ({ where, bytes }: Known, trust: Trust) => {
  try {
    return openCheckpoint(bytes, { ...trust, witnessKeys: [], quorum: 0 }).checkpoint;
  } catch (cause) {
    if (cause instanceof DomainError) throw refused(`${where} is not one of this log (${cause.message})`);
    throw cause;
  }
};

/** The log must hold what a checkpoint covers, and not less: a tree that was published once can not be published otherwise. */
const requireGrownFrom = ({ catalogue, size }: VerifiedLog, known: Known, trust: Trust): void => {
  const checkpoint = opened(known, trust);
  const { where } = known;
  if (checkpoint.size > size) throw refused(`${where} covers ${checkpoint.size} entries, this copy of the log has ${size}: it is older. Restore from a later copy, or from the log's own bucket`, { size, wanted: checkpoint.size });
  if (!isEqual(catalogue.rootOfFirst(checkpoint.size), checkpoint.root)) throw refused(`${where} has another root for ${checkpoint.size} entries than this copy of the log: one of the two is a fork`, { size: checkpoint.size });
};

/**
 * Hold the log that is to be restored against what the site has in its own bucket, where it goes on, and against a checkpoint that was kept elsewhere.
 *
 * @throws DomainError `restore-refused` when either knows more entries, or others; then nothing was written
 */
export const lookAtOwnLog = async (own: LogObjects, log: VerifiedLog, previous: Uint8Array | undefined, trust: Trust): Promise<void> => {
  if (previous !== undefined) requireGrownFrom(log, { where: 'the earlier checkpoint (--previous)', bytes: previous }, trust);
  const bytes = (await own.get('checkpoint'))?.body;
  if (bytes !== undefined) requireGrownFrom(log, { where: 'the checkpoint in the site\'s own log bucket', bytes }, trust);
  const written = await writtenSize(own);
  if (written > log.size) throw refused(`the site's own log bucket holds tiles of ${written} entries, this copy of the log has ${log.size}: it is older. Restore from the bucket itself (--with-unsigned for entries that no checkpoint covers yet)`, { size: log.size, wanted: written });
};
