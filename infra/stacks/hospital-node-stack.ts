import { CfnOutput, CfnParameter, Duration } from 'aws-cdk-lib';
import { RetentionDays } from 'aws-cdk-lib/aws-logs';
import { Queue, QueueEncryption } from 'aws-cdk-lib/aws-sqs';
import type { Construct } from 'constructs';
import { NODE_ROUTES } from '../../shared/api/routes.ts';
import { Alarms } from '../constructs/alarms.ts';
import { AuditLog } from '../constructs/audit-log.ts';
import { EarlyPrediction } from '../constructs/early-prediction.ts';
import { HttpInterface } from '../constructs/http-interface.ts';
import { NodeFunctions } from '../constructs/node-functions.ts';
import { createPrivateBucket } from '../constructs/private-bucket.ts';
import { ReleaseCapability } from '../constructs/release-capability.ts';
import { TelemetryFunctions } from '../constructs/telemetry-functions.ts';
import { TelemetryIngestion } from '../constructs/telemetry-ingestion.ts';
import type { HospitalNode } from '../nodes/schema.ts';
import { SiteStack, type SiteStackProps } from './site-foundation.ts';

export interface HospitalNodeStackProps extends SiteStackProps {
  readonly hospital: HospitalNode;
  readonly modelFile: string;
  readonly modelArchive: string;
}

const RETENTION = { 90: RetentionDays.THREE_MONTHS, 180: RetentionDays.SIX_MONTHS, 365: RetentionDays.ONE_YEAR, 731: RetentionDays.TWO_YEARS, 1827: RetentionDays.FIVE_YEARS, 3653: RetentionDays.TEN_YEARS } as const;
/** The control site; other hospitals may follow. */
const WITNESS_QUORUM = 1;
const DOCUMENTS_LOCKED_FOR = Duration.days(365);

/** One hospital: everything it needs, and nothing it shares with another. The network's outputs come in as plain parameters. */
export class HospitalNodeStack extends SiteStack {
  constructor(scope: Construct, id: string, props: HospitalNodeStackProps) {
    const { hospital } = props;
    super(scope, id, { ...props, description: `Bedside hospital node ${hospital.id}: ${hospital.name}` }, `node ${hospital.id}`, RETENTION[hospital.logRetentionDays]);
    const libraryBucketName = this.#parameter('NetworkLibraryBucketName', 'Bucket of effective master batch records; output of the network stack');
    const libraryKeyArn = this.#parameter('NetworkLibraryKeyArn', 'Key of that bucket; output of the network stack');
    const networkEventBusArn = this.#parameter('NetworkEventBusArn', 'Bus for batch status; output of the network stack');
    const networkApiUrl = this.#parameter('NetworkApiUrl', 'Interface of the control site, which cosigns the log; output of the network stack');
    const { key, accessLogs, settings, records, people } = this;

    const telemetry = createPrivateBucket(this, 'Telemetry', { key, accessLogs, lifecycleRules: [{ id: 'old-segments', prefix: 'open/', noncurrentVersionExpiration: Duration.days(1), expiredObjectDeleteMarker: true }] });
    const documents = createPrivateBucket(this, 'Documents', { key, accessLogs, lockedFor: DOCUMENTS_LOCKED_FOR });
    const scheduleFailures = new Queue(this, 'ScheduleFailures', { encryption: QueueEncryption.KMS, encryptionMasterKey: key, enforceSSL: true, retentionPeriod: Duration.days(14) });
    const ingestion = new TelemetryIngestion(this, 'Ingestion', { nodeId: hospital.id, key });
    const telemetryFunctions = new TelemetryFunctions(this, 'TelemetryFunctions', { nodeId: hospital.id, settings, records, telemetry, ingestion, scheduleFailures });
    const auditLog = new AuditLog(this, 'AuditLog', { nodeId: hospital.id, settings, records, accessLogs, scheduleFailures, lockedFor: DOCUMENTS_LOCKED_FOR, network: { apiUrl: networkApiUrl, eventBusArn: networkEventBusArn }, witnessQuorum: WITNESS_QUORUM });
    const functions = new NodeFunctions(this, 'Functions', {
      nodeId: hospital.id, settings, records, people, telemetry, documents, auditLog,
      library: { bucketName: libraryBucketName, bucketArn: `arn:aws:s3:::${libraryBucketName}`, keyArn: libraryKeyArn },
    });
    const release = new ReleaseCapability(this, 'Release', { settings, records, documents, networkEventBusArn, scheduleFailures, seal: telemetryFunctions.seal, sequencer: auditLog.sequencer });
    new EarlyPrediction(this, 'EarlyPrediction', { settings, records, telemetry, modelFile: props.modelFile, modelArchive: props.modelArchive, scheduleFailures });
    const api = new HttpInterface(this, 'Interface', { name: `bedside-${hospital.id}`, routes: NODE_ROUTES, functions: functions.byName, people, key, logRetention: settings.logRetention });

    this.alarms.on('ScheduleFailures', scheduleFailures.metricApproximateNumberOfMessagesVisible(), 1, 'schedule-failures');
    this.#addAlarms(hospital.id, ingestion, release, telemetryFunctions);
    this.#outputs({
      ApiUrl: api.url, UserPoolId: people.userPool.userPoolId, UserPoolClientId: people.client.userPoolClientId, IssuerUrl: people.issuerUrl,
      RecordTableName: records.recordTable.tableName, OperationsTableName: records.operationsTable.tableName, TelemetryBucketName: telemetry.bucketName, DocumentBucketName: documents.bucketName,
      TelemetryQueueUrl: ingestion.queue.queueUrl, TelemetryDeadLetterQueueUrl: ingestion.deadLetters.queueUrl, IotPolicyName: ingestion.policy.ref, IotThingTypeName: ingestion.thingType.ref,
      LogBucketName: auditLog.bucket.bucketName, LogSigningKeyArn: auditLog.signingKey.keyArn,
      ReleaseStateMachineArn: release.workflow.stateMachineArn,
    });
  }

  #parameter(id: string, description: string): string {
    return new CfnParameter(this, id, { description, type: 'String' }).valueAsString;
  }

  #addAlarms(nodeId: string, ingestion: TelemetryIngestion, release: ReleaseCapability, { ingest }: TelemetryFunctions): void {
    this.alarms.on('TelemetryDeadLetters', ingestion.deadLetters.metricApproximateNumberOfMessagesVisible(), 1, 'telemetry-dead-letters');
    this.alarms.on('TelemetryQueueAge', ingestion.queue.metricApproximateAgeOfOldestMessage(), 300, 'telemetry-queue-age');
    this.alarms.on('StreamFailures', release.streamFailures.metricApproximateNumberOfMessagesVisible(), 1, 'stream-failures');
    this.alarms.on('QuarantinedMessages', Alarms.counted('QuarantinedMessages', nodeId), 1, 'quarantined-messages');
    this.alarms.on('IngestThrottled', ingest.lambda.metricThrottles({ period: Duration.minutes(5) }), 1, 'ingest-throttled');
    this.alarms.on('CheckpointsWaiting', Alarms.counted('CheckpointsWaiting', nodeId), 5, 'checkpoints-waiting');
    this.alarms.on('ReleaseWorkflowFailed', this.#workflowFailures(release.workflow.stateMachineArn), 1, 'release-workflow-failed');
  }

  #workflowFailures(stateMachineArn: string) {
    return Alarms.metric('AWS/States', 'ExecutionsFailed', { StateMachineArn: stateMachineArn });
  }

  #outputs(values: Readonly<Record<string, string>>): void {
    for (const [name, value] of Object.entries(values)) new CfnOutput(this, `Output${name}`, { value }).overrideLogicalId(name);
  }
}
