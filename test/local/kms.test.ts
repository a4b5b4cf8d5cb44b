import { createPublicKey, verify } from 'node:crypto';
import { readdirSync, statSync } from 'node:fs';
import { join } from 'node:path';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Principal } from '../../infra/local/core/contracts.ts';
import { KmsService } from '../../infra/local/services/kms/service.ts';
import { ADMIN, codeOf, declaration, jsonOf, request, roleWith, testCloud } from './support/cloud.ts';
import { temporaryFolder } from './support/temporary-folder.ts';

const base64 = (text: string): string => Buffer.from(text).toString('base64');
const MESSAGE = base64('batch B-7 released at version 41');

const start = (properties: Readonly<Record<string, unknown>> = {}, folder = temporaryFolder()) => {
  const service = new KmsService(testCloud(folder).cloud);
  const { physicalId, attributes } = service.provision(declaration('AWS::KMS::Key', properties, 'Key'));
  const call = async (operation: string, body: Readonly<Record<string, unknown>>, principal: Principal = ADMIN) => jsonOf(await service.handle(request({ operation, body: { KeyId: physicalId, ...body }, principal })));
  return { service, call, arn: String(attributes['Arn']), folder };
};
const ED25519 = { KeySpec: 'ECC_NIST_EDWARDS25519', KeyUsage: 'SIGN_VERIFY' };
const P256 = { KeySpec: 'ECC_NIST_P256', KeyUsage: 'SIGN_VERIFY' };
const HMAC = { KeySpec: 'HMAC_256', KeyUsage: 'GENERATE_VERIFY_MAC' };

describe.each([['Ed25519', ED25519, 'ED25519_SHA_512', null], ['P-256', P256, 'ECDSA_SHA_256', 'sha256']] as const)('a signing key on %s', (_, properties, SigningAlgorithm, hash) => {
  it('signs what anybody can verify with the public key', async () => {
    const { call } = start(properties);
    const { Signature } = await call('Sign', { Message: MESSAGE, MessageType: 'RAW', SigningAlgorithm });
    const { PublicKey, SigningAlgorithms } = await call('GetPublicKey', {});
    const key = createPublicKey({ key: Buffer.from(String(PublicKey), 'base64'), type: 'spki', format: 'der' });
    expect(verify(hash, Buffer.from(MESSAGE, 'base64'), key, Buffer.from(String(Signature), 'base64'))).toBe(true);
    expect(SigningAlgorithms).toEqual([SigningAlgorithm]);
    expect(await call('Verify', { Message: MESSAGE, Signature, SigningAlgorithm })).toMatchObject({ SignatureValid: true });
  });

  it('refuses a signature of another message', async () => {
    const { call } = start(properties);
    const { Signature } = await call('Sign', { Message: MESSAGE, SigningAlgorithm });
    expect(await codeOf(() => call('Verify', { Message: base64('batch B-7 rejected'), Signature, SigningAlgorithm }))).toBe('KMSInvalidSignatureException');
  });

  it('is the same key after a restart', async () => {
    const first = start(properties);
    const { Signature } = await first.call('Sign', { Message: MESSAGE, SigningAlgorithm });
    expect(await start(properties, first.folder).call('Verify', { Message: MESSAGE, Signature, SigningAlgorithm })).toMatchObject({ SignatureValid: true });
  });

  it('refuses algorithms and operations that are not its own', async () => {
    const { call } = start(properties);
    expect(await codeOf(() => call('Sign', { Message: MESSAGE, SigningAlgorithm: 'RSASSA_PSS_SHA_256' }))).toBe('InvalidKeyUsageException');
    expect(await codeOf(() => call('Encrypt', { Plaintext: MESSAGE }))).toBe('InvalidKeyUsageException');
    expect(await codeOf(() => call('Sign', { Message: base64('x'.repeat(4097)), SigningAlgorithm }))).toBe('ValidationException');
  });
});

describe('an encryption key', () => {
  it('gives back what it encrypted, whatever the order of the context', async () => {
    const { call } = start();
    await fc.assert(fc.asyncProperty(fc.uint8Array({ minLength: 1, maxLength: 4096 }), fc.dictionary(fc.string(), fc.string(), { maxKeys: 4, noNullPrototype: true }), async (bytes, context) => {
      const Plaintext = Buffer.from(bytes).toString('base64');
      const { CiphertextBlob } = await call('Encrypt', { Plaintext, EncryptionContext: context });
      const EncryptionContext = Object.fromEntries(Object.entries(context).toReversed());
      expect(await call('Decrypt', { CiphertextBlob, EncryptionContext })).toMatchObject({ Plaintext });
    }), { numRuns: 30 });
  });

  it('opens nothing with another context', async () => {
    const { call } = start();
    const { CiphertextBlob } = await call('Encrypt', { Plaintext: MESSAGE, EncryptionContext: { batch: 'B-7' } });
    expect(await codeOf(() => call('Decrypt', { CiphertextBlob, EncryptionContext: { batch: 'B-8' } }))).toBe('InvalidCiphertextException');
    expect(await codeOf(() => call('Decrypt', { CiphertextBlob }))).toBe('InvalidCiphertextException');
  });

  it('opens nothing that was cut short or changed in any byte after the key’s name', async () => {
    const { call, arn } = start();
    const { CiphertextBlob } = await call('Encrypt', { Plaintext: MESSAGE });
    const whole = Buffer.from(String(CiphertextBlob), 'base64');
    for (let i = 3 + arn.length; i < whole.length; i += 1) {
      const changed = Buffer.from(whole);
      changed[i] = changed[i]! ^ 1;
      expect(await codeOf(() => call('Decrypt', { CiphertextBlob: changed.toString('base64') }))).toBe('InvalidCiphertextException');
      expect(await codeOf(() => call('Decrypt', { CiphertextBlob: whole.subarray(0, i).toString('base64') }))).toBe('InvalidCiphertextException');
    }
  });

  it('makes data keys of the wanted length that only it can open', async () => {
    const { call } = start();
    const { Plaintext, CiphertextBlob } = await call('GenerateDataKey', { KeySpec: 'AES_256', EncryptionContext: { object: '1' } });
    expect(Buffer.from(String(Plaintext), 'base64')).toHaveLength(32);
    expect(await call('Decrypt', { CiphertextBlob, EncryptionContext: { object: '1' } })).toMatchObject({ Plaintext });
    expect(await call('GenerateDataKeyWithoutPlaintext', { NumberOfBytes: 64 })).not.toHaveProperty('Plaintext');
    expect(await codeOf(() => call('GenerateDataKey', {}))).toBe('ValidationException');
  });

  it('refuses the ciphertext of another key that is named', async () => {
    const { service, call } = start();
    service.provision(declaration('AWS::KMS::Key', {}, 'Other'));
    const { CiphertextBlob } = await call('Encrypt', { Plaintext: MESSAGE });
    expect(await codeOf(() => call('Decrypt', { KeyId: 'Node-Other', CiphertextBlob }))).toBe('IncorrectKeyException');
  });
});

describe('an HMAC key', () => {
  it('verifies its own codes and no others', async () => {
    const { call } = start(HMAC);
    const { Mac } = await call('GenerateMac', { Message: MESSAGE, MacAlgorithm: 'HMAC_SHA_256' });
    expect(await call('VerifyMac', { Message: MESSAGE, Mac, MacAlgorithm: 'HMAC_SHA_256' })).toMatchObject({ MacValid: true });
    expect(await codeOf(() => call('VerifyMac', { Message: base64('other'), Mac, MacAlgorithm: 'HMAC_SHA_256' }))).toBe('KMSInvalidMacException');
    expect(await codeOf(() => call('VerifyMac', { Message: MESSAGE, Mac: base64('short'), MacAlgorithm: 'HMAC_SHA_256' }))).toBe('KMSInvalidMacException');
  });
});

describe('keys', () => {
  it('are found by id, ARN and alias, and only by those', async () => {
    const { service, call, arn } = start(ED25519);
    service.provision(declaration('AWS::KMS::Alias', { AliasName: 'alias/checkpoints', TargetKeyId: 'Node-Key' }, 'Alias'));
    for (const KeyId of ['Node-Key', arn, 'alias/checkpoints', 'arn:aws:kms:eu-west-1:111111111111:alias/checkpoints']) expect(await call('DescribeKey', { KeyId })).toMatchObject({ KeyMetadata: { Arn: arn, KeySpec: 'ECC_NIST_EDWARDS25519' } });
    expect(await codeOf(() => call('DescribeKey', { KeyId: 'alias/other' }))).toBe('NotFoundException');
  });

  it('do nothing while disabled but say so', async () => {
    const { call } = start({ ...ED25519, Enabled: false });
    expect(await codeOf(() => call('Sign', { Message: MESSAGE, SigningAlgorithm: 'ED25519_SHA_512' }))).toBe('DisabledException');
    expect(await call('DescribeKey', {})).toMatchObject({ KeyMetadata: { KeyState: 'Disabled' } });
  });

  it('lie on disk for their owner only', () => {
    const folder = join(start(ED25519).folder, 'kms');
    for (const file of readdirSync(folder)) expect(statSync(join(folder, file)).mode & 0o777).toBe(0o600);
    expect(readdirSync(folder)).toHaveLength(1);
  });

  it('of a kind the local cloud can not make stop it with a clear error', () => {
    expect(() => start({ KeySpec: 'RSA_4096', KeyUsage: 'SIGN_VERIFY' })).toThrow(/Node\/Key: the local cloud makes no RSA_4096 key for SIGN_VERIFY/);
  });
});

describe('who may use a key', () => {
  const sign = (principal: Principal, KeyPolicy?: unknown): Promise<string> => {
    const { call } = start(KeyPolicy === undefined ? ED25519 : { ...ED25519, KeyPolicy });
    return codeOf(() => call('Sign', { KeyId: 'arn:aws:kms:eu-west-1:111111111111:key/Node-Key', Message: MESSAGE, SigningAlgorithm: 'ED25519_SHA_512' }, principal));
  };
  const ALLOW = [{ Effect: 'Allow', Action: 'kms:Sign', Resource: 'arn:aws:kms:*:111111111111:key/*' }];
  const signer = roleWith(ALLOW);

  it('is decided by the roles of the account when the key policy leaves it to the account', async () => {
    expect(await sign(signer)).toBe('none');
    expect(await sign(roleWith([]))).toBe('AccessDeniedException');
  });

  it('is decided by the key policy alone when it does not', async () => {
    const onlyAuditor = { Statement: { Effect: 'Allow', Principal: { AWS: 'arn:aws:iam::111111111111:role/auditor' }, Action: 'kms:*', Resource: '*' } };
    expect(await sign(signer, onlyAuditor)).toBe('AccessDeniedException');
    expect(await sign({ ...roleWith([]), arn: 'arn:aws:iam::111111111111:role/auditor' }, onlyAuditor)).toBe('none');
  });

  it('needs both sides across accounts', async () => {
    const foreign = roleWith(ALLOW, '222222222222');
    expect(await sign(foreign)).toBe('AccessDeniedException');
    expect(await sign(foreign, { Statement: { Effect: 'Allow', Principal: { AWS: 'arn:aws:iam::222222222222:root' }, Action: 'kms:Sign', Resource: '*' } })).toBe('none');
  });

  it('can depend on the encryption context', async () => {
    const { call } = start();
    const role = roleWith([{ Effect: 'Allow', Action: 'kms:Encrypt', Resource: '*', Condition: { StringEquals: { 'kms:EncryptionContext:node': 'north' } } }]);
    expect(await codeOf(() => call('Encrypt', { Plaintext: MESSAGE, EncryptionContext: { node: 'north' } }, role))).toBe('none');
    expect(await codeOf(() => call('Encrypt', { Plaintext: MESSAGE, EncryptionContext: { node: 'hill' } }, role))).toBe('AccessDeniedException');
  });
});
