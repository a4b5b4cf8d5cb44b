import { Duration, RemovalPolicy } from 'aws-cdk-lib';
import { AttributeType, TableEncryptionV2, TableV2 } from 'aws-cdk-lib/aws-dynamodb';
import { Construct } from 'constructs';
import { TABLE } from '../../shared/storage/keys.ts';
import { BedsideFunction, type FunctionSettings } from './bedside-function.ts';
import type { People } from './people.ts';
import type { Records } from './records.ts';

export interface PersonalDataProps {
  readonly settings: FunctionSettings;
  readonly records: Records;
  readonly people: People;
}

/** How long the table's own recovery still holds what was erased (ADR 0012). */
const RECOVERY_DAYS = 7;

/**
 * What a hospital knows of its patients, in a table of its own, and the one function that may touch it (ADR 0012). The table has no stream: nothing of it goes anywhere else.
 */
export class PersonalData extends Construct {
  readonly table: TableV2;
  readonly api: BedsideFunction;

  constructor(scope: Construct, id: string, { settings, records, people }: PersonalDataProps) {
    super(scope, id);
    this.table = new TableV2(this, 'PersonalDataTable', {
      partitionKey: { name: TABLE.pk, type: AttributeType.STRING }, sortKey: { name: TABLE.sk, type: AttributeType.STRING },
      encryption: TableEncryptionV2.customerManagedKey(settings.key), deletionProtection: true, removalPolicy: RemovalPolicy.RETAIN,
      pointInTimeRecoverySpecification: { pointInTimeRecoveryEnabled: true, recoveryPeriodInDays: RECOVERY_DAYS },
    });
    this.api = new BedsideFunction(this, 'PersonalDataApi', {
      settings, name: 'personal-data-api', timeout: Duration.seconds(25), memorySize: 1024, environment: { ...records.environment, ...people.environment, PERSONAL_DATA_TABLE: this.table.tableName },
    });
    records.allowAppend(this.api).allowOperations(this.api);
    this.api.allow(['dynamodb:GetItem', 'dynamodb:Query', 'dynamodb:PutItem', 'dynamodb:DeleteItem'], [this.table.tableArn]).allow(['kms:Decrypt', 'kms:GenerateDataKey'], [settings.key.keyArn]);
  }
}
