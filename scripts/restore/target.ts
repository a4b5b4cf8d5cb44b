import { S3Client } from '@aws-sdk/client-s3';
import { readVerifierKey } from '../../functions/_platform/log-key.ts';
import type { LogObjects } from '../../functions/_platform/restore/ports.ts';
import { s3 } from '../../functions/_platform/s3-client.ts';
import { CONTROL_SITE, logOriginOf } from '../../shared/audit-log/directory.ts';
import { formatVerifierKey, parseVerifierKey, type VerifierKey } from '../../shared/audit-log/verifier-key.ts';
import { readEndpoints, type Endpoints } from '../client/endpoints.ts';
import { UsageError } from '../run-script.ts';
import { siteOf, type Site } from './site.ts';

export type Values = Readonly<{
  node?: string; 'control-site': boolean; from?: string; state: string; 'record-table'?: string; 'operations-table'?: string; 'personal-data-table'?: string; personal?: string; 'log-bucket'?: string; 'telemetry-bucket'?: string; key?: string;
}>;

/** Where the tables are, the log that goes on, at a hospital the telemetry with its births, and the key the log is signed with. */
export type Target = Site & Readonly<{ recordTable: string; operationsTable: string; personalDataTable?: string; logBucket: string; telemetryBucket?: string; key: VerifierKey }>;

const parseKey = (text: string, siteId: string): VerifierKey => {
  try {
    const key = parseVerifierKey(text);
    if (key.name === logOriginOf(siteId)) return key;
  } catch (cause) {
    throw new UsageError(`--key: ${cause instanceof Error ? cause.message : String(cause)}`, { cause });
  }
  throw new UsageError(`--key: got a key of another log, want one of ${logOriginOf(siteId)}`);
};

const localTarget = async ({ siteId, isTakenFromLog }: Site, { nodes, network }: Endpoints, { key }: Values): Promise<Target> => {
  const site = siteId === CONTROL_SITE ? network : nodes[siteId];
  if (site === undefined) throw new UsageError(`--node: got ${siteId}, want one of ${Object.keys(nodes).join(', ')}`);
  Object.assign(process.env, site.environment);
  const {
    RecordTableName: recordTable = '', OperationsTableName: operationsTable = '', PersonalDataTableName: personalDataTable, LogBucketName: logBucket = '', TelemetryBucketName: telemetryBucket, LogSigningKeyArn: keyArn = '',
  } = site.outputs;
  return {
    siteId, isTakenFromLog, recordTable, operationsTable, logBucket, key: key === undefined ? await readVerifierKey(keyArn, logOriginOf(siteId)) : parseKey(key, siteId),
    ...(personalDataTable === undefined ? {} : { personalDataTable }), ...(telemetryBucket === undefined ? {} : { telemetryBucket }),
  };
};

const deployedTarget = ({ siteId, isTakenFromLog }: Site, values: Values): Target => {
  const { 'record-table': recordTable, 'operations-table': operationsTable, 'personal-data-table': personalDataTable, 'log-bucket': logBucket, 'telemetry-bucket': telemetryBucket, key } = values;
  const isHospital = siteId !== CONTROL_SITE;
  if (recordTable === undefined || operationsTable === undefined || logBucket === undefined || (isHospital && telemetryBucket === undefined)) {
    throw new UsageError(`--record-table, --operations-table, --log-bucket${isHospital ? ', --telemetry-bucket: want all four for a deployed node' : ': want all three for a deployed control site'}; they are outputs of its stack`);
  }
  if (key === undefined) throw new UsageError('--key: want the verifier key of the log, kept apart from the log itself');
  return { siteId, isTakenFromLog, recordTable, operationsTable, ...(personalDataTable === undefined ? {} : { personalDataTable }), logBucket, ...(telemetryBucket === undefined ? {} : { telemetryBucket }), key: parseKey(key, siteId) };
};

/** Who reads any bucket of the local cloud: whose log it is, is not known before it was looked at. */
const administratorOf = ({ sdk: { environment } }: Endpoints) => (): S3Client => new S3Client({
  endpoint: environment['AWS_ENDPOINT_URL'] ?? '', region: environment['AWS_REGION'] ?? '', forcePathStyle: true,
  credentials: { accessKeyId: environment['AWS_ACCESS_KEY_ID'] ?? '', secretAccessKey: environment['AWS_SECRET_ACCESS_KEY'] ?? '', sessionToken: environment['AWS_SESSION_TOKEN'] ?? '' },
});

const requireSuited = ({ siteId }: Site, { personal, 'telemetry-bucket': telemetryBucket }: Values): void => {
  if (siteId === CONTROL_SITE && (personal !== undefined || telemetryBucket !== undefined)) throw new UsageError('--personal, --telemetry-bucket: the control site has neither personal data nor telemetry');
};

/**
 * The site to restore: deployed when its tables are named, else that of the local cloud that runs.
 *
 * @param logAt the log to restore from, read by a client
 * @throws UsageError, and what `siteOf` throws
 */
export const targetOf = async (values: Values, from: string, logAt: (client: () => S3Client) => Pick<LogObjects, 'get'>): Promise<Target> => {
  const isDeployed = [values['record-table'], values['operations-table'], values['log-bucket'], values['telemetry-bucket']].some((each) => each !== undefined);
  const endpoints = isDeployed ? undefined : readEndpoints(values.state);
  const site = endpoints === undefined ? await siteOf(values, { from, objects: logAt(s3) }) : await siteOf(values, { from, objects: logAt(administratorOf(endpoints)) }, [CONTROL_SITE, ...Object.keys(endpoints.nodes)]);
  requireSuited(site, values);
  return endpoints === undefined ? deployedTarget(site, values) : localTarget(site, endpoints, values);
};

export const describeTarget = ({ recordTable, operationsTable, key }: Target): string => `  record table      ${recordTable}\n  operations table  ${operationsTable}\n  log key           ${formatVerifierKey(key)}\n`;
