import { RemovalPolicy } from 'aws-cdk-lib';
import { AttributeType, StreamViewType, TableEncryptionV2, TableV2 } from 'aws-cdk-lib/aws-dynamodb';
import type { IKey } from 'aws-cdk-lib/aws-kms';
import { Construct } from 'constructs';
import { TABLE } from '../../shared/storage/keys.ts';
import type { BedsideFunction } from './bedside-function.ts';

export interface RecordsProps {
  readonly key: IKey;
}

/**
 * The two tables of a site: one that only grows and one that changes (ADR 0004). Grants name exactly what a function may do; none gives the power to update
 * or delete an event.
 */
export class Records extends Construct {
  readonly recordTable: TableV2;
  readonly operationsTable: TableV2;

  constructor(scope: Construct, id: string, { key }: RecordsProps) {
    super(scope, id);
    const common = {
      partitionKey: { name: TABLE.pk, type: AttributeType.STRING }, sortKey: { name: TABLE.sk, type: AttributeType.STRING },
      encryption: TableEncryptionV2.customerManagedKey(key), pointInTimeRecoverySpecification: { pointInTimeRecoveryEnabled: true },
      deletionProtection: true, removalPolicy: RemovalPolicy.RETAIN,
    };
    this.recordTable = new TableV2(this, 'RecordTable', { ...common, dynamoStream: StreamViewType.NEW_IMAGE });
    this.operationsTable = new TableV2(this, 'OperationsTable', { ...common, timeToLiveAttribute: TABLE.timeToLive });
  }

  get environment(): Readonly<Record<string, string>> {
    return { RECORD_TABLE: this.recordTable.tableName, OPERATIONS_TABLE: this.operationsTable.tableName };
  }

  /** Read and append. `PutItem` alone could overwrite: every put of ours carries `attribute_not_exists`, and a test holds the store to it. */
  allowAppend(...functions: readonly BedsideFunction[]): this {
    for (const each of functions) each.allow(['dynamodb:GetItem', 'dynamodb:Query', 'dynamodb:PutItem'], [this.recordTable.tableArn]);
    return this;
  }

  allowReadRecord(...functions: readonly BedsideFunction[]): this {
    for (const each of functions) each.allow(['dynamodb:GetItem', 'dynamodb:Query'], [this.recordTable.tableArn]);
    return this;
  }

  allowOperations(...functions: readonly BedsideFunction[]): this {
    for (const each of functions) {
      each.allow(['dynamodb:GetItem', 'dynamodb:Query', 'dynamodb:PutItem', 'dynamodb:UpdateItem', 'dynamodb:DeleteItem'], [this.operationsTable.tableArn]);
    }
    return this;
  }

  /** Read views, and write those that stand or fall with an event of the function's own: what an interface refuses is on record. */
  allowViews(...functions: readonly BedsideFunction[]): this {
    for (const each of functions) each.allow(['dynamodb:GetItem', 'dynamodb:Query', 'dynamodb:PutItem'], [this.operationsTable.tableArn]);
    return this;
  }

  /** Read all of the record, item by item; for what must find that something is not there. */
  allowReadWhole(...functions: readonly BedsideFunction[]): this {
    for (const each of functions) each.allow(['dynamodb:Scan', 'dynamodb:GetItem'], [this.recordTable.tableArn]);
    return this;
  }

  /** Look up many views in one call; gives no more than reading each. */
  allowFindMany(...functions: readonly BedsideFunction[]): this {
    for (const each of functions) each.allow(['dynamodb:BatchGetItem'], [this.operationsTable.tableArn]);
    return this;
  }

  /** Read many events, and write and remove many views, in one call. Nothing of the record can be written. */
  allowMany(...functions: readonly BedsideFunction[]): this {
    for (const each of functions) each.allow(['dynamodb:BatchGetItem'], [this.recordTable.tableArn]).allow(['dynamodb:BatchWriteItem'], [this.operationsTable.tableArn]);
    return this;
  }

  /** Write many views in one call; no more than writing each. */
  allowWriteMany(...functions: readonly BedsideFunction[]): this {
    for (const each of functions) each.allow(['dynamodb:BatchWriteItem'], [this.operationsTable.tableArn]);
    return this;
  }

  allowReadOperations(...functions: readonly BedsideFunction[]): this {
    for (const each of functions) each.allow(['dynamodb:GetItem', 'dynamodb:Query'], [this.operationsTable.tableArn]);
    return this;
  }
}
