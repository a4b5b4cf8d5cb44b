import type { PolicyStatement, Principal, ProvisionedResource, ResourceDeclaration } from './contracts.ts';
import { evaluate, namesAccount, requireAllowed, statementsOf } from './iam.ts';

type Properties = Readonly<Record<string, unknown>>;
export type GuardedKey = Readonly<{ arn: string; account: string; region: string; policy: readonly PolicyStatement[] }>;

/**
 * What a service asks of a customer key in the name of whoever calls it, so that the caller's own policies must allow it.
 *
 * @see Amazon S3 User Guide, Protecting data with SSE-KMS; Amazon SQS Developer Guide, Key management (producers and consumers); Amazon DynamoDB Developer Guide, Encryption at rest (table key, per caller); Amazon SNS Developer Guide, Key management
 */
export const KEY_ACTIONS: ReadonlyMap<string, readonly string[]> = new Map<string, readonly string[]>([
  ['s3:GetObject', ['kms:Decrypt']],
  ['s3:PutObject', ['kms:GenerateDataKey']],
  ['sqs:SendMessage', ['kms:GenerateDataKey', 'kms:Decrypt']],
  ['sqs:ReceiveMessage', ['kms:Decrypt']],
  ['sns:Publish', ['kms:GenerateDataKey', 'kms:Decrypt']],
  ...['GetItem', 'PutItem', 'UpdateItem', 'DeleteItem', 'ConditionCheckItem', 'Query', 'Scan', 'BatchGetItem', 'BatchWriteItem', 'GetRecords'].map((operation) => [`dynamodb:${operation}`, ['kms:Decrypt']] as const),
]);

type Rules = Readonly<{ BucketEncryption?: Readonly<{ ServerSideEncryptionConfiguration?: readonly Readonly<{ ServerSideEncryptionByDefault?: Readonly<{ KMSMasterKeyID?: string }> }>[] }> }>;
type Replicas = Readonly<{ Replicas?: readonly Readonly<{ SSESpecification?: Readonly<{ KMSMasterKeyId?: string }> }>[] }>;

/** The customer key of a resource, as its template names it. */
const KEY_OF: Readonly<Record<string, (properties: Properties) => unknown>> = {
  'AWS::S3::Bucket': (properties) => (properties as Rules).BucketEncryption?.ServerSideEncryptionConfiguration?.[0]?.ServerSideEncryptionByDefault?.KMSMasterKeyID,
  'AWS::SQS::Queue': ({ KmsMasterKeyId }) => KmsMasterKeyId,
  'AWS::SNS::Topic': ({ KmsMasterKeyId }) => KmsMasterKeyId,
  'AWS::DynamoDB::Table': ({ SSESpecification }) => (SSESpecification as Readonly<{ KMSMasterKeyId?: string }> | undefined)?.KMSMasterKeyId,
  'AWS::DynamoDB::GlobalTable': (properties) => (properties as Replicas).Replicas?.[0]?.SSESpecification?.KMSMasterKeyId,
};

/** The bucket of an object, the table of a stream. */
const ownerOf = (resource: string): string => (resource.startsWith('arn:aws:s3:::') ? resource.split('/', 1)[0] ?? resource : resource.split('/', 2).join('/'));

/** Unlike other services, a key whose policy does not leave it to the account heeds no policy of the account's roles. @throws AwsError `AccessDeniedException` (403) */
export const requireKeyAccess = (principal: Principal, action: string, { arn, account, policy }: Omit<GuardedKey, 'region'>, context: Readonly<Record<string, string>>): void => {
  const leavesItToAccount = principal.account !== account || evaluate(policy.filter((statement) => namesAccount(statement, principal)), action, arn, context) === 'allow';
  const policies = leavesItToAccount ? principal.policies : principal.policies.filter(({ effect }) => effect === 'Deny');
  requireAllowed({ principal: { ...principal, policies }, action, resource: arn, resourcePolicy: policy, resourceAccount: account, context });
};

/** Customer keys of all templates and what they encrypt. A call that a role may make and whose key it may not use fails, as it would deployed. */
export class ServiceKeys {
  readonly #keys = new Map<string, GuardedKey>();
  readonly #keyOfResource = new Map<string, string>();
  /** What was allowed before: a role's principal is another object once its policies change, and keys forget all. */
  #allowed = new WeakMap<Principal, Set<string>>();

  note({ stack, type, properties }: ResourceDeclaration, { physicalId, attributes }: ProvisionedResource): void {
    if (type === 'AWS::KMS::Key') {
      const arn = String(attributes['Arn']);
      this.#keys.set(arn, { arn, account: stack.account, region: stack.region, policy: statementsOf(properties['KeyPolicy'] ?? { Statement: { Effect: 'Allow', Principal: { AWS: `arn:aws:iam::${stack.account}:root` }, Action: 'kms:*', Resource: '*' } }) });
      this.#allowed = new WeakMap();
      return;
    }
    const key = KEY_OF[type]?.(properties);
    if (typeof key !== 'string' || key.includes('alias/aws/')) return;
    this.#keyOfResource.set(String(attributes['Arn'] ?? physicalId), key.startsWith('arn:') ? key : `arn:aws:kms:${stack.region}:${stack.account}:key/${key}`);
    this.#allowed = new WeakMap();
  }

  /** @throws AwsError `AccessDeniedException` (403) naming the key's action that the caller lacks */
  require(principal: Principal, action: string, resource: string): void {
    const keyActions = KEY_ACTIONS.get(action);
    if (keyActions === undefined || principal.admin) return;
    const what = `${action} ${ownerOf(resource)}`;
    let allowed = this.#allowed.get(principal);
    if (allowed === undefined) this.#allowed.set(principal, allowed = new Set());
    if (allowed.has(what)) return;
    const key = this.#keys.get(this.#keyOfResource.get(ownerOf(resource)) ?? '');
    if (key !== undefined) {
      const context = { 'kms:ViaService': `${action.split(':', 1)[0] ?? ''}.${key.region}.amazonaws.com`, 'kms:CallerAccount': principal.account };
      for (const each of keyActions) requireKeyAccess(principal, each, key, context);
    }
    allowed.add(what);
  }
}
