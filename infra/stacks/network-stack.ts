import { CfnOutput, Duration } from 'aws-cdk-lib';
import { Rule, Schedule } from 'aws-cdk-lib/aws-events';
import { LambdaFunction as LambdaTarget } from 'aws-cdk-lib/aws-events-targets';
import { AnyPrincipal, Effect, PolicyStatement } from 'aws-cdk-lib/aws-iam';
import { RetentionDays } from 'aws-cdk-lib/aws-logs';
import type { Bucket } from 'aws-cdk-lib/aws-s3';
import type { Queue } from 'aws-cdk-lib/aws-sqs';
import type { Construct } from 'constructs';
import { NETWORK_ROUTES } from '../../shared/api/routes.ts';
import { CONTROL_SITE, logOriginOf } from '../../shared/audit-log/directory.ts';
import { acknowledgeObjects } from '../acknowledgements.ts';
import { Alarms } from '../constructs/alarms.ts';
import { BedsideFunction, type BesideBundle } from '../constructs/bedside-function.ts';
import { AuditLog } from '../constructs/audit-log.ts';
import { createFailureQueue } from '../constructs/failure-queue.ts';
import { CALLER_ACCOUNT, principalsOf } from '../constructs/hospital-accounts.ts';
import { HttpInterface } from '../constructs/http-interface.ts';
import { LogWitness } from '../constructs/log-witness.ts';
import { ModelRegistry } from '../constructs/model-registry.ts';
import { createPrivateBucket } from '../constructs/private-bucket.ts';
import { TrainingMailbox } from '../constructs/training-mailbox.ts';
import { TrainingWorkflow } from '../constructs/training-workflow.ts';
import { SecurityWatch } from '../constructs/security-watch.ts';
import { StatusIntake } from '../constructs/status-intake.ts';
import type { NetworkSettings } from '../network-settings.ts';
import type { HospitalNode } from '../nodes/schema.ts';
import { SiteStack, yearsOf, type SiteStackProps } from './site-foundation.ts';

export interface NetworkStackProps extends SiteStackProps {
  readonly nodes: readonly HospitalNode[];
  readonly network: NetworkSettings;
}

/** Who is in the network, by key; every node reads it. */
const DIRECTORY = 'network/directory.json';
/** What a hospital reads of the library: what is effective, the directory, its own grants. */
const NODES_READ: readonly string[] = ['library/*', DIRECTORY, `grants/${CALLER_ACCOUNT}/*`];
const LOG_RETENTION = RetentionDays.TWO_YEARS;
/** How long a revocation can stay unpublished when the request that made it was cut off. */
const REPUBLISH_GRANTS_EVERY = Duration.minutes(5);

/** The hospitals, for functions of the control site that must know them. */
const registerOf = (nodes: readonly HospitalNode[]): BesideBundle => ({ 'nodes.json': JSON.stringify(nodes.map(({ id, name, account, region, country, witnessQuorum }) => ({ id, name, account, region, country, witnessQuorum }))) });

/** The control site: library of master batch records, register of nodes, status of the network. It can read nothing of a node. */
export class NetworkStack extends SiteStack {
  constructor(scope: Construct, id: string, props: NetworkStackProps) {
    super(scope, id, { ...props, description: 'Bedside control site' }, 'the control site', LOG_RETENTION);
    const { key, accessLogs, settings, records, people } = this;
    const register = registerOf(props.nodes);
    // What the control site decided is needed as long as any hospital's record.
    const lockedFor = yearsOf(Math.max(1, ...props.nodes.map(({ recordLockYears }) => recordLockYears)));
    const scheduleFailures = this.#scheduleFailures();
    const library = createPrivateBucket(this, 'Library', { key, accessLogs });
    this.#openLibraryTo(props.nodes, library);
    const witness = new LogWitness(this, 'LogWitness', { settings, siteId: CONTROL_SITE });
    const auditLog = this.#auditLog(witness, lockedFor);
    const models = new ModelRegistry(this, 'ModelRegistry', { settings, records, people, witness, auditLog, accessLogs, nodes: props.nodes, scheduleFailures, lockedFor });
    const mailbox = new TrainingMailbox(this, 'TrainingMailbox', { key, accessLogs, nodes: props.nodes, keptForDays: props.network.mailboxDays });
    const training = new TrainingWorkflow(this, 'Training', { settings, records, people, witness, mailbox, models, register, scheduleFailures, driftEveryDays: props.network.driftEveryDays });
    this.alarms.on('TrainingWorkflowFailed', Alarms.metric('AWS/States', 'ExecutionsFailed', { StateMachineArn: training.stateMachineArn }), 1, 'training-workflow-failed');
    this.alarms.on('ModelsDrifted', Alarms.counted('ModelsDrifted', CONTROL_SITE, 'federated-watch-drift'), 1, 'models-drifted');
    const functions = new Map([
      ['library-api', this.#libraryApi(library, scheduleFailures)], ['model-registry-api', models.api], ['training-api', training.api], ['coordinator-api', this.#coordinatorApi(register, witness, auditLog, library)], ['log-witness', witness.function], ['network-log-api', this.#logApi(auditLog)],
      ['api-document', new BedsideFunction(this, 'ApiDocument', { settings, name: 'api-document', environment: {} })],
    ]);
    this.#grantPublish(register, library);
    const interfaceFunctions = [...functions].filter(([name]) => NETWORK_ROUTES.some((route) => route.authorised && route.function === name)).map(([, own]) => own);
    new SecurityWatch(this, 'SecurityWatch', { nodeId: CONTROL_SITE, settings, records, people, alarms: this.alarms, interfaceFunctions, failures: scheduleFailures });
    const api = new HttpInterface(this, 'Interface', { name: 'bedside-network', routes: NETWORK_ROUTES, functions, people, key, logRetention: LOG_RETENTION });
    const intake = new StatusIntake(this, 'StatusIntake', { settings, records, nodes: props.nodes, register, witness });
    const outputs = {
      ApiUrl: api.url, UserPoolId: people.userPool.userPoolId, UserPoolClientId: people.client.userPoolClientId, IssuerUrl: people.issuerUrl,
      RecordTableName: records.recordTable.tableName, OperationsTableName: records.operationsTable.tableName, LogBucketName: auditLog.bucket.bucketName, LogSigningKeyArn: auditLog.signingKey.keyArn,
      NetworkLibraryBucketName: library.bucketName, NetworkLibraryKeyArn: key.keyArn, NetworkModelsBucketName: models.bucket.bucketName, NetworkMailboxBucketName: mailbox.bucket.bucketName, TrainingStateMachineArn: training.stateMachineArn, AlarmTopicArn: this.alarms.topic.topicArn, NetworkEventBusArn: intake.bus.eventBusArn, NetworkApiUrl: api.url,
    };
    for (const [name, value] of Object.entries(outputs)) new CfnOutput(this, `Output${name}`, { value }).overrideLogicalId(name);
  }

  /** Nodes read what is effective, and each its own grants; they can not write. */
  #openLibraryTo(nodes: readonly HospitalNode[], library: Bucket): void {
    if (nodes.length === 0) return;
    const principals = principalsOf(nodes);
    library.addToResourcePolicy(new PolicyStatement({
      sid: 'NodesRead', effect: Effect.ALLOW, principals, actions: ['s3:GetObject', 's3:ListBucket'], resources: [library.bucketArn, ...NODES_READ.map((key) => library.arnForObjects(key))],
    }));
    // What is not there must be told from what may not be read; a list of anything else would show the accounts of other hospitals. Denied to all, so that the accounts stand in one statement (ADR 0020).
    library.addToResourcePolicy(new PolicyStatement({
      sid: 'NodesListWhatTheyRead', effect: Effect.DENY, principals: [new AnyPrincipal()], actions: ['s3:ListBucket'], resources: [library.bucketArn],
      conditions: { StringNotLike: { 's3:prefix': NODES_READ }, StringNotEquals: { 'aws:PrincipalAccount': this.account } },
    }));
    this.key.addToResourcePolicy(new PolicyStatement({ sid: 'NodesDecryptLibrary', effect: Effect.ALLOW, principals, actions: ['kms:Decrypt'], resources: ['*'], conditions: { StringLike: { 'kms:ViaService': 's3.*.amazonaws.com' } } }));
  }

  #libraryApi(library: Bucket, scheduleFailures: Queue): BedsideFunction {
    const { settings, records, people } = this;
    const own = new BedsideFunction(this, 'LibraryApi', { settings, name: 'library-api', timeout: Duration.seconds(25), environment: { ...records.environment, ...people.environment, LIBRARY_BUCKET: library.bucketName } });
    records.allowAppend(own).allowOperations(own);
    this.#keepPublished(library, scheduleFailures);
    acknowledgeObjects(library, ['library/', 'grants/'], 'Objects are named after products and hospitals; the bucket keeps every version.');
    return this.#mayPublish(own, library);
  }

  /** Where scheduled invocations of the control site go that failed for good. */
  #scheduleFailures(): Queue {
    const failures = createFailureQueue(this, 'ScheduleFailures', this.key);
    this.alarms.on('ScheduleFailures', failures.metricApproximateNumberOfMessagesVisible(), 1, 'schedule-failures');
    return failures;
  }

  /** Each minute, what nodes read is held against what is effective: a publication that was cut off is made good. */
  #keepPublished(library: Bucket, scheduleFailures: Queue): void {
    const { settings, records } = this;
    const own = new BedsideFunction(this, 'LibraryPublish', { settings, name: 'library-publish', environment: { ...records.environment, LIBRARY_BUCKET: library.bucketName } });
    records.allowReadRecord(own).allowReadOperations(own);
    this.#mayPublish(own, library);
    new Rule(this, 'PublishEachMinute', { schedule: Schedule.rate(Duration.minutes(1)), targets: [new LambdaTarget(own.lambda, { retryAttempts: 2, deadLetterQueue: scheduleFailures })], description: 'Publish what is effective' });
  }

  #mayPublish(own: BedsideFunction, library: Bucket): BedsideFunction {
    return own.allow(['s3:GetObject', 's3:PutObject'], [library.arnForObjects('library/*')]).allow(['s3:ListBucket'], [library.bucketArn]).allow(['kms:Decrypt', 'kms:GenerateDataKey'], [this.key.keyArn]);
  }

  /** Reads what is known of the nodes; keeps and publishes the directory of their keys, and the grants to inspectors. */
  #coordinatorApi(register: BesideBundle, witness: LogWitness, auditLog: AuditLog, library: Bucket): BedsideFunction {
    const { settings, records, people } = this;
    const own = new BedsideFunction(this, 'CoordinatorApi', {
      settings, name: 'coordinator-api', timeout: Duration.seconds(25), files: register,
      environment: { ...records.environment, ...people.environment, ...witness.tableEnvironment, ...witness.keyEnvironment, LOG_KEY_ARN: auditLog.signingKey.keyArn, LOG_ORIGIN: logOriginOf(CONTROL_SITE), LIBRARY_BUCKET: library.bucketName },
    });
    own.allow(['kms:GetPublicKey'], [auditLog.signingKey.keyArn]);
    records.allowAppend(own).allowOperations(own);
    witness.allowRegister(own);
    own.allow(['s3:GetObject', 's3:PutObject'], [library.arnForObjects(DIRECTORY)]);
    return this.#allowPublishGrants(own, library);
  }

  /** What the control site decides is in a log of its own, cosigned by the hospitals (ADR 0018). */
  #auditLog(witness: LogWitness, lockedFor: Duration): AuditLog {
    const { settings, records, accessLogs, key } = this;
    const failures = createFailureQueue(this, 'LogFailures', key);
    this.alarms.on('LogFailures', failures.metricApproximateNumberOfMessagesVisible(), 1, 'schedule-failures');
    const auditLog = new AuditLog(this, 'AuditLog', { nodeId: CONTROL_SITE, settings, records, accessLogs, scheduleFailures: failures, lockedFor, witness });
    auditLog.addAlarms(this.alarms);
    return auditLog;
  }

  #logApi(auditLog: AuditLog): BedsideFunction {
    const own = new BedsideFunction(this, 'LogApi', { settings: this.settings, name: 'network-log-api', environment: { ...this.records.environment, ...auditLog.environment } });
    auditLog.allowReadObjects(own);
    this.records.allowAppend(own).allowViews(own);
    return own.allow(['kms:Decrypt', 'kms:GenerateDataKey'], [this.key.keyArn]);
  }

  /** Publishes again what an interrupted grant or revocation left, and takes out what has ended. */
  #grantPublish(register: BesideBundle, library: Bucket): void {
    const { settings, records, key } = this;
    const own = new BedsideFunction(this, 'GrantPublish', { settings, name: 'grant-publish', timeout: Duration.minutes(1), environment: { OPERATIONS_TABLE: records.operationsTable.tableName, LIBRARY_BUCKET: library.bucketName }, files: register });
    records.allowReadOperations(own);
    this.#allowPublishGrants(own, library);
    const failures = createFailureQueue(this, 'GrantPublishFailures', key);
    new Rule(this, 'GrantsByTheClock', { schedule: Schedule.rate(REPUBLISH_GRANTS_EVERY), targets: [new LambdaTarget(own.lambda, { retryAttempts: 2, deadLetterQueue: failures })], description: 'Tell hospitals their grants' });
    this.alarms.on('GrantPublishFailures', failures.metricApproximateNumberOfMessagesVisible(), 1, 'grant-publish-failures');
  }

  #allowPublishGrants(own: BedsideFunction, library: Bucket): BedsideFunction {
    return own.allow(['s3:GetObject', 's3:PutObject'], [library.arnForObjects('grants/*')]).allow(['s3:ListBucket'], [library.bucketArn]).allow(['kms:Decrypt', 'kms:GenerateDataKey'], [this.key.keyArn]);
  }
}
