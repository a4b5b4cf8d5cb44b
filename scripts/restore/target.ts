import { formatVerifierKey, parseVerifierKey, type VerifierKey } from '../../shared/audit-log/verifier-key.ts';
import { readVerifierKey } from '../../functions/_platform/log-key.ts';
import { readEndpoints } from '../client/endpoints.ts';
import { UsageError } from '../run-script.ts';

export type Values = Readonly<{
  node?: string; from?: string; state: string; 'record-table'?: string; 'operations-table'?: string; 'personal-data-table'?: string; 'log-bucket'?: string; 'telemetry-bucket'?: string; key?: string;
}>;

/** Where the tables are, the log that goes on, the telemetry with its births, and the key the log is signed with. */
export type Target = Readonly<{ nodeId: string; recordTable: string; operationsTable: string; personalDataTable?: string; logBucket: string; telemetryBucket: string; key: VerifierKey }>;

/** The name a node's log signs by; see docs/architecture.md. */
const originOf = (nodeId: string): string => `bedside.network/${nodeId}`;

const parseKey = (text: string, nodeId: string): VerifierKey => {
  try {
    const key = parseVerifierKey(text);
    if (key.name === originOf(nodeId)) return key;
  } catch (cause) {
    throw new UsageError(`--key: ${cause instanceof Error ? cause.message : String(cause)}`, { cause });
  }
  throw new UsageError(`--key: got a key of another log, want one of ${originOf(nodeId)}`);
};

const localTarget = async (nodeId: string, { state, key }: Values): Promise<Target> => {
  const { nodes } = readEndpoints(state);
  const node = nodes[nodeId];
  if (node === undefined) throw new UsageError(`--node: got ${nodeId}, want one of ${Object.keys(nodes).join(', ')}`);
  Object.assign(process.env, node.environment);
  const {
    RecordTableName: recordTable = '', OperationsTableName: operationsTable = '', PersonalDataTableName: personalDataTable = '', LogBucketName: logBucket = '', TelemetryBucketName: telemetryBucket = '', LogSigningKeyArn: keyArn = '',
  } = node.outputs;
  return { nodeId, recordTable, operationsTable, personalDataTable, logBucket, telemetryBucket, key: key === undefined ? await readVerifierKey(keyArn, originOf(nodeId)) : parseKey(key, nodeId) };
};

const deployedTarget = (nodeId: string, values: Values): Target => {
  const { 'record-table': recordTable, 'operations-table': operationsTable, 'personal-data-table': personalDataTable, 'log-bucket': logBucket, 'telemetry-bucket': telemetryBucket, key } = values;
  if (recordTable === undefined || operationsTable === undefined || logBucket === undefined || telemetryBucket === undefined) {
    throw new UsageError('--record-table, --operations-table, --log-bucket, --telemetry-bucket: want all four for a deployed node; they are outputs of its stack');
  }
  if (key === undefined) throw new UsageError('--key: want the verifier key of the log, kept apart from the log itself');
  return { nodeId, recordTable, operationsTable, ...(personalDataTable === undefined ? {} : { personalDataTable }), logBucket, telemetryBucket, key: parseKey(key, nodeId) };
};

/** The node to restore: deployed when its tables are named, else that of the local cloud that runs. @throws UsageError */
export const targetOf = async (values: Values): Promise<Target> => {
  const { node } = values;
  if (node === undefined) throw new UsageError('--node: want the id of a hospital node, e.g. --node north');
  const isDeployed = [values['record-table'], values['operations-table'], values['log-bucket'], values['telemetry-bucket']].some((each) => each !== undefined);
  return isDeployed ? deployedTarget(node, values) : localTarget(node, values);
};

export const describeTarget = ({ recordTable, operationsTable, key }: Target): string => `  record table      ${recordTable}\n  operations table  ${operationsTable}\n  log key           ${formatVerifierKey(key)}\n`;
