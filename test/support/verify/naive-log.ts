import { createHash, generateKeyPairSync, sign, type KeyObject } from 'node:crypto';
import { mkdirSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';

/** A log written the slow and plain way, straight from the definitions, to hold the verifier against. */

const WIDTH = 256;
const sha256 = (...parts: readonly Uint8Array[]): Buffer => createHash('sha256').update(Buffer.concat(parts)).digest();

/** RFC 6962 section 2.1, word for word. */
export const naiveRoot = (entries: readonly Uint8Array[]): Buffer => {
  if (entries.length === 0) return sha256();
  if (entries.length === 1) return sha256(Buffer.of(0), entries[0]!);
  let split = 1;
  while (split * 2 < entries.length) split *= 2;
  return sha256(Buffer.of(1), naiveRoot(entries.slice(0, split)), naiveRoot(entries.slice(split)));
};

export type Signer = Readonly<{ name: string; id: Buffer; privateKey: KeyObject; vkey: string }>;

/** @param algorithm 1 for a log, 4 for a witness */
export const createSigner = (name: string, algorithm: 1 | 4): Signer => {
  const { publicKey, privateKey } = generateKeyPairSync('ed25519');
  const material = Buffer.concat([Buffer.of(algorithm), Buffer.from(publicKey.export({ format: 'jwk' }).x!, 'base64url')]);
  const id = sha256(Buffer.from(`${name}\n`), material).subarray(0, 4);
  return { name, id, privateKey, vkey: `${name}+${id.toString('hex')}+${material.toString('base64')}` };
};

const line = ({ name, id }: Signer, signature: Buffer): string => `\u2014 ${name} ${Buffer.concat([id, signature]).toString('base64')}\n`;

export const cosign = (text: string, witness: Signer, epochSeconds: number): string => {
  const time = Buffer.alloc(8);
  time.writeBigUInt64BE(BigInt(epochSeconds));
  return line(witness, Buffer.concat([time, sign(null, Buffer.from(`cosignature/v1\ntime ${epochSeconds}\n${text}`), witness.privateKey)]));
};

export type Signers = Readonly<{ log: Signer; witnesses: readonly Signer[]; epochSeconds: number }>;

export const signedCheckpoint = (size: number, root: Buffer, { log, witnesses, epochSeconds }: Signers, origin = log.name): Buffer => {
  const text = `${origin}\n${size}\n${root.toString('base64')}\n`;
  return Buffer.from(`${text}\n${line(log, sign(null, Buffer.from(text), log.privateKey))}${witnesses.map((witness) => cosign(text, witness, epochSeconds)).join('')}`);
};

const pathOf = (kind: string, index: number, width: number): string => {
  const digits = String(index).padStart(Math.ceil(String(index).length / 3) * 3, '0').match(/\d{3}/g)!;
  return `tile/${kind}/${digits.map((group, i) => (i < digits.length - 1 ? `x${group}` : group)).join('/')}${width === WIDTH ? '' : `.p/${width}`}`;
};

export const bundleOf = (entries: readonly Uint8Array[]): Buffer => Buffer.concat(entries.flatMap((entry) => {
  const length = Buffer.alloc(2);
  length.writeUInt16BE(entry.length);
  return [length, entry];
}));

export const checkpointOf = (entries: readonly Uint8Array[], signers: Signers, origin?: string): Buffer => signedCheckpoint(entries.length, naiveRoot(entries), signers, origin);

export type Files = Map<string, Buffer>;

/** Every file of tlog-tiles for a log of these entries, without its checkpoint. */
export const tilesOf = (entries: readonly Uint8Array[]): Files => {
  const files: Files = new Map();
  for (let start = 0; start < entries.length; start += WIDTH) {
    const part = entries.slice(start, start + WIDTH);
    files.set(pathOf('entries', start / WIDTH, part.length), bundleOf(part));
  }
  for (let level = 0, span = 1; span <= entries.length; level++, span *= WIDTH) {
    const hashes = Array.from({ length: Math.floor(entries.length / span) }, (_, i) => naiveRoot(entries.slice(i * span, (i + 1) * span)));
    for (let start = 0; start < hashes.length; start += WIDTH) {
      const part = hashes.slice(start, start + WIDTH);
      files.set(pathOf(String(level), start / WIDTH, part.length), Buffer.concat(part));
    }
  }
  return files;
};

/** A log as published: tiles, partial tiles left from `earlier` sizes, and its checkpoint. */
export const logOf = (entries: readonly Uint8Array[], signers: Signers, earlier: readonly number[] = []): Files =>
  new Map([...earlier.flatMap((size) => [...tilesOf(entries.slice(0, size))]), ...tilesOf(entries), ['checkpoint', checkpointOf(entries, signers)]]);

export const writeFiles = (folder: string, files: Files): void => {
  for (const [path, bytes] of files) {
    mkdirSync(dirname(join(folder, path)), { recursive: true });
    writeFileSync(join(folder, path), bytes);
  }
};
