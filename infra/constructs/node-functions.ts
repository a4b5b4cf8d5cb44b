import { Duration, Stack } from 'aws-cdk-lib';
import { Construct } from 'constructs';
import type { Bucket } from 'aws-cdk-lib/aws-s3';
import { placeOf } from '../../shared/storage/place.ts';
import { acknowledgeObjects, acknowledgePattern } from '../acknowledgements.ts';
import type { AuditLog } from './audit-log.ts';
import { BedsideFunction, type FunctionSettings } from './bedside-function.ts';
import type { People } from './people.ts';
import type { Records } from './records.ts';

export interface NodeFunctionsProps {
  readonly nodeId: string;
  readonly settings: FunctionSettings;
  readonly records: Records;
  readonly people: People;
  readonly telemetry: Bucket;
  readonly documents: Bucket;
  readonly auditLog: AuditLog;
  /** Where inspection packs larger than one answer wait to be fetched. */
  readonly packs: Bucket;
  /** The control site's library: another account's bucket. */
  readonly library: Readonly<{ bucketName: string; bucketArn: string; keyArn: string }>;
}

const objects = (bucket: Bucket, prefix = ''): string => bucket.arnForObjects(`${prefix}*`);

/** Telemetry that records name: as it is, and as it was before late messages changed it. */
const chunksOf = (telemetry: Bucket): readonly string[] => [objects(telemetry, 'sealed/'), objects(telemetry, 'superseded/')];

/** The HTTP functions of a node, each with the least it needs. */
export class NodeFunctions extends Construct {
  readonly byName: ReadonlyMap<string, BedsideFunction>;

  constructor(scope: Construct, id: string, props: NodeFunctionsProps) {
    super(scope, id);
    acknowledgeObjects(props.documents, [''], 'Certificates are named after batches; this function only reads.');
    acknowledgePattern(this, 'arn:aws:s3:::<NetworkLibraryBucketName>/library/*', 'The library\'s objects are named after products; this function only reads.');
    this.byName = new Map([
      ['batch-api', this.#batchApi(props)], ['register-api', this.#registerApi(props)], ['audit-api', this.#auditApi(props)],
      ['telemetry-api', this.#telemetryApi(props)], ['log-api', this.#logApi(props)], ['inspection-pack', this.#inspectionPack(props)],
      ['api-document', new BedsideFunction(this, 'ApiDocument', { settings: props.settings, name: 'api-document', environment: { NODE_ID: props.nodeId } })],
    ]);
  }

  #batchApi({ nodeId, settings, records, people, telemetry, library, auditLog }: NodeFunctionsProps): BedsideFunction {
    const own = new BedsideFunction(this, 'BatchApi', {
      settings, name: 'batch-api', timeout: Duration.seconds(25), memorySize: 1024,
      environment: { NODE_ID: nodeId, ...records.environment, ...people.environment, LIBRARY_BUCKET: library.bucketName, TELEMETRY_BUCKET: telemetry.bucketName, LOG_BUCKET: auditLog.bucket.bucketName },
    });
    records.allowAppend(own).allowOperations(own);
    return own
      .allow(['s3:GetObject'], [`${library.bucketArn}/library/*`, objects(telemetry), auditLog.bucket.arnForObjects('checkpoint')])
      .allow(['s3:ListBucket'], [telemetry.bucketArn, library.bucketArn, auditLog.bucket.bucketArn])
      .allow(['kms:Decrypt', 'kms:GenerateDataKey'], [settings.key.keyArn]).allow(['kms:Decrypt'], [library.keyArn]);
  }

  #registerApi({ settings, records, people }: NodeFunctionsProps): BedsideFunction {
    const own = new BedsideFunction(this, 'RegisterApi', { settings, name: 'register-api', environment: { ...records.environment, ...people.environment } });
    records.allowAppend(own).allowOperations(own);
    return own.allow(['kms:Decrypt', 'kms:GenerateDataKey'], [settings.key.keyArn]);
  }

  /** What every function that inspectors read through has: the record, its read log, what it refuses on record, and the grants that the control site gave for this hospital. */
  #reading(own: BedsideFunction, { nodeId, records, library }: NodeFunctionsProps): void {
    records.allowAppend(own).allowViews(own);
    own.allow(['s3:GetObject'], [`${library.bucketArn}/grants/${placeOf({ account: Stack.of(this).account, id: nodeId })}.json`]).allow(['s3:ListBucket'], [library.bucketArn]).allow(['kms:Decrypt'], [library.keyArn]);
  }

  #readingEnvironment({ nodeId, records, library }: NodeFunctionsProps): Readonly<Record<string, string>> {
    return { NODE_ID: nodeId, NODE_ACCOUNT: Stack.of(this).account, ...records.environment, LIBRARY_BUCKET: library.bucketName };
  }

  #auditApi(props: NodeFunctionsProps): BedsideFunction {
    const { settings, documents, telemetry } = props;
    const own = new BedsideFunction(this, 'AuditApi', { settings, name: 'audit-api', memorySize: 1024, environment: { ...this.#readingEnvironment(props), DOCUMENT_BUCKET: documents.bucketName, TELEMETRY_BUCKET: telemetry.bucketName } });
    this.#reading(own, props);
    return own.allow(['s3:GetObject'], [objects(documents), ...chunksOf(telemetry)]).allow(['s3:ListBucket'], [documents.bucketArn, telemetry.bucketArn]).allow(['kms:Decrypt', 'kms:GenerateDataKey'], [settings.key.keyArn]);
  }

  #logApi(props: NodeFunctionsProps): BedsideFunction {
    const { settings, auditLog } = props;
    const own = new BedsideFunction(this, 'LogApi', { settings, name: 'log-api', memorySize: 1024, environment: { ...this.#readingEnvironment(props), ...auditLog.environment } });
    this.#reading(own, props);
    auditLog.allowRead(own);
    return own.allow(['kms:Decrypt', 'kms:GenerateDataKey'], [settings.key.keyArn]);
  }

  #inspectionPack(props: NodeFunctionsProps): BedsideFunction {
    const { settings, auditLog, packs, telemetry } = props;
    const render = new BedsideFunction(this, 'RenderBatchRecord', { settings, name: 'render-batch-record', environment: {}, memorySize: 1769, timeout: Duration.seconds(25) });
    const own = new BedsideFunction(this, 'InspectionPack', {
      settings, name: 'inspection-pack', timeout: Duration.seconds(29), memorySize: 1769,
      environment: { ...this.#readingEnvironment(props), ...auditLog.environment, RENDER_FUNCTION: render.lambda.functionArn, PACK_BUCKET: packs.bucketName, TELEMETRY_BUCKET: telemetry.bucketName },
    });
    acknowledgeObjects(packs, [''], 'Packs are named after batches; the function writes and links to them, and they go after a day.');
    own.allow(['s3:PutObject', 's3:GetObject'], [objects(packs)]);
    this.#reading(own, props);
    auditLog.allowRead(own);
    own.allow(['s3:GetObject'], chunksOf(telemetry)).allow(['s3:ListBucket'], [telemetry.bucketArn]);
    return own.allow(['lambda:InvokeFunction'], [render.lambda.functionArn]).allow(['kms:Decrypt', 'kms:GenerateDataKey'], [settings.key.keyArn]);
  }

  #telemetryApi(props: NodeFunctionsProps): BedsideFunction {
    const { settings, telemetry } = props;
    const own = new BedsideFunction(this, 'TelemetryApi', { settings, name: 'telemetry-api', timeout: Duration.seconds(25), memorySize: 1024, environment: { ...this.#readingEnvironment(props), TELEMETRY_BUCKET: telemetry.bucketName } });
    this.#reading(own, props);
    return own.allow(['s3:GetObject'], [objects(telemetry)]).allow(['s3:ListBucket'], [telemetry.bucketArn]).allow(['kms:Decrypt', 'kms:GenerateDataKey'], [settings.key.keyArn]);
  }
}
