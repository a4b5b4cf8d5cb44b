import { formatVerifierKey, parseVerifierKey, type VerifierKey } from '../../shared/audit-log/verifier-key.ts';
import { readVerifierKey } from '../../functions/_platform/log-key.ts';
import { readEndpoints } from '../client/endpoints.ts';
import { UsageError } from '../run-script.ts';

import { CONTROL_SITE } from '../../shared/audit-log/directory.ts';

export type Values = Readonly<{
  node?: string; 'control-site': boolean; from?: string; state: string; 'record-table'?: string; 'operations-table'?: string; 'personal-data-table'?: string; personal?: string; 'log-bucket'?: string; 'telemetry-bucket'?: string; key?: string;
}>;

/** Where the tables are, the log that goes on, at a hospital the telemetry with its births, and the key the log is signed with. */
export type Target = Readonly<{ siteId: string; recordTable: string; operationsTable: string; personalDataTable?: string; logBucket: string; telemetryBucket?: string; key: VerifierKey }>;

/** The name a site's log signs by; see docs/architecture.md. */
const originOf = (siteId: string): string => `bedside.network/${siteId}`;

const parseKey = (text: string, siteId: string): VerifierKey => {
  try {
    const key = parseVerifierKey(text);
    if (key.name === originOf(siteId)) return key;
  } catch (cause) {
    throw new UsageError(`--key: ${cause instanceof Error ? cause.message : String(cause)}`, { cause });
  }
  throw new UsageError(`--key: got a key of another log, want one of ${originOf(siteId)}`);
};

const localTarget = async (siteId: string, { state, key }: Values): Promise<Target> => {
  const { nodes, network } = readEndpoints(state);
  const site = siteId === CONTROL_SITE ? network : nodes[siteId];
  if (site === undefined) throw new UsageError(`--node: got ${siteId}, want one of ${Object.keys(nodes).join(', ')}`);
  Object.assign(process.env, site.environment);
  const {
    RecordTableName: recordTable = '', OperationsTableName: operationsTable = '', PersonalDataTableName: personalDataTable, LogBucketName: logBucket = '', TelemetryBucketName: telemetryBucket, LogSigningKeyArn: keyArn = '',
  } = site.outputs;
  return {
    siteId, recordTable, operationsTable, logBucket, key: key === undefined ? await readVerifierKey(keyArn, originOf(siteId)) : parseKey(key, siteId),
    ...(personalDataTable === undefined ? {} : { personalDataTable }), ...(telemetryBucket === undefined ? {} : { telemetryBucket }),
  };
};

const deployedTarget = (siteId: string, values: Values): Target => {
  const { 'record-table': recordTable, 'operations-table': operationsTable, 'personal-data-table': personalDataTable, 'log-bucket': logBucket, 'telemetry-bucket': telemetryBucket, key } = values;
  const isHospital = siteId !== CONTROL_SITE;
  if (recordTable === undefined || operationsTable === undefined || logBucket === undefined || (isHospital && telemetryBucket === undefined)) {
    throw new UsageError(`--record-table, --operations-table, --log-bucket${isHospital ? ', --telemetry-bucket: want all four for a deployed node' : ': want all three for a deployed control site'}; they are outputs of its stack`);
  }
  if (key === undefined) throw new UsageError('--key: want the verifier key of the log, kept apart from the log itself');
  return { siteId, recordTable, operationsTable, ...(personalDataTable === undefined ? {} : { personalDataTable }), logBucket, ...(telemetryBucket === undefined ? {} : { telemetryBucket }), key: parseKey(key, siteId) };
};

/** @throws UsageError */
const siteOf = ({ node, 'control-site': isControlSite, personal, 'telemetry-bucket': telemetryBucket }: Values): string => {
  if (isControlSite && node !== undefined) throw new UsageError('--node, --control-site: got both, want one');
  if (!isControlSite && node === undefined) throw new UsageError('--node: want the id of a hospital node, e.g. --node north, or --control-site');
  if (isControlSite && (personal !== undefined || telemetryBucket !== undefined)) throw new UsageError('--personal, --telemetry-bucket: the control site has neither personal data nor telemetry');
  if (node === CONTROL_SITE) throw new UsageError('--node: got the control site, want --control-site');
  return node ?? CONTROL_SITE;
};

/** The site to restore: deployed when its tables are named, else that of the local cloud that runs. @throws UsageError */
export const targetOf = async (values: Values): Promise<Target> => {
  const siteId = siteOf(values);
  const isDeployed = [values['record-table'], values['operations-table'], values['log-bucket'], values['telemetry-bucket']].some((each) => each !== undefined);
  return isDeployed ? deployedTarget(siteId, values) : localTarget(siteId, values);
};

export const describeTarget = ({ recordTable, operationsTable, key }: Target): string => `  record table      ${recordTable}\n  operations table  ${operationsTable}\n  log key           ${formatVerifierKey(key)}\n`;
