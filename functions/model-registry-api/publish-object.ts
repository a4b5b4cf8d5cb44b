import type { VerifierKey } from '../../shared/audit-log/verifier-key.ts';
import { DomainError } from '../../shared/errors.ts';
import { formatPublication, openPublication, publicationBytes, publishedObject, signedObject, type Publication, type PublicationName } from '../../shared/model-registry/publication.ts';
import type { ObjectStore } from '../_platform/ports.ts';

/** The key of the control site's log. */
export type Seal = Readonly<{ key(): Promise<VerifierKey>; sign(bytes: Uint8Array): Promise<Uint8Array> }>;
export type PublishPorts = Readonly<{ bucket: Pick<ObjectStore, 'get' | 'put'>; seal: Seal }>;
/** What hospitals are to be told, and of how many events it was made. */
export type Told = Omit<Publication, 'name'>;

/** Others that may publish meanwhile before a run gives up. */
const MAXIMUM_ATTEMPTS = 8;

/** What stands there, if it is signed. */
const heldBy = async ({ seal }: PublishPorts, name: PublicationName, body: Uint8Array | undefined): Promise<Told | undefined> => {
  if (body === undefined) return undefined;
  try {
    return openPublication(name, body, await seal.key());
  } catch (error) {
    if (error instanceof DomainError) return undefined;
    throw error;
  }
};

/** Read first is the object, then the records: a run that was held up finds the object changed and begins again, so that an older state never replaces a later one. @returns whether the content was another */
const untilPut = async ({ bucket }: PublishPorts, key: string, next: (held: Uint8Array | undefined) => Promise<Readonly<{ bytes: Uint8Array; isOther: boolean }> | undefined>): Promise<boolean> => {
  for (let attempt = 0; attempt < MAXIMUM_ATTEMPTS; attempt += 1) {
    const held = await bucket.get(key);
    const wanted = await next(held?.body);
    if (wanted === undefined) return false;
    if (await bucket.put(key, wanted.bytes, { contentType: 'application/json', ifMatch: held?.etag ?? null })) return wanted.isOther;
  }
  throw new DomainError('version-conflict', `${key} could not be published, others published it ${MAXIMUM_ATTEMPTS} times meanwhile`);
};

/**
 * Tell the hospitals: signed, for those that believe nothing else; then the content alone, which hospitals that are not updated read.
 *
 * @param tell reads the records
 * @returns whether hospitals read something else, or nothing, until now
 * @throws DomainError `version-conflict` after the last attempt
 */
export const publishObject = async (ports: PublishPorts, name: PublicationName, tell: () => Promise<Told>): Promise<boolean> => {
  const isSigned = await untilPut(ports, signedObject(name), async (body) => {
    const [held, told] = [await heldBy(ports, name, body), await tell()];
    if (held?.content === told.content && held.sequence === told.sequence) return undefined;
    const publication = { name, ...told };
    return { bytes: formatPublication(publication, await ports.seal.sign(publicationBytes(publication))), isOther: held?.content !== told.content };
  });
  const isPlain = await untilPut(ports, publishedObject(name), async (body) => {
    const bytes = Buffer.from((await tell()).content, 'utf8');
    return body !== undefined && bytes.equals(body) ? undefined : { bytes, isOther: true };
  });
  return isSigned || isPlain;
};
