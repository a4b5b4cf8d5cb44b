import { parseArgs } from 'node:util';
import { dynamoDb } from '../functions/_platform/dynamodb-client.ts';
import { createDynamoDbOperationsStore } from '../functions/_platform/dynamodb-operations-store.ts';
import { createDynamoDbRecordStore } from '../functions/_platform/dynamodb-record-store.ts';
import { createDynamoDbRecordTable } from '../functions/_platform/restore/dynamodb-record-table.ts';
import { reindex, type Reindexed } from '../functions/_platform/restore/reindex.ts';
import { readEndpoints } from './client/endpoints.ts';
import { runScript, UsageError } from './run-script.ts';

const HELP = `Make the search index of a hospital node again from its record.

  npm run reindex -- --node <id> [options]

  --node              hospital node, e.g. north
  --dry-run           count what is missing, write nothing
  --state             state folder of the local cloud; .bedside by default
  --help              this text

Deployed node, with the caller's own AWS environment (outputs of the node's stack):
  --record-table, --operations-table

Events older than the index, or than a new kind of entry in it, become findable in /v1/audit/search. The node may go on working. Records that do not verify are named
and left out, and the exit code is 1.
`;

type Tables = Readonly<{ recordTable: string; operationsTable: string }>;
type Values = Readonly<{ node?: string; state: string; 'record-table'?: string; 'operations-table'?: string }>;

const tablesOf = ({ node, state, 'record-table': recordTable, 'operations-table': operationsTable }: Values): Tables => {
  if (recordTable !== undefined && operationsTable !== undefined) return { recordTable, operationsTable };
  if (recordTable !== undefined || operationsTable !== undefined) throw new UsageError('--record-table, --operations-table: want both for a deployed node; they are outputs of its stack');
  if (node === undefined) throw new UsageError('--node: want the id of a hospital node, e.g. --node north');
  const { nodes } = readEndpoints(state);
  const held = nodes[node];
  if (held === undefined) throw new UsageError(`--node: got ${node}, want one of ${Object.keys(nodes).join(', ')}`);
  Object.assign(process.env, held.environment);
  return { recordTable: held.outputs['RecordTableName'] ?? '', operationsTable: held.outputs['OperationsTableName'] ?? '' };
};

const summaryOf = ({ streams, entries, missing, damaged }: Reindexed, isDryRun: boolean): string => [
  `records    ${streams}`, `entries    ${entries}`, `missing    ${missing}${isDryRun ? ', nothing was written' : ', now there'}`, ...damaged.map(({ kind, id }) => `DAMAGED    ${kind} ${id} does not verify: docs/runbook.md, "record does not verify"`), '',
].join('\n');

await runScript(HELP, async () => {
  const text = { type: 'string' } as const;
  const { values } = parseArgs({ options: { node: text, state: { type: 'string', default: '.bedside' }, 'record-table': text, 'operations-table': text, 'dry-run': { type: 'boolean', default: false }, help: { type: 'boolean' } } });
  const { recordTable, operationsTable } = tablesOf(values);
  const isDryRun = values['dry-run'];
  const found = await reindex({
    table: createDynamoDbRecordTable(dynamoDb, recordTable), record: createDynamoDbRecordStore(dynamoDb, { recordTable, operationsTable }, () => new Date()),
    operations: createDynamoDbOperationsStore(dynamoDb, operationsTable), progress: () => undefined,
  }, { isDryRun });
  process.stdout.write(summaryOf(found, isDryRun));
  if (found.damaged.length > 0) process.exitCode = 1;
});
