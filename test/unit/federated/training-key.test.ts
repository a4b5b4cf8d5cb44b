import { createPublicKey, generateKeyPairSync, sign, type KeyObject } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import { createCertifier, vouchForTrainingKey } from '../../../functions/federated/vouch/training-key.ts';
import { certificateBytes, certificateFor, requireCertificate, runKeysFrom, signCertificate, trainingKeyBytes, type Certificate } from '../../../models/federated/secure/keys.ts';
import { codeOf } from '../../support/error-code.ts';
import { createMemoryObjectStore } from '../../support/memory/object-store.ts';

const [identity, training, other] = [generateKeyPairSync('ed25519'), generateKeyPairSync('ed25519'), generateKeyPairSync('ed25519')];
const derOf = (key: KeyObject): string => key.export({ format: 'der', type: 'spki' }).toString('base64');
const expected = { siteId: 'north', runId: 'run-1', planHash: 'ab'.repeat(32) };
const unsigned = certificateFor({ siteId: 'north', runId: 'run-1', planHash: expected.planHash, cohort: 'ef'.repeat(32) }, runKeysFrom(Buffer.alloc(32, 1), 'run-1'));
const directory = new Map([['north', identity.publicKey], ['hill', other.publicKey]]);
const signedBy = (key: KeyObject, bytes: Buffer): string => sign(null, bytes, key).toString('base64');
const vouched = (siteId = 'north', by = identity.privateKey) => ({ key: derOf(training.publicKey), signature: signedBy(by, trainingKeyBytes(siteId, derOf(training.publicKey))) });
const certificate: Certificate = { ...unsigned, trainingKey: vouched(), signature: signedBy(training.privateKey, certificateBytes(unsigned)) };
const judged = (own: Partial<Certificate>): string | undefined => codeOf(() => { requireCertificate({ ...certificate, ...own }, expected, directory); });

describe('a training key', () => {
  it('signs for the keys of a run, once the hospital\'s identity vouches for it', () => { expect(() => { requireCertificate(certificate, expected, directory); }).not.toThrow(); });
  it('is not needed by a hospital that joined before it had one', () => { expect(() => { requireCertificate(signCertificate(unsigned, identity.privateKey), expected, directory); }).not.toThrow(); });
  it.each<readonly [string, Partial<Certificate>]>([
    ['another hospital vouches for', { trainingKey: vouched('north', other.privateKey) }], ['the identity vouches for as another\'s', { trainingKey: vouched('hill') }], ['nobody vouches for', { trainingKey: { ...vouched(), signature: '' } }],
    ['did not sign', { signature: signedBy(identity.privateKey, certificateBytes(unsigned)) }], ['is no key', { trainingKey: { key: 'AAAA', signature: signedBy(identity.privateKey, trainingKeyBytes('north', 'AAAA')) } }],
    ['signed another run\'s keys', { signature: signedBy(training.privateKey, certificateBytes({ ...unsigned, runId: 'run-2' })) }],
  ])('that %s is refused', (_, own) => { expect(judged(own)).toBe('training-certificate-wrong'); });
  it('without its name in the certificate signs for nothing', () => {
    const { trainingKey: _, ...bare } = certificate;
    expect(codeOf(() => { requireCertificate(bare, expected, directory); })).toBe('training-certificate-wrong');
  });
  it('is vouched for once, and again when it is another', async () => {
    const bucket = createMemoryObjectStore();
    const asked: string[] = [];
    const vouch = (key: KeyObject) => vouchForTrainingKey({ siteId: 'north', bucket, publicKey: () => Promise.resolve(key.export({ format: 'der', type: 'spki' })), sign: (bytes) => { asked.push('signed'); return Promise.resolve(sign(null, bytes, identity.privateKey)); } });
    const certify = createCertifier({ bucket, sign: (bytes) => Promise.resolve(sign(null, bytes, training.privateKey)) });
    await expect(certify(certificateBytes(unsigned))).rejects.toThrow('not vouched');
    expect([await vouch(training.publicKey), await vouch(training.publicKey), asked.length]).toEqual([true, false, 1]);
    requireCertificate({ ...unsigned, ...await certify(certificateBytes(unsigned)) }, expected, directory);
    expect(await vouch(createPublicKey(other.privateKey))).toBe(true);
  });
});
