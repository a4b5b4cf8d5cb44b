import { randomBytes } from 'node:crypto';
import { AwsError, type Cloud, type LocalService, type LocalServiceFactory, type Principal, type ProvisionedResource, type ResourceDeclaration, type SdkRequest, type SdkResponse } from '../../core/contracts.ts';
import { statementsOf } from '../../core/iam.ts';
import { requireKeyAccess } from '../../core/service-keys.ts';
import { isSignature, publicKeyOf, signMessage } from './asymmetric.ts';
import { KEY_SPECS, materialOf, type KeyUsage, type KmsKey } from './keys.ts';
import { decrypt, encrypt, isMac, macOf, partsOf, type EncryptionContext } from './symmetric.ts';

type Input = Readonly<Record<string, unknown>>;
type Operation = Readonly<{ usage?: KeyUsage; run(key: KmsKey, input: Input): Readonly<Record<string, unknown>> }>;

const MAXIMUM_PLAINTEXT_BYTES = 4096;
const MAXIMUM_DATA_KEY_BYTES = 1024;

/** @throws AwsError `SerializationException` for what is not base64 */
const bytesOf = (input: Input, name: string): Buffer => {
  const text = input[name];
  if (typeof text !== 'string' || !/^[A-Za-z0-9+/]*={0,2}$/.test(text)) throw new AwsError('SerializationException', `${name}: want bytes in base64`);
  return Buffer.from(text, 'base64');
};
const contextOf = ({ EncryptionContext: context = {} }: Input): EncryptionContext => context as EncryptionContext;

const dataKeyBytes = ({ KeySpec, NumberOfBytes }: Input): number => {
  const count = KeySpec === 'AES_256' ? 32 : KeySpec === 'AES_128' ? 16 : Number(NumberOfBytes);
  if (!Number.isInteger(count) || count < 1 || count > MAXIMUM_DATA_KEY_BYTES || (KeySpec !== undefined && NumberOfBytes !== undefined)) throw new AwsError('ValidationException', `want either KeySpec AES_256 or AES_128, or NumberOfBytes of 1 to ${MAXIMUM_DATA_KEY_BYTES}`);
  return count;
};

const dataKey = (key: KmsKey, input: Input): Readonly<{ plaintext: string; answer: Readonly<Record<string, unknown>> }> => {
  const plaintext = randomBytes(dataKeyBytes(input));
  return { plaintext: plaintext.toString('base64'), answer: { KeyId: key.arn, CiphertextBlob: encrypt(key, plaintext, contextOf(input)).toString('base64') } };
};

const algorithmsOf = ({ usage, algorithms }: KmsKey): Readonly<Record<string, unknown>> =>
  ({ [usage === 'SIGN_VERIFY' ? 'SigningAlgorithms' : usage === 'GENERATE_VERIFY_MAC' ? 'MacAlgorithms' : 'EncryptionAlgorithms']: algorithms });

const requireMacAlgorithm = ({ algorithms }: KmsKey, { MacAlgorithm }: Input): void => {
  if (!algorithms.includes(String(MacAlgorithm))) throw new AwsError('InvalidKeyUsageException', `got the MAC algorithm ${String(MacAlgorithm)}, want ${algorithms.join(' or ')}`);
};

const OPERATIONS: Readonly<Record<string, Operation>> = {
  DescribeKey: {
    run: (key) => ({ KeyMetadata: {
      AWSAccountId: key.account, KeyId: key.id, Arn: key.arn, CreationDate: key.createdEpochMs / 1000, Enabled: key.enabled, KeyState: key.enabled ? 'Enabled' : 'Disabled', Description: key.description,
      KeyUsage: key.usage, KeySpec: key.spec, CustomerMasterKeySpec: key.spec, Origin: 'AWS_KMS', KeyManager: 'CUSTOMER', MultiRegion: false, ...algorithmsOf(key),
    } }),
  },
  GetPublicKey: { usage: 'SIGN_VERIFY', run: (key) => ({ KeyId: key.arn, PublicKey: publicKeyOf(key).toString('base64'), KeySpec: key.spec, KeyUsage: key.usage, ...algorithmsOf(key) }) },
  Sign: {
    usage: 'SIGN_VERIFY',
    run: (key, input) => ({ KeyId: key.arn, SigningAlgorithm: input['SigningAlgorithm'], Signature: signMessage(key, String(input['SigningAlgorithm']), String(input['MessageType'] ?? 'RAW'), bytesOf(input, 'Message')).toString('base64') }),
  },
  Verify: {
    usage: 'SIGN_VERIFY',
    run: (key, input) => {
      if (!isSignature(key, String(input['SigningAlgorithm']), String(input['MessageType'] ?? 'RAW'), bytesOf(input, 'Message'), bytesOf(input, 'Signature'))) throw new AwsError('KMSInvalidSignatureException', 'the signature is not of this key and message');
      return { KeyId: key.arn, SignatureValid: true, SigningAlgorithm: input['SigningAlgorithm'] };
    },
  },
  Encrypt: {
    usage: 'ENCRYPT_DECRYPT',
    run: (key, input) => {
      const plaintext = bytesOf(input, 'Plaintext');
      if (plaintext.length === 0 || plaintext.length > MAXIMUM_PLAINTEXT_BYTES) throw new AwsError('ValidationException', `got a plaintext of ${plaintext.length} bytes, want 1 to ${MAXIMUM_PLAINTEXT_BYTES}`);
      return { KeyId: key.arn, CiphertextBlob: encrypt(key, plaintext, contextOf(input)).toString('base64'), EncryptionAlgorithm: 'SYMMETRIC_DEFAULT' };
    },
  },
  Decrypt: { usage: 'ENCRYPT_DECRYPT', run: (key, input) => ({ KeyId: key.arn, Plaintext: decrypt(key, partsOf(bytesOf(input, 'CiphertextBlob')), contextOf(input)).toString('base64'), EncryptionAlgorithm: 'SYMMETRIC_DEFAULT' }) },
  GenerateDataKey: {
    usage: 'ENCRYPT_DECRYPT',
    run: (key, input) => {
      const { plaintext, answer } = dataKey(key, input);
      return { ...answer, Plaintext: plaintext };
    },
  },
  GenerateDataKeyWithoutPlaintext: { usage: 'ENCRYPT_DECRYPT', run: (key, input) => dataKey(key, input).answer },
  GenerateMac: {
    usage: 'GENERATE_VERIFY_MAC',
    run: (key, input) => {
      requireMacAlgorithm(key, input);
      return { KeyId: key.arn, MacAlgorithm: input['MacAlgorithm'], Mac: macOf(key, bytesOf(input, 'Message')).toString('base64') };
    },
  },
  VerifyMac: {
    usage: 'GENERATE_VERIFY_MAC',
    run: (key, input) => {
      requireMacAlgorithm(key, input);
      if (!isMac(key, bytesOf(input, 'Message'), bytesOf(input, 'Mac'))) throw new AwsError('KMSInvalidMacException', 'the MAC is not of this key and message');
      return { KeyId: key.arn, MacAlgorithm: input['MacAlgorithm'], MacValid: true };
    },
  },
};

/** KMS: keys of the templates that sign, encrypt and authenticate; their material never leaves this service. */
export class KmsService implements LocalService {
  readonly name = 'kms';
  readonly signingNames = ['kms'];
  readonly resourceTypes = ['AWS::KMS::Key', 'AWS::KMS::Alias'];
  readonly #cloud: Cloud;
  readonly #keys = new Map<string, KmsKey>();
  /** ARN of the key, by the ARN of the alias. */
  readonly #aliases = new Map<string, string>();

  constructor(cloud: Cloud) {
    this.#cloud = cloud;
  }

  provision({ stack, logicalId, type, properties }: ResourceDeclaration): ProvisionedResource {
    const { account, region } = stack;
    const home = `arn:aws:kms:${region}:${account}`;
    if (type === 'AWS::KMS::Alias') {
      const name = String(properties['AliasName']);
      const target = String(properties['TargetKeyId']);
      this.#aliases.set(`${home}:${name}`, target.startsWith('arn:') ? target : `${home}:key/${target}`);
      return { physicalId: name, attributes: {} };
    }
    const id = `${stack.name}-${logicalId}`;
    const arn = `${home}:key/${id}`;
    const spec = String(properties['KeySpec'] ?? 'SYMMETRIC_DEFAULT');
    const known = KEY_SPECS[spec];
    const usage = known?.usages.find((each) => each === (properties['KeyUsage'] ?? 'ENCRYPT_DECRYPT'));
    if (known === undefined || usage === undefined) throw new Error(`${stack.name}/${logicalId}: the local cloud makes no ${spec} key for ${String(properties['KeyUsage'] ?? 'ENCRYPT_DECRYPT')}, only ${Object.entries(KEY_SPECS).map(([name, { usages }]) => `${name} for ${usages.join(', ')}`).join('; ')}`);
    const policy = statementsOf(properties['KeyPolicy'] ?? { Statement: { Effect: 'Allow', Principal: { AWS: `arn:aws:iam::${account}:root` }, Action: 'kms:*', Resource: '*' } });
    const { material, createdEpochMs } = materialOf(this.#cloud.stateFolder('kms'), arn, spec, this.#cloud.clock.now());
    this.#keys.set(arn, { id, arn, account, region, spec, usage, algorithms: known.algorithms, enabled: properties['Enabled'] !== false, description: String(properties['Description'] ?? ''), policy, material, createdEpochMs });
    return { physicalId: id, attributes: { Arn: arn, KeyId: id } };
  }

  /** By key id, key ARN, alias name or alias ARN, as the caller's account and region see it. @throws AwsError `NotFoundException` */
  #keyOf(named: string, { account, region }: Principal): KmsKey {
    const home = `arn:aws:kms:${region}:${account}`;
    const arn = named.startsWith('arn:') ? named : named.startsWith('alias/') ? `${home}:${named}` : `${home}:key/${named}`;
    const key = this.#keys.get(this.#aliases.get(arn) ?? arn);
    if (key === undefined) throw new AwsError('NotFoundException', `no key ${named}`);
    return key;
  }

  #authorize(principal: Principal, action: string, key: KmsKey, input: Input): void {
    const context = { ...Object.fromEntries(Object.entries(contextOf(input)).map(([name, value]) => [`kms:EncryptionContext:${name}`, value])), 'kms:SigningAlgorithm': String(input['SigningAlgorithm'] ?? ''), 'kms:MessageType': String(input['MessageType'] ?? 'RAW'), 'kms:MacAlgorithm': String(input['MacAlgorithm'] ?? '') };
    requireKeyAccess(principal, action, key, context);
  }

  handle({ operation = '', body, principal }: SdkRequest): Promise<SdkResponse> {
    return new Promise((resolve) => { resolve(this.#serve(operation, JSON.parse(body.toString('utf8')) as Input, principal)); });
  }

  #serve(operation: string, input: Input, principal: Principal): SdkResponse {
    const known = OPERATIONS[operation];
    if (known === undefined) throw new AwsError('UnsupportedOperationException', `the local cloud does not serve KMS ${operation}`);
    const named = input['KeyId'] === undefined ? undefined : this.#keyOf(String(input['KeyId']), principal);
    const key = operation === 'Decrypt' ? this.#keyOf(partsOf(bytesOf(input, 'CiphertextBlob')).keyArn, principal) : named;
    if (key === undefined) throw new AwsError('ValidationException', 'KeyId: want one');
    if (named !== undefined && named.arn !== key.arn) throw new AwsError('IncorrectKeyException', 'the ciphertext is of another key than the one named');
    this.#authorize(principal, `kms:${operation}`, key, input);
    if (!key.enabled && operation !== 'DescribeKey') throw new AwsError('DisabledException', `${key.arn} is disabled.`);
    if (known.usage !== undefined && known.usage !== key.usage) throw new AwsError('InvalidKeyUsageException', `${key.arn} key usage is ${key.usage} which is not valid for ${operation}.`);
    return { status: 200, headers: { 'content-type': 'application/x-amz-json-1.1' }, body: JSON.stringify(known.run(key, input)) };
  }
}

export const createKmsService: LocalServiceFactory = (cloud) => new KmsService(cloud);
