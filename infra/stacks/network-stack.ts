import { CfnOutput, Duration, RemovalPolicy } from 'aws-cdk-lib';
import { Rule, Schedule } from 'aws-cdk-lib/aws-events';
import { LambdaFunction as LambdaTarget } from 'aws-cdk-lib/aws-events-targets';
import { Queue, QueueEncryption } from 'aws-cdk-lib/aws-sqs';
import { Key, KeySpec, KeyUsage } from 'aws-cdk-lib/aws-kms';
import { AccountPrincipal, Effect, PolicyStatement } from 'aws-cdk-lib/aws-iam';
import { RetentionDays } from 'aws-cdk-lib/aws-logs';
import type { Bucket } from 'aws-cdk-lib/aws-s3';
import type { Construct } from 'constructs';
import { NETWORK_ROUTES } from '../../shared/api/routes.ts';
import { acknowledgeObjects } from '../acknowledgements.ts';
import { BedsideFunction } from '../constructs/bedside-function.ts';
import { HttpInterface } from '../constructs/http-interface.ts';
import { createPrivateBucket } from '../constructs/private-bucket.ts';
import { StatusIntake } from '../constructs/status-intake.ts';
import type { HospitalNode } from '../nodes/schema.ts';
import { SiteStack, type SiteStackProps } from './site-foundation.ts';

export interface NetworkStackProps extends SiteStackProps {
  readonly nodes: readonly HospitalNode[];
}

const LOG_RETENTION = RetentionDays.TWO_YEARS;

/** The control site: library of master batch records, register of nodes, status of the network. It can read nothing of a node. */
export class NetworkStack extends SiteStack {
  constructor(scope: Construct, id: string, props: NetworkStackProps) {
    super(scope, id, { ...props, description: 'Bedside control site' }, 'the control site', LOG_RETENTION);
    const { key, accessLogs, settings, records, people } = this;
    const register = JSON.stringify(props.nodes.map(({ id: nodeId, name, account, region, country }) => ({ id: nodeId, name, account, region, ...(country === undefined ? {} : { country }) })));
    const library = createPrivateBucket(this, 'Library', { key, accessLogs });
    this.#openLibraryTo(props.nodes, library);
    const functions = new Map([
      ['library-api', this.#libraryApi(library)], ['coordinator-api', this.#coordinatorApi(register)], ['log-witness', this.#witness()],
      ['api-document', new BedsideFunction(this, 'ApiDocument', { settings, name: 'api-document', environment: {} })],
    ]);
    const api = new HttpInterface(this, 'Interface', { name: 'bedside-network', routes: NETWORK_ROUTES, functions, people, key, logRetention: LOG_RETENTION });
    const intake = new StatusIntake(this, 'StatusIntake', { settings, records, nodes: props.nodes, register });
    const outputs = {
      ApiUrl: api.url, UserPoolId: people.userPool.userPoolId, UserPoolClientId: people.client.userPoolClientId, IssuerUrl: people.issuerUrl,
      NetworkLibraryBucketName: library.bucketName, NetworkLibraryKeyArn: key.keyArn, NetworkEventBusArn: intake.bus.eventBusArn, NetworkApiUrl: api.url,
    };
    for (const [name, value] of Object.entries(outputs)) new CfnOutput(this, `Output${name}`, { value }).overrideLogicalId(name);
  }

  /** Nodes read what is effective; they can not list or write. */
  #openLibraryTo(nodes: readonly HospitalNode[], library: Bucket): void {
    if (nodes.length === 0) return;
    const principals = nodes.map(({ account }) => new AccountPrincipal(account));
    library.addToResourcePolicy(new PolicyStatement({ sid: 'NodesRead', effect: Effect.ALLOW, principals, actions: ['s3:GetObject'], resources: [library.arnForObjects('library/*')] }));
    library.addToResourcePolicy(new PolicyStatement({ sid: 'NodesSeeThatNothingIsThere', effect: Effect.ALLOW, principals, actions: ['s3:ListBucket'], resources: [library.bucketArn] }));
    this.key.addToResourcePolicy(new PolicyStatement({ sid: 'NodesDecryptLibrary', effect: Effect.ALLOW, principals, actions: ['kms:Decrypt'], resources: ['*'], conditions: { StringLike: { 'kms:ViaService': 's3.*.amazonaws.com' } } }));
  }

  #libraryApi(library: Bucket): BedsideFunction {
    const { settings, records, people } = this;
    const own = new BedsideFunction(this, 'LibraryApi', { settings, name: 'library-api', timeout: Duration.seconds(25), environment: { ...records.environment, ...people.environment, LIBRARY_BUCKET: library.bucketName } });
    records.allowAppend(own).allowOperations(own);
    this.#keepPublished(library);
    acknowledgeObjects(library, ['library/'], 'The library\'s objects are named after products; the bucket keeps every version.');
    return this.#mayPublish(own, library);
  }

  /** Each minute, what nodes read is held against what is effective: a publication that was cut off is made good. */
  #keepPublished(library: Bucket): void {
    const { settings, records } = this;
    const own = new BedsideFunction(this, 'LibraryPublish', { settings, name: 'library-publish', environment: { ...records.environment, LIBRARY_BUCKET: library.bucketName } });
    records.allowReadRecord(own).allowReadOperations(own);
    this.#mayPublish(own, library);
    const failures = new Queue(this, 'ScheduleFailures', { encryption: QueueEncryption.KMS, encryptionMasterKey: this.key, enforceSSL: true, retentionPeriod: Duration.days(14) });
    new Rule(this, 'PublishEachMinute', { schedule: Schedule.rate(Duration.minutes(1)), targets: [new LambdaTarget(own.lambda, { retryAttempts: 2, deadLetterQueue: failures })], description: 'Publish what is effective' });
    this.alarms.on('ScheduleFailures', failures.metricApproximateNumberOfMessagesVisible(), 1, 'schedule-failures');
  }

  #mayPublish(own: BedsideFunction, library: Bucket): BedsideFunction {
    return own.allow(['s3:GetObject', 's3:PutObject'], [library.arnForObjects('library/*')]).allow(['s3:ListBucket'], [library.bucketArn]).allow(['kms:Decrypt', 'kms:GenerateDataKey'], [this.key.keyArn]);
  }

  /** Cosigns the checkpoints of the hospitals' logs with a key of its own. */
  #witness(): BedsideFunction {
    const { settings, records } = this;
    const witnessKey = new Key(this, 'WitnessKey', { keySpec: KeySpec.ECC_NIST_EDWARDS25519, keyUsage: KeyUsage.SIGN_VERIFY, description: 'Cosigns log checkpoints of the nodes', removalPolicy: RemovalPolicy.RETAIN });
    const own = new BedsideFunction(this, 'LogWitness', { settings, name: 'log-witness', environment: { OPERATIONS_TABLE: records.operationsTable.tableName, WITNESS_KEY_ARN: witnessKey.keyArn, WITNESS_NAME: 'bedside.network/witness/control' } });
    return own.allow(['dynamodb:GetItem', 'dynamodb:Query', 'dynamodb:PutItem'], [records.operationsTable.tableArn]).allow(['kms:Sign', 'kms:GetPublicKey'], [witnessKey.keyArn]).allow(['kms:Decrypt', 'kms:GenerateDataKey'], [this.key.keyArn]);
  }

  #coordinatorApi(register: string): BedsideFunction {
    const { settings, records } = this;
    const own = new BedsideFunction(this, 'CoordinatorApi', { settings, name: 'coordinator-api', environment: { OPERATIONS_TABLE: records.operationsTable.tableName, NODES: register } });
    records.allowReadOperations(own);
    return own.allow(['kms:Decrypt'], [this.key.keyArn]);
  }
}
