import { CfnOutput, Duration } from 'aws-cdk-lib';
import { AccountPrincipal, Effect, PolicyStatement } from 'aws-cdk-lib/aws-iam';
import { RetentionDays } from 'aws-cdk-lib/aws-logs';
import type { Bucket } from 'aws-cdk-lib/aws-s3';
import type { Construct } from 'constructs';
import { NETWORK_ROUTES } from '../../shared/api/routes.ts';
import { CONTROL_SITE } from '../../shared/audit-log/directory.ts';
import { acknowledgeObjects } from '../acknowledgements.ts';
import { BedsideFunction } from '../constructs/bedside-function.ts';
import { HttpInterface } from '../constructs/http-interface.ts';
import { LogWitness } from '../constructs/log-witness.ts';
import { createPrivateBucket } from '../constructs/private-bucket.ts';
import { StatusIntake } from '../constructs/status-intake.ts';
import type { HospitalNode } from '../nodes/schema.ts';
import { SiteStack, type SiteStackProps } from './site-foundation.ts';

export interface NetworkStackProps extends SiteStackProps {
  readonly nodes: readonly HospitalNode[];
}

/** Who is in the network, by key; every node reads it. */
const DIRECTORY = 'network/directory.json';
const LOG_RETENTION = RetentionDays.TWO_YEARS;

/** The control site: library of master batch records, register of nodes, status of the network. It can read nothing of a node. */
export class NetworkStack extends SiteStack {
  constructor(scope: Construct, id: string, props: NetworkStackProps) {
    super(scope, id, { ...props, description: 'Bedside control site' }, 'the control site', LOG_RETENTION);
    const { key, accessLogs, settings, records, people } = this;
    const register = JSON.stringify(props.nodes.map(({ id: nodeId, name, account, region, country, witnessQuorum }) => ({ id: nodeId, name, account, region, country, witnessQuorum })));
    const library = createPrivateBucket(this, 'Library', { key, accessLogs });
    this.#openLibraryTo(props.nodes, library);
    const witness = new LogWitness(this, 'LogWitness', { settings, siteId: CONTROL_SITE });
    const functions = new Map([
      ['library-api', this.#libraryApi(library)], ['coordinator-api', this.#coordinatorApi(register, witness, library)], ['log-witness', witness.function],
      ['api-document', new BedsideFunction(this, 'ApiDocument', { settings, name: 'api-document', environment: {} })],
    ]);
    const api = new HttpInterface(this, 'Interface', { name: 'bedside-network', routes: NETWORK_ROUTES, functions, people, key, logRetention: LOG_RETENTION });
    const intake = new StatusIntake(this, 'StatusIntake', { settings, records, nodes: props.nodes, register, witness });
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
    library.addToResourcePolicy(new PolicyStatement({ sid: 'NodesRead', effect: Effect.ALLOW, principals, actions: ['s3:GetObject'], resources: [library.arnForObjects('library/*'), library.arnForObjects(DIRECTORY)] }));
    library.addToResourcePolicy(new PolicyStatement({ sid: 'NodesSeeThatNothingIsThere', effect: Effect.ALLOW, principals, actions: ['s3:ListBucket'], resources: [library.bucketArn] }));
    this.key.addToResourcePolicy(new PolicyStatement({ sid: 'NodesDecryptLibrary', effect: Effect.ALLOW, principals, actions: ['kms:Decrypt'], resources: ['*'], conditions: { StringLike: { 'kms:ViaService': 's3.*.amazonaws.com' } } }));
  }

  #libraryApi(library: Bucket): BedsideFunction {
    const { settings, records, people } = this;
    const own = new BedsideFunction(this, 'LibraryApi', { settings, name: 'library-api', timeout: Duration.seconds(25), environment: { ...records.environment, ...people.environment, LIBRARY_BUCKET: library.bucketName } });
    records.allowAppend(own).allowOperations(own);
    acknowledgeObjects(library, ['library/'], 'The library\'s objects are named after products; the bucket keeps every version.');
    return own.allow(['s3:PutObject'], [library.arnForObjects('library/*')]).allow(['kms:Decrypt', 'kms:GenerateDataKey'], [this.key.keyArn]);
  }

  /** Reads what is known of the nodes; keeps and publishes the directory of their keys. */
  #coordinatorApi(register: string, witness: LogWitness, library: Bucket): BedsideFunction {
    const { settings, records } = this;
    const own = new BedsideFunction(this, 'CoordinatorApi', { settings, name: 'coordinator-api', environment: { OPERATIONS_TABLE: records.operationsTable.tableName, NODES: register, ...witness.tableEnvironment, ...witness.keyEnvironment, LIBRARY_BUCKET: library.bucketName } });
    records.allowReadOperations(own);
    witness.allowRegister(own);
    return own.allow(['s3:GetObject', 's3:PutObject'], [library.arnForObjects(DIRECTORY)]).allow(['s3:ListBucket'], [library.bucketArn]);
  }
}
