import { CfnOutput, CfnParameter, Duration } from 'aws-cdk-lib';
import { RetentionDays } from 'aws-cdk-lib/aws-logs';
import type { Construct } from 'constructs';
import { NODE_ROUTES } from '../../shared/api/routes.ts';
import { Alarms } from '../constructs/alarms.ts';
import { AuditLog } from '../constructs/audit-log.ts';
import { BatchMonitoring } from '../constructs/batch-monitoring.ts';
import { DirectoryIntake } from '../constructs/directory-intake.ts';
import { EarlyPrediction } from '../constructs/early-prediction.ts';
import { createFailureQueue } from '../constructs/failure-queue.ts';
import { HttpInterface } from '../constructs/http-interface.ts';
import { LogWitness } from '../constructs/log-witness.ts';
import { NodeFunctions } from '../constructs/node-functions.ts';
import { createPrivateBucket } from '../constructs/private-bucket.ts';
import { NodeModels } from '../constructs/node-models.ts';
import { PredictionGovernance } from '../constructs/prediction-governance.ts';
import { PersonalData } from '../constructs/personal-data.ts';
import { ReleaseCapability } from '../constructs/release-capability.ts';
import { SecurityWatch } from '../constructs/security-watch.ts';
import { TelemetryFunctions } from '../constructs/telemetry-functions.ts';
import { TrainingParticipation } from '../constructs/training-participation.ts';
import { TelemetryIngestion } from '../constructs/telemetry-ingestion.ts';
import type { HospitalNode } from '../nodes/schema.ts';
import { SiteStack, yearsOf, type SiteStackProps } from './site-foundation.ts';

export interface HospitalNodeStackProps extends SiteStackProps {
  readonly hospital: HospitalNode;
  readonly modelFile: string;
}

const RETENTION = { 90: RetentionDays.THREE_MONTHS, 180: RetentionDays.SIX_MONTHS, 365: RetentionDays.ONE_YEAR, 731: RetentionDays.TWO_YEARS, 1827: RetentionDays.FIVE_YEARS, 3653: RetentionDays.TEN_YEARS } as const;
/** Ask for nobody's token, and have nobody to refuse. */
const OPEN_FUNCTIONS: readonly string[] = ['api-document', 'log-witness'];

/** One hospital: everything it needs, and nothing it shares with another. The network's outputs come in as plain parameters. */
export class HospitalNodeStack extends SiteStack {
  constructor(scope: Construct, id: string, props: HospitalNodeStackProps) {
    const { hospital } = props;
    const lockedFor = yearsOf(hospital.recordLockYears);
    super(scope, id, { ...props, description: `Bedside hospital node ${hospital.id}: ${hospital.name}` }, `node ${hospital.id}`, RETENTION[hospital.logRetentionDays]);
    const libraryBucketName = this.#parameter('NetworkLibraryBucketName', 'Bucket of effective master batch records; output of the network stack');
    const libraryKeyArn = this.#parameter('NetworkLibraryKeyArn', 'Key of that bucket; output of the network stack');
    const networkModelsBucketName = this.#parameter('NetworkModelsBucketName', 'Bucket of models that were ever put to use; output of the network stack');
    const networkMailboxBucketName = this.#parameter('NetworkMailboxBucketName', 'Bucket of messages of trainings over the network; output of the network stack');
    const networkEventBusArn = this.#parameter('NetworkEventBusArn', 'Bus for batch status; output of the network stack');
    const networkApiUrl = this.#parameter('NetworkApiUrl', 'Interface of the control site, which cosigns the log; output of the network stack');
    const { key, accessLogs, settings, records, people } = this;

    const telemetry = createPrivateBucket(this, 'Telemetry', { key, accessLogs, lifecycleRules: [{ id: 'old-segments', prefix: 'open/', noncurrentVersionExpiration: Duration.days(1), expiredObjectDeleteMarker: true }] });
    const documents = createPrivateBucket(this, 'Documents', { key, accessLogs, lockedFor });
    const packs = createPrivateBucket(this, 'InspectionPacks', { key, accessLogs, lifecycleRules: [{ id: 'copies-for-inspectors', expiration: Duration.days(1), noncurrentVersionExpiration: Duration.days(1) }] });
    const scheduleFailures = createFailureQueue(this, 'ScheduleFailures', key);
    const ingestion = new TelemetryIngestion(this, 'Ingestion', { nodeId: hospital.id, key });
    const telemetryFunctions = new TelemetryFunctions(this, 'TelemetryFunctions', { nodeId: hospital.id, deviceClockMinutes: hospital.deviceClockMinutes, settings, records, telemetry, ingestion, scheduleFailures });
    const witness = new LogWitness(this, 'LogWitness', { settings, siteId: hospital.id });
    const auditLog = new AuditLog(this, 'AuditLog', { nodeId: hospital.id, settings, records, accessLogs, scheduleFailures, lockedFor, witness, networkApiUrl, witnessQuorum: hospital.witnessQuorum });
    const library = { bucketName: libraryBucketName, bucketArn: `arn:aws:s3:::${libraryBucketName}`, keyArn: libraryKeyArn };
    const models = new NodeModels(this, 'Models', { nodeId: hospital.id, exampleModel: hospital.exampleModel, settings, records, witness, accessLogs, scheduleFailures, modelFile: props.modelFile, network: { bucketName: networkModelsBucketName, bucketArn: `arn:aws:s3:::${networkModelsBucketName}`, keyArn: libraryKeyArn } });
    const functions = new NodeFunctions(this, 'Functions', { nodeId: hospital.id, settings, records, people, telemetry, documents, auditLog, packs, library });
    const personalData = new PersonalData(this, 'PersonalData', { settings, records, people });
    const monitoring = new BatchMonitoring(this, 'BatchMonitoring', { nodeId: hospital.id, settings, records, telemetry, models, scheduleFailures });
    const release = new ReleaseCapability(this, 'Release', { nodeId: hospital.id, settings, records, documents, networkEventBusArn, scheduleFailures, seal: telemetryFunctions.seal, monitor: monitoring.function, sequencer: auditLog.sequencer });
    new EarlyPrediction(this, 'EarlyPrediction', { settings, records, telemetry, models, scheduleFailures });
    const ofNetwork = (bucketName: string) => ({ bucketName, bucketArn: `arn:aws:s3:::${bucketName}`, keyArn: libraryKeyArn });
    const training = new TrainingParticipation(this, 'Training', { nodeId: hospital.id, settings, accessLogs, records, people, auditLog, witness, leastCohort: hospital.leastCohort, thinkingMinutes: hospital.thinkingMinutes, trainingConsent: hospital.trainingConsent, mailbox: ofNetwork(networkMailboxBucketName), models: ofNetwork(networkModelsBucketName), scheduleFailures });
    const governance = new PredictionGovernance(this, 'PredictionGovernance', { nodeId: hospital.id, settings, records, people, models, telemetry, scheduleFailures });
    const byName = new Map([...functions.byName, ['training-data-api', training.api], ['model-evaluation-api', training.evaluation], ['governance-api', governance.api], ['personal-data-api', personalData.api], ['log-witness', witness.function]]);
    const api = new HttpInterface(this, 'Interface', { name: `bedside-${hospital.id}`, routes: NODE_ROUTES, functions: byName, people, key, logRetention: settings.logRetention });
    const directoryIntake = new DirectoryIntake(this, 'DirectoryIntake', { nodeId: hospital.id, settings, auditLog, witness, library, networkEventBusArn, apiUrl: api.url, scheduleFailures });

    const interfaceFunctions = [...byName].filter(([name]) => !OPEN_FUNCTIONS.includes(name)).map(([, own]) => own);
    new SecurityWatch(this, 'SecurityWatch', { nodeId: hospital.id, settings, records, people, alarms: this.alarms, interfaceFunctions, failures: scheduleFailures });

    this.alarms.on('ScheduleFailures', scheduleFailures.metricApproximateNumberOfMessagesVisible(), 1, 'schedule-failures');
    auditLog.addAlarms(this.alarms);
    this.#addAlarms(hospital.id, ingestion, release, telemetryFunctions);
    this.#outputs({
      ApiUrl: api.url, UserPoolId: people.userPool.userPoolId, UserPoolClientId: people.client.userPoolClientId, IssuerUrl: people.issuerUrl,
      RecordTableName: records.recordTable.tableName, OperationsTableName: records.operationsTable.tableName, PersonalDataTableName: personalData.table.tableName, TelemetryBucketName: telemetry.bucketName, DocumentBucketName: documents.bucketName, ModelBucketName: models.bucket.bucketName, TrainingBucketName: training.bucket.bucketName,
      TelemetryQueueUrl: ingestion.queue.queueUrl, TelemetryDeadLetterQueueUrl: ingestion.deadLetters.queueUrl, IotPolicyName: ingestion.policy.ref, IotThingTypeName: ingestion.thingType.ref,
      LogBucketName: auditLog.bucket.bucketName, LogSigningKeyArn: auditLog.signingKey.keyArn, WitnessTableName: witness.tableName, DirectoryIntakeFunctionName: directoryIntake.function.lambda.functionName,
      ReleaseStateMachineArn: release.workflow.stateMachineArn, AlarmTopicArn: this.alarms.topic.topicArn,
    });
  }

  #parameter(id: string, description: string): string {
    return new CfnParameter(this, id, { description, type: 'String' }).valueAsString;
  }

  #addAlarms(nodeId: string, ingestion: TelemetryIngestion, release: ReleaseCapability, { ingest }: TelemetryFunctions): void {
    this.alarms.on('TelemetryDeadLetters', ingestion.deadLetters.metricApproximateNumberOfMessagesVisible(), 1, 'telemetry-dead-letters');
    this.alarms.on('TelemetryQueueAge', ingestion.queue.metricApproximateAgeOfOldestMessage(), 300, 'telemetry-queue-age');
    this.alarms.on('StreamFailures', release.streamFailures.metricApproximateNumberOfMessagesVisible(), 1, 'stream-failures');
    this.alarms.on('QuarantinedMessages', Alarms.counted('QuarantinedMessages', nodeId, 'telemetry-ingest'), 1, 'quarantined-messages');
    this.alarms.on('AlarmsLeftToSealing', Alarms.counted('AlarmsLeftToSealing', nodeId, 'telemetry-ingest'), 1, 'alarms-left-to-sealing');
    this.alarms.on('CriticalParametersSilent', Alarms.counted('CriticalParametersSilent', nodeId, 'batch-monitoring'), 1, 'critical-parameters-silent');
    this.alarms.on('IngestThrottled', ingest.lambda.metricThrottles({ period: Duration.minutes(5) }), 1, 'ingest-throttled');
    this.alarms.on('ReleasedBatchDeviations', Alarms.counted('ReleasedBatchDeviations', nodeId, 'release-progress'), 1, 'released-batch-deviations');
    this.alarms.on('ReleaseWorkflowFailed', this.#workflowFailures(release.workflow.stateMachineArn), 1, 'release-workflow-failed');
    this.alarms.on('TrainingsRefused', Alarms.counted('TrainingsRefused', nodeId, 'federated-participate'), 1, 'trainings-refused');
    this.alarms.on('ModelsRefused', Alarms.counted('ModelsRefused', nodeId, 'model-intake'), 1, 'models-refused');
    this.alarms.on('OwnDriftFound', Alarms.counted('OwnDriftFound', nodeId, 'judge-own-drift'), 1, 'own-drift-found');
    this.alarms.on('DirectoryKeysRefused', Alarms.counted('DirectoryKeysRefused', nodeId, 'directory-intake'), 1, 'directory-keys-refused');
    this.#addBrokerAlarms();
  }

  /** What the broker turns away never reaches a topic rule: it counts it itself (AWS IoT Core Developer Guide, "Message broker metrics"). */
  #addBrokerAlarms(): void {
    const refused = (name: string) => Alarms.metric('AWS/IoT', name, { Protocol: 'MQTT' });
    this.alarms.on('MessagesRefusedByBroker', refused('PublishIn.ClientError'), 1, 'messages-refused-by-the-broker');
    this.alarms.on('TopicsRefusedByBroker', refused('PublishIn.AuthError'), 1, 'devices-refused-by-the-broker');
    this.alarms.on('DevicesRefusedByBroker', refused('Connect.AuthError'), 1, 'devices-refused-by-the-broker');
  }

  #workflowFailures(stateMachineArn: string) {
    return Alarms.metric('AWS/States', 'ExecutionsFailed', { StateMachineArn: stateMachineArn });
  }

  #outputs(values: Readonly<Record<string, string>>): void {
    for (const [name, value] of Object.entries(values)) new CfnOutput(this, `Output${name}`, { value }).overrideLogicalId(name);
  }
}
