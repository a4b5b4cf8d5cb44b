import { gzipSync } from 'node:zlib';
import { createTar } from 'nanotar';
import { DomainError } from '../../shared/errors.ts';
import { sha256Hex } from '../../shared/record/chain.ts';
import { readArtefactText } from '../../models/artefact.ts';
import { isMonitoringFile } from '../../models/monitoring/model-file.ts';
import { modelObject } from '../_platform/model-objects.ts';
import type { ObjectStore } from '../_platform/ports.ts';

/** Its ending tells the container what it loads. */
const FILE_IN_ARCHIVE = 'model.json';

/** A model as SageMaker's built-in container wants it: a gzipped tar with exactly one top-level file. No owner, no time: the same model gives the same bytes. */
export const archiveOf = (artefact: Uint8Array): Uint8Array =>
  gzipSync(createTar([{ name: FILE_IN_ARCHIVE, data: Uint8Array.from(artefact), attrs: { mtime: 0, uid: 0, gid: 0, mode: '644' } }]), { level: 9 });


/**
 * The bytes that a hash names, if they are that, and a model.
 *
 * @throws DomainError `model-not-found` when there are none, `model-hash-mismatch`, `model-malformed`, `model-tampered` when a monitoring model's own hash is not that of its bytes
 */
export const requireModelBytes = (bytes: Uint8Array | undefined, sha256: string): Uint8Array => {
  if (bytes === undefined) throw new DomainError('model-not-found', `no artefact ${sha256} at the control site`, { artefactSha256: sha256 });
  const actual = sha256Hex(bytes);
  if (actual !== sha256) throw new DomainError('model-hash-mismatch', `artefact: got bytes of SHA-256 ${actual}, want ${sha256}`, { artefactSha256: sha256 });
  readArtefactText(Buffer.from(bytes).toString('utf8'));
  return bytes;
};

export type FilesPorts = Readonly<{
  /** This hospital's bucket of models. */
  bucket: Pick<ObjectStore, 'get' | 'put'>;
  /** A file of the control site's bucket. */
  fetch(key: string): Promise<Uint8Array | undefined>;
}>;
/** `damaged`: something else stood under the name, and was mended. */
export type Kept = 'as it was' | 'added' | 'damaged';

const keepObject = async ({ bucket }: FilesPorts, key: string, held: Uint8Array | undefined, wanted: Uint8Array): Promise<Kept> => {
  if (held !== undefined && Buffer.compare(held, wanted) === 0) return 'as it was';
  await bucket.put(key, wanted, { contentType: key.endsWith('.json') ? 'application/json' : 'application/gzip' });
  return held === undefined ? 'added' : 'damaged';
};

/**
 * Have a model's file in the hospital's own bucket, and a forest's archive, both what the hash says. A monitoring model is asked of no endpoint, and has no archive.
 *
 * @param known bytes at hand; else they are taken from the hospital's own copy while that is whole, and from the control site when it is not
 * @throws DomainError as `requireModelBytes`
 */
export const keepModel = async (ports: FilesPorts, sha256: string, known?: Uint8Array): Promise<Kept> => {
  const [key, archiveKey] = [modelObject.artefact(sha256), modelObject.archive(sha256)];
  const [own, archive] = [(await ports.bucket.get(key))?.body, (await ports.bucket.get(archiveKey))?.body];
  const wanted = own !== undefined && sha256Hex(own) === sha256 ? own : requireModelBytes(known ?? await ports.fetch(key), sha256);
  const kept = [await keepObject(ports, key, own, wanted)];
  if (!isMonitoringFile(Buffer.from(wanted).toString('utf8'))) kept.push(await keepObject(ports, archiveKey, archive, archiveOf(wanted)));
  if (kept.includes('damaged')) return 'damaged';
  return kept.includes('added') ? 'added' : 'as it was';
};
