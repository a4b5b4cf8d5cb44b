import { CONTROL_SITE, keysOf, type DirectoryEntry } from '../../shared/audit-log/directory.ts';
import type { Witness } from '../../shared/audit-log/witness-client.ts';

/** A cosignature is a line; what is longer is none. */
const ANSWER_BYTES_AT_MOST = 16_384;

/** @throws RangeError as soon as more comes than an answer may have */
const textOf = async (response: Response): Promise<string> => {
  const body: AsyncIterable<Uint8Array> | null = response.body;
  if (body === null) return '';
  const parts: Uint8Array[] = [];
  let bytes = 0;
  for await (const part of body) {
    bytes += part.length;
    if (bytes > ANSWER_BYTES_AT_MOST) throw new RangeError(`got an answer of more than ${ANSWER_BYTES_AT_MOST} bytes`);
    parts.push(part);
  }
  return Buffer.concat(parts).toString('utf8');
};

/**
 * The witness of a site, known by the key of the directory. A site that does not answer in time, answers at length, or sends the caller elsewhere has not cosigned.
 *
 * @param signal ends all requests of this run
 * @throws DomainError `node-key-refused`, `verifier-key-malformed`
 */
export const witnessAt = (site: DirectoryEntry, controlSiteUrl: string, signal: AbortSignal): Witness => ({
  key: keysOf(site).witnessKey,
  addCheckpoint: async (body) => {
    const apiUrl = site.siteId === CONTROL_SITE ? controlSiteUrl : site.apiUrl ?? '';
    const response = await fetch(`${apiUrl}/v1/log/witness/add-checkpoint`, { method: 'POST', headers: { 'content-type': 'text/plain; charset=utf-8' }, body: Buffer.from(body), redirect: 'error', signal });
    return { status: response.status, contentType: response.headers.get('content-type') ?? '', body: await textOf(response) };
  },
});
