import { createHash, createPrivateKey, createPublicKey, diffieHellman, hkdfSync, sign, verify, type KeyObject } from 'node:crypto';
import { canonicalJson } from '../../../shared/record/canonical-json.ts';
import { DomainError } from '../../../shared/errors.ts';

/**
 * A key that serves trainings alone, vouched for by the node's identity. Base64 of its DER (SubjectPublicKeyInfo).
 */
export type TrainingKey = Readonly<{ key: string; signature: string }>;
/**
 * A site's keys for one run: X25519 to agree on masks, Ed25519 to confirm sums, both signed for, with the hash of the rows it takes part with (`commitmentOf`), with the node's training key; in a certificate without one with the node's own Ed25519 identity.
 * Keys as base64 of their DER (SubjectPublicKeyInfo).
 */
export type Certificate = Readonly<{ siteId: string; runId: string; planHash: string; cohort: string; agreementKey: string; confirmationKey: string; trainingKey?: TrainingKey; signature: string }>;
export type UnsignedCertificate = Omit<Certificate, 'signature' | 'trainingKey'>;
export type RunKeys = Readonly<{ agreement: KeyObject; confirmation: KeyObject }>;

const PKCS8_X25519 = Buffer.from('302e020100300506032b656e04220420', 'hex');
const PKCS8_ED25519 = Buffer.from('302e020100300506032b657004220420', 'hex');

/** HKDF with SHA-256, 32 bytes. @see RFC 5869 */
export const derive = (secret: Uint8Array, purpose: string, salt: Uint8Array = Buffer.alloc(0)): Buffer => Buffer.from(hkdfSync('sha256', secret, salt, `bedside/federated/1/${purpose}`, 32));

/** Keys of one run from a site's own secret, so that nothing but the secret has to be kept. @param secret 32 random bytes, never shown, new for each run */
export const runKeysFrom = (secret: Uint8Array, runId: string): RunKeys => {
  const keyOf = (prefix: Buffer, purpose: string): KeyObject => createPrivateKey({ key: Buffer.concat([prefix, derive(secret, `${purpose}/${runId}`)]), format: 'der', type: 'pkcs8' });
  return { agreement: keyOf(PKCS8_X25519, 'agreement'), confirmation: keyOf(PKCS8_ED25519, 'confirmation') };
};

const publicTextOf = (key: KeyObject): string => createPublicKey(key).export({ format: 'der', type: 'spki' }).toString('base64');

export const certificateFor = (of: Pick<UnsignedCertificate, 'siteId' | 'runId' | 'planHash' | 'cohort'>, keys: RunKeys): UnsignedCertificate => ({ ...of, agreementKey: publicTextOf(keys.agreement), confirmationKey: publicTextOf(keys.confirmation) });

/** The bytes with which a node's identity vouches for its training key: no checkpoint begins so, for an origin has no space. */
export const trainingKeyBytes = (siteId: string, key: string): Buffer => Buffer.from(`bedside training key 1\n${canonicalJson({ siteId, key })}`, 'utf8');

/** The bytes the node's training key signs. */
export const certificateBytes = ({ siteId, runId, planHash, cohort, agreementKey, confirmationKey }: UnsignedCertificate): Buffer =>
  Buffer.from(`bedside federated certificate 2\n${canonicalJson({ siteId, runId, planHash, cohort, agreementKey, confirmationKey })}`, 'utf8');

/** The whole certificate as text: two that differ in anything are two. */
export const certificateId = (certificate: Certificate): string => canonicalJson(certificate);

export const signCertificate = (unsigned: UnsignedCertificate, identity: KeyObject): Certificate => ({ ...unsigned, signature: sign(null, certificateBytes(unsigned), identity).toString('base64') });

/** Public identities of the network's nodes, as the control site registered them. Whom a site believes to be hospitals it confirmed itself: `Partners`. */
export type Directory = ReadonlyMap<string, KeyObject>;
/** Fingerprints of the identities that people of a site confirmed, by id. */
export type Partners = ReadonlyMap<string, string>;

/** What people compare before they confirm a partner: SHA-256 of its identity's key (DER, SubjectPublicKeyInfo), hexadecimal. */
export const fingerprintOf = (identity: KeyObject): string => createHash('sha256').update(identity.export({ format: 'der', type: 'spki' })).digest('hex');

/** Of some sites those that nobody here confirmed, or whose identity is another than was confirmed. */
export const unconfirmedOf = (siteIds: readonly string[], partners: Partners, directory: Directory): readonly string[] => siteIds.filter((siteId) => {
  const [identity, confirmed] = [directory.get(siteId), partners.get(siteId)];
  return identity === undefined || confirmed === undefined || fingerprintOf(identity) !== confirmed;
});

const readKey = (text: string, siteId: string): KeyObject => {
  try {
    return createPublicKey({ key: Buffer.from(text, 'base64'), format: 'der', type: 'spki' });
  } catch (cause) {
    throw new DomainError('training-certificate-wrong', `certificate of ${siteId}: got a key that can not be read`, { siteId }, { cause });
  }
};

/** The key that must have signed: the training key the identity vouches for, or the identity; undefined for a training key it does not vouch for. */
const signerOf = ({ siteId, trainingKey }: Certificate, identity: KeyObject): KeyObject | undefined => {
  if (trainingKey === undefined) return identity;
  return verify(null, trainingKeyBytes(siteId, trainingKey.key), identity, Buffer.from(trainingKey.signature, 'base64')) ? readKey(trainingKey.key, siteId) : undefined;
};

/** @throws DomainError `training-certificate-wrong` unless the certificate is of this run and plan and signed by the node it names */
export const requireCertificate = (certificate: Certificate, expected: Readonly<{ siteId: string; runId: string; planHash: string }>, directory: Directory): void => {
  const identity = directory.get(expected.siteId);
  const isOf = certificate.siteId === expected.siteId && certificate.runId === expected.runId && certificate.planHash === expected.planHash;
  const signer = isOf && identity !== undefined ? signerOf(certificate, identity) : undefined;
  if (signer === undefined || !verify(null, certificateBytes(certificate), signer, Buffer.from(certificate.signature, 'base64'))) {
    throw new DomainError('training-certificate-wrong', `certificate of ${expected.siteId}: got one of ${certificate.siteId} for run ${certificate.runId}, want its own for this run, signed by its identity`, { siteId: expected.siteId });
  }
};

/** What two sites share in one run and nobody else knows. @see RFC 7748 */
export const sharedSecret = (own: RunKeys, other: Certificate): Buffer => diffieHellman({ privateKey: own.agreement, publicKey: readKey(other.agreementKey, other.siteId) });

export const confirm = (keys: RunKeys, bytes: Uint8Array): string => sign(null, bytes, keys.confirmation).toString('base64');

export const isConfirmedBy = (certificate: Certificate, bytes: Uint8Array, signature: string): boolean => verify(null, bytes, readKey(certificate.confirmationKey, certificate.siteId), Buffer.from(signature, 'base64'));
