import { readFileSync } from 'node:fs';
import { dynamoDb } from '../../functions/_platform/dynamodb-client.ts';
import { createDynamoDbOperationsStore } from '../../functions/_platform/dynamodb-operations-store.ts';
import { nodePorts } from '../../functions/_platform/node-ports.ts';
import { createDynamoDbPersonalDataTable } from '../../functions/_platform/restore/dynamodb-personal-data-table.ts';
import { itemsOfBackup } from '../../functions/_platform/restore/personal-data-backup.ts';
import { restorePersonalData } from '../../functions/_platform/restore/personal-data.ts';
import { keyOf } from '../../shared/storage/keys.ts';
import { UsageError } from '../run-script.ts';
import type { Target } from './target.ts';

const PAGE = 200;

const batchIdsOf = async function* (operationsTable: string): AsyncGenerator<string> {
  const operations = createDynamoDbOperationsStore(dynamoDb, operationsTable);
  let cursor: string | undefined;
  do {
    const page = await operations.list<Readonly<{ sk: string }>>(keyOf.summary('batch', '-').pk, { limit: PAGE, ...(cursor === undefined ? {} : { cursor }) });
    yield* page.items.map(({ sk }) => sk);
    cursor = page.nextCursor;
  } while (cursor !== undefined);
};

const listed = (label: string, batchIds: readonly string[]): string => `${label.padEnd(34)}${batchIds.length}${batchIds.length === 0 ? '' : ` (${batchIds.join(', ')})`}\n`;

/** Bring personal data back, after the record. @returns what was done, in words */
export const restorePersonal = async (file: string, { siteId, recordTable, operationsTable, personalDataTable }: Target, isDryRun: boolean): Promise<string> => {
  if (personalDataTable === undefined) throw new UsageError('--personal-data-table: want the table; it is an output of the node\'s stack');
  const { records } = nodePorts({ RECORD_TABLE: recordTable, OPERATIONS_TABLE: operationsTable });
  const { whole, incomplete, erased } = await restorePersonalData({
    table: createDynamoDbPersonalDataTable(dynamoDb, personalDataTable), batchIds: () => batchIdsOf(operationsTable),
    batch: async (batchId) => (await records.batches.load(batchId)).state, chainOfIdentity: async (id) => (await records.chainsOfIdentity.load(id)).state,
  }, itemsOfBackup(readFileSync(file, 'utf8'), siteId), { isDryRun });
  return [`personal data${isDryRun ? ', nothing was written' : ''}\n`, `${'  batches whole'.padEnd(34)}${whole.length}\n`, listed('  batches with lost values', incomplete), listed('  batches erased, left erased', erased)].join('');
};
