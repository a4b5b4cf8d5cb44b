import { createCipheriv, createDecipheriv, createHmac, randomBytes, timingSafeEqual } from 'node:crypto';
import { AwsError } from '../../core/contracts.ts';
import type { KmsKey } from './keys.ts';

export type EncryptionContext = Readonly<Record<string, string>>;

const CIPHER = 'aes-256-gcm';
const VERSION = 1;
const NONCE_BYTES = 12;
const TAG_BYTES = 16;

const invalid = (): AwsError => new AwsError('InvalidCiphertextException', 'the ciphertext is damaged, not of this key, or of another encryption context');

/** The context as bytes, whatever order its names came in. */
const authenticated = (context: EncryptionContext): Buffer => Buffer.from(JSON.stringify(Object.entries(context).toSorted(([a], [b]) => (a < b ? -1 : 1))));

/** Version, length and text of the key's ARN, nonce, tag, then the encrypted bytes: a ciphertext says which key opens it. */
export const encrypt = ({ arn, material }: KmsKey, plaintext: Buffer, context: EncryptionContext): Buffer => {
  const name = Buffer.from(arn);
  const nonce = randomBytes(NONCE_BYTES);
  const cipher = createCipheriv(CIPHER, Buffer.from(material, 'base64'), nonce).setAAD(authenticated(context));
  const body = Buffer.concat([cipher.update(plaintext), cipher.final()]);
  return Buffer.concat([Buffer.from([VERSION, name.length >> 8, name.length & 255]), name, nonce, cipher.getAuthTag(), body]);
};

type Parts = Readonly<{ keyArn: string; nonce: Buffer; tag: Buffer; body: Buffer }>;

/** @throws AwsError `InvalidCiphertextException` */
export const partsOf = (ciphertext: Buffer): Parts => {
  if (ciphertext.length < 3 || ciphertext[0] !== VERSION) throw invalid();
  const nonceAt = 3 + ciphertext.readUInt16BE(1);
  const bodyAt = nonceAt + NONCE_BYTES + TAG_BYTES;
  if (ciphertext.length < bodyAt) throw invalid();
  return { keyArn: ciphertext.toString('utf8', 3, nonceAt), nonce: ciphertext.subarray(nonceAt, nonceAt + NONCE_BYTES), tag: ciphertext.subarray(nonceAt + NONCE_BYTES, bodyAt), body: ciphertext.subarray(bodyAt) };
};

/** @throws AwsError `InvalidCiphertextException` */
export const decrypt = ({ material }: KmsKey, { nonce, tag, body }: Parts, context: EncryptionContext): Buffer => {
  const decipher = createDecipheriv(CIPHER, Buffer.from(material, 'base64'), nonce).setAAD(authenticated(context)).setAuthTag(tag);
  try {
    return Buffer.concat([decipher.update(body), decipher.final()]);
  } catch {
    throw invalid();
  }
};

export const macOf = ({ material }: KmsKey, message: Buffer): Buffer => createHmac('sha256', Buffer.from(material, 'base64')).update(message).digest();
export const isMac = (key: KmsKey, message: Buffer, mac: Buffer): boolean => mac.length === 32 && timingSafeEqual(macOf(key, message), mac);
