import * as z from 'zod';
import { fromBase64, base64Of } from '../audit-log/base64.ts';
import { verifyEd25519, type VerifierKey } from '../audit-log/verifier-key.ts';
import { DomainError } from '../errors.ts';
import { canonicalJson } from '../record/canonical-json.ts';
import { sha256Hex } from '../record/chain.ts';

/** What a control site tells all hospitals of models: which versions there are and how they stand, drift, what drift is judged by, open test data. */
export const PUBLICATIONS = ['records', 'drift', 'references', 'tests'] as const;
export type PublicationName = (typeof PUBLICATIONS)[number];

/** Where it lies in the control site's bucket, signed: what hospitals believe. */
export const signedObject = (name: PublicationName): string => `published/signed/${name}.json`;
/** The same content without signature, for hospitals that are not updated. */
export const publishedObject = (name: PublicationName): string => `published/${name}.json`;

/**
 * What a control site tells under one name. `sequence` is the number of events on its record that `content` was made of: the record only grows, so of two publications the one with the
 * lower number is the older, and nobody has to remember what was the last.
 */
export type Publication = Readonly<{ name: PublicationName; sequence: number; content: string }>;
/** A publication whose signature holds. `sha256` is that of its content, hexadecimal. */
export type Opened = Publication & Readonly<{ sha256: string }>;

const Shape = z.strictObject({ formatVersion: z.literal(1), name: z.enum(PUBLICATIONS), sequence: z.int().min(0), content: z.string(), signature: z.string() });

/** The bytes that the key of the control site's log signs: no checkpoint begins so, for an origin has no space. Of any content they are short enough for KMS, which signs 4096 bytes at most. */
export const publicationBytes = ({ name, sequence, content }: Publication): Buffer => Buffer.from(`bedside publication 1\n${canonicalJson({ name, sequence, sha256: sha256Hex(content) })}`, 'utf8');

/** @param signature Ed25519 of `publicationBytes` */
export const formatPublication = ({ name, sequence, content }: Publication, signature: Uint8Array): Uint8Array => Buffer.from(JSON.stringify({ formatVersion: 1, name, sequence, content, signature: base64Of(signature) }), 'utf8');

const parse = (bytes: Uint8Array): z.infer<typeof Shape> | undefined => {
  try {
    return Shape.parse(JSON.parse(Buffer.from(bytes).toString('utf8')));
  } catch {
    return undefined;
  }
};

/**
 * Read a publication that the control site signed, each in the one form it is written in. Halves of a surrogate pair are none: they would have the hash of others.
 *
 * @param key of the control site's log
 * @throws DomainError `publication-unverified` for anything else, one of another name among it
 */
export const openPublication = (name: PublicationName, bytes: Uint8Array, key: VerifierKey): Opened => {
  const found = parse(bytes);
  const signature = found === undefined ? undefined : fromBase64(found.signature);
  const isWhole = found?.content.isWellFormed() === true && signature !== undefined && found.name === name && Buffer.from(formatPublication(found, signature)).equals(bytes);
  if (!isWhole || !verifyEd25519(key.publicKey, publicationBytes(found), signature)) throw new DomainError('publication-unverified', `what is published as ${name} of models is not signed as such by ${key.name}`, { name });
  const { sequence, content } = found;
  return { name, sequence, content, sha256: sha256Hex(content) };
};
