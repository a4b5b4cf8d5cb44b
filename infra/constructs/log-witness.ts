import { RemovalPolicy } from 'aws-cdk-lib';
import { AttributeType, TableEncryptionV2, TableV2 } from 'aws-cdk-lib/aws-dynamodb';
import { Key, KeySpec, KeyUsage } from 'aws-cdk-lib/aws-kms';
import { Construct } from 'constructs';
import { witnessNameOf } from '../../shared/audit-log/directory.ts';
import { TABLE } from '../../shared/storage/keys.ts';
import { BedsideFunction, type FunctionSettings } from './bedside-function.ts';

export interface LogWitnessProps {
  readonly settings: FunctionSettings;
  /** Id of the hospital, or of the control site. */
  readonly siteId: string;
}

/**
 * A site's witness: cosigns the checkpoints of the other sites' logs with an Ed25519 key that never leaves KMS. It has a table of its own, with the registered sites and what it has
 * seen of each log, because anyone may ask it: its function can reach nothing else of the site.
 */
export class LogWitness extends Construct {
  readonly function: BedsideFunction;
  readonly #table: TableV2;
  readonly #key: Key;
  readonly #siteId: string;
  readonly #settings: FunctionSettings;

  constructor(scope: Construct, id: string, { settings, siteId }: LogWitnessProps) {
    super(scope, id);
    this.#siteId = siteId;
    this.#settings = settings;
    this.#table = new TableV2(this, 'Table', {
      partitionKey: { name: TABLE.pk, type: AttributeType.STRING }, sortKey: { name: TABLE.sk, type: AttributeType.STRING }, encryption: TableEncryptionV2.customerManagedKey(settings.key),
      pointInTimeRecoverySpecification: { pointInTimeRecoveryEnabled: true }, deletionProtection: true, removalPolicy: RemovalPolicy.RETAIN,
    });
    this.#key = new Key(this, 'Key', { keySpec: KeySpec.ECC_NIST_EDWARDS25519, keyUsage: KeyUsage.SIGN_VERIFY, description: `Cosigns log checkpoints as witness ${siteId}`, removalPolicy: RemovalPolicy.RETAIN });
    this.function = new BedsideFunction(this, 'Function', { settings, name: 'log-witness', environment: { ...this.tableEnvironment, ...this.keyEnvironment } });
    this.function.allow(['dynamodb:GetItem', 'dynamodb:Query', 'dynamodb:PutItem'], [this.#table.tableArn]).allow(['kms:Sign', 'kms:GetPublicKey'], [this.#key.keyArn]).allow(['kms:Decrypt', 'kms:GenerateDataKey'], [settings.key.keyArn]);
  }

  get tableName(): string {
    return this.#table.tableName;
  }

  get tableEnvironment(): Readonly<Record<string, string>> {
    return { WITNESS_TABLE: this.#table.tableName };
  }

  get keyEnvironment(): Readonly<Record<string, string>> {
    return { WITNESS_KEY_ARN: this.#key.keyArn, WITNESS_NAME: witnessNameOf(this.#siteId) };
  }

  /** Read who is registered and what was cosigned. */
  allowRead(...functions: readonly BedsideFunction[]): this {
    for (const each of functions) each.allow(['dynamodb:Query'], [this.#table.tableArn]).allow(['kms:Decrypt'], [this.#settings.key.keyArn]);
    return this;
  }

  /** Keep registered sites, and read the public key. No delete: a site that was registered is never forgotten. */
  allowRegister(...functions: readonly BedsideFunction[]): this {
    for (const each of functions) each.allow(['dynamodb:Query', 'dynamodb:PutItem'], [this.#table.tableArn]).allow(['kms:GetPublicKey'], [this.#key.keyArn]).allow(['kms:Decrypt', 'kms:GenerateDataKey'], [this.#settings.key.keyArn]);
    return this;
  }
}
