import { createCipheriv, createDecipheriv } from 'node:crypto';
import { DomainError } from '../../../shared/errors.ts';

const TAG_BYTES = 16;
/** A key seals one message, so the nonce can stay zero. */
const NONCE = Buffer.alloc(12);

/** AES-256-GCM, base64 of ciphertext and tag. @param key of this one message */
export const seal = (key: Uint8Array, bytes: Uint8Array): string => {
  const cipher = createCipheriv('aes-256-gcm', key, NONCE);
  return Buffer.concat([cipher.update(bytes), cipher.final(), cipher.getAuthTag()]).toString('base64');
};

/** @throws DomainError `training-shares-wrong` when it was not sealed with this key */
export const unseal = (key: Uint8Array, text: string, from: string): Buffer => {
  const bytes = Buffer.from(text, 'base64');
  try {
    const decipher = createDecipheriv('aes-256-gcm', key, NONCE);
    decipher.setAuthTag(bytes.subarray(Math.max(0, bytes.length - TAG_BYTES)));
    return Buffer.concat([decipher.update(bytes.subarray(0, -TAG_BYTES)), decipher.final()]);
  } catch (cause) {
    throw new DomainError('training-shares-wrong', `share of ${from}: got one that does not open, want what ${from} sealed for this site in this attempt`, { siteId: from }, { cause });
  }
};
