import type { LogObjects } from '../../functions/_platform/restore/ports.ts';
import { parseCheckpoint } from '../../shared/audit-log/checkpoint.ts';
import { CONTROL_SITE, logOriginOf, siteOfOrigin } from '../../shared/audit-log/directory.ts';
import { parseNote } from '../../shared/audit-log/note.ts';
import { UsageError } from '../run-script.ts';

type Values = Readonly<{ node?: string; 'control-site': boolean }>;
/** The log to restore from; `from` is what the one who restores called it. */
type Log = Readonly<{ from: string; objects: Pick<LogObjects, 'get'> }>;

/** Which site is restored. */
export type Site = Readonly<{ siteId: string; /** By the log's checkpoint, since nobody named it. */ isTakenFromLog: boolean }>;

const namedSiteOf = ({ node, 'control-site': isControlSite }: Values): string | undefined => {
  if (isControlSite && node !== undefined) throw new UsageError('--node, --control-site: got both, want one');
  if (node === CONTROL_SITE) throw new UsageError('--node: got the control site, want --control-site');
  return isControlSite ? CONTROL_SITE : node;
};

const originOf = async ({ from, objects }: Log): Promise<string> => {
  const checkpoint = await objects.get('checkpoint');
  if (checkpoint === undefined) throw new UsageError(`--from: ${from} holds no 'checkpoint'; want the bucket of a log, or a folder with a copy of it`);
  return parseCheckpoint(parseNote(checkpoint.body).text).origin;
};

/**
 * The site that was named, which must be the log's own, or else the one whose log it is by its checkpoint. Nothing is believed for it: whoever wrote the checkpoint chose the
 * name, and the key of the site of that name must have signed it before anything is written.
 *
 * @param sites those there are, where that is known
 * @throws UsageError when the log is another site's than was named, or none of theirs; DomainError `note-malformed`, `checkpoint-malformed`
 */
export const siteOf = async (values: Values, log: Log, sites?: readonly string[]): Promise<Site> => {
  const named = namedSiteOf(values);
  const origin = await originOf(log);
  if (named !== undefined) {
    if (origin === logOriginOf(named)) return { siteId: named, isTakenFromLog: false };
    throw new UsageError(`--from: got a log of ${origin}, want one of ${logOriginOf(named)}, the site that was named. Nothing was written`);
  }
  const siteId = siteOfOrigin(origin);
  if (siteId !== undefined && sites?.includes(siteId) !== false) return { siteId, isTakenFromLog: true };
  throw new UsageError(`--from: got a log of ${origin}, want one of ${(sites ?? ['<site>']).map(logOriginOf).join(', ')}. Nothing was written`);
};
