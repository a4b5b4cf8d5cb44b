import { CfnEventBusPolicy, EventBus, Rule } from 'aws-cdk-lib/aws-events';
import { LambdaFunction as LambdaTarget } from 'aws-cdk-lib/aws-events-targets';
import { Construct } from 'constructs';
import type { HospitalNode } from '../nodes/schema.ts';
import { BedsideFunction, type BesideBundle, type FunctionSettings } from './bedside-function.ts';
import { accountsOf } from './hospital-accounts.ts';
import type { LogWitness } from './log-witness.ts';
import type { Records } from './records.ts';

/** What a hospital may put on the bus; `functions/_platform/network-status.ts` says what is in it. */
const TOLD = ['batch-status', 'model-use', 'node-keys'];

export interface StatusIntakeProps {
  readonly settings: FunctionSettings;
  readonly records: Records;
  readonly nodes: readonly HospitalNode[];
  /** The register of the nodes, by the name of its file. */
  readonly register: BesideBundle;
  /** Of the control site: keys that differ from the registered ones are refused. */
  readonly witness: LogWitness;
}

/** The bus on which hospitals tell where their batches stand and how models fare there, and the function that keeps it. */
export class StatusIntake extends Construct {
  readonly bus: EventBus;

  constructor(scope: Construct, id: string, { settings, records, nodes, register, witness }: StatusIntakeProps) {
    super(scope, id);
    this.bus = new EventBus(this, 'Bus', { kmsKey: settings.key });
    if (nodes.length > 0) this.#openTo(nodes);
    const own = new BedsideFunction(this, 'Intake', { settings, name: 'status-intake', environment: { OPERATIONS_TABLE: records.operationsTable.tableName, ...witness.tableEnvironment }, files: register });
    witness.allowRead(own);
    own.allow(['dynamodb:PutItem', 'dynamodb:UpdateItem'], [records.operationsTable.tableArn]).allow(['kms:Decrypt', 'kms:GenerateDataKey'], [settings.key.keyArn]);
    new Rule(this, 'Statuses', {
      eventBus: this.bus, eventPattern: { source: ['bedside.node'], detailType: TOLD }, targets: [new LambdaTarget(own.lambda, { retryAttempts: 10 })], description: 'Batch status, use of models and keys of the nodes',
    });
  }
  /** One statement for all. Which hospital it is, is held against the account and region that AWS writes into the event. */
  #openTo(nodes: readonly HospitalNode[]): void {
    const policy = new CfnEventBusPolicy(this, 'Nodes', {
      eventBusName: this.bus.eventBusName, statementId: 'Nodes',
      statement: {
        Sid: 'Nodes', Effect: 'Allow', Principal: { AWS: accountsOf(nodes).map((account) => `arn:aws:iam::${account}:root`) }, Action: 'events:PutEvents', Resource: this.bus.eventBusArn,
        Condition: { StringEquals: { 'events:source': 'bedside.node', 'events:detail-type': TOLD } },
      },
    });
    // cdk-nag (EVB1) asks for the deprecated property of a policy that has a statement, and the CDK warns at every synthesis; ours has none.
    Object.defineProperty(policy, 'principal', { value: undefined });
  }
}
