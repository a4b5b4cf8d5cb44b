import { base64Of } from '../../shared/audit-log/base64.ts';
import { parseCheckpoint } from '../../shared/audit-log/checkpoint.ts';
import { tileReaderOf, type LogStore } from '../../shared/audit-log/log-store.ts';
import { parseNote } from '../../shared/audit-log/note.ts';
import { consistencyProof } from '../../shared/audit-log/proofs.ts';
import { parseTilePath } from '../../shared/audit-log/tiles.ts';
import { formatVerifierKey, type VerifierKey } from '../../shared/audit-log/verifier-key.ts';
import { DomainError } from '../../shared/errors.ts';
import { FileAnswer } from './contract.ts';
import { MAXIMUM_ANSWER_BYTES, type Link, type Linker } from './s3-link.ts';

/** What a site's interface answers about its own transparency log, whoever may ask. */
type Objects = Pick<LogStore, 'getObject' | 'readCheckpoint'>;

/** @throws DomainError `log-entry-not-found` before the first checkpoint */
const requireCheckpoint = async (store: Objects): Promise<Readonly<{ bytes: Uint8Array; size: number }>> => {
  const published = await store.readCheckpoint();
  if (published === undefined) throw new DomainError('log-entry-not-found', 'the log has no checkpoint yet; the first follows the first event within a minute');
  return { bytes: published.bytes, size: parseCheckpoint(parseNote(published.bytes).text).size };
};

export const keyAnswer = (key: VerifierKey): Readonly<{ origin: string; key: string }> => ({ origin: key.name, key: formatVerifierKey(key) });

/** @throws DomainError `log-entry-not-found` */
export const checkpointAnswer = async (store: Objects): Promise<FileAnswer> => new FileAnswer('text/plain; charset=utf-8', (await requireCheckpoint(store)).bytes, 'checkpoint');

/** A bundle that is larger than one answer: 256 entries may have 64 kB each. */
type TileLink = Link & Readonly<{ bytes: number }>;
type Tiles = Readonly<{ store: Objects; /** To an object of the log. */ link: Linker }>;

/**
 * A tile or a bundle, or where it is.
 *
 * @param withEntries tiles hold hashes; entry bundles hold whole events
 * @throws DomainError `log-entry-not-found`, what is hidden as what is not there
 */
export const tileAnswer = async ({ store, link }: Tiles, path: string, withEntries: boolean): Promise<FileAnswer | TileLink> => {
  parseTilePath(path);
  const bytes = !withEntries && path.startsWith('tile/entries/') ? undefined : await store.getObject(path);
  if (bytes === undefined) throw new DomainError('log-entry-not-found', `no ${path} in the log`, { path });
  if (bytes.length > MAXIMUM_ANSWER_BYTES) return { ...await link(path), bytes: bytes.length };
  return new FileAnswer('application/octet-stream', bytes, path.replaceAll('/', '-'));
};

/** @throws DomainError `request-malformed`, `log-entry-not-found` */
export const consistencyAnswer = async (store: Objects, from: number, to: number | undefined): Promise<{ from: number; to: number; proof: string[]; checkpoint: string }> => {
  const { bytes, size } = await requireCheckpoint(store);
  const until = to ?? size;
  if (from > until || until > size) throw new DomainError('request-malformed', `query: want from ≤ to ≤ ${size}, the published size`, { paths: ['query.from', 'query.to'] });
  return { from, to: until, proof: (await consistencyProof(tileReaderOf(store), from, until)).map(base64Of), checkpoint: Buffer.from(bytes).toString('utf8') };
};
