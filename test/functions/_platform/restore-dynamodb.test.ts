import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { archivedBirths } from '../../../functions/_platform/births.ts';
import { createLeafReader } from '../../../functions/_platform/dynamodb-leaves.ts';
import { createDynamoDbManyItems } from '../../../functions/_platform/dynamodb-many-items.ts';
import { createDynamoDbOperationsStore } from '../../../functions/_platform/dynamodb-operations-store.ts';
import { createDynamoDbRecordStore } from '../../../functions/_platform/dynamodb-record-store.ts';
import { createLogPlaces } from '../../../functions/_platform/log-places.ts';
import { createLogStore } from '../../../functions/_platform/log-store.ts';
import type { RecordItem } from '../../../functions/_platform/record-items.ts';
import { createDynamoDbRecordTable } from '../../../functions/_platform/restore/dynamodb-record-table.ts';
import { restore } from '../../../functions/_platform/restore/restore.ts';
import { viewsOf } from '../../../functions/_platform/restore/views.ts';
import { createFolderObjects } from '../../../scripts/restore/folder-objects.ts';
import { enginePath, startEngine, type Engine } from '../../support/dynamodb/engine.ts';
import { codeOfAsync } from '../../support/error-code.ts';
import { equip } from '../../support/journey.ts';
import { createMemoryObjectStore } from '../../support/memory/object-store.ts';
import { placeOf } from '../../support/memory/operations-store.ts';
import { createNode, type TestNode } from '../../support/node.ts';
import { sequenced } from '../../support/sequence.ts';

let engine: Engine;
let folder: string;
let old: TestNode;
beforeAll(async () => {
  if (enginePath !== undefined) engine = await startEngine();
  old = createNode();
  await equip(old);
  await sequenced(old);
  folder = mkdtempSync(join(tmpdir(), 'restore-'));
  for (const [path, bytes] of old.log.objects.objects) {
    mkdirSync(dirname(join(folder, path)), { recursive: true });
    writeFileSync(join(folder, path), bytes);
  }
});
afterAll(() => {
  if (enginePath !== undefined) engine.stop();
  rmSync(folder, { recursive: true, force: true });
});

describe('a folder with a log', () => {
  it('lists and gives what a bucket would', async () => {
    const objects = createFolderObjects(folder);
    expect(await objects.list('tile/')).toEqual(await old.log.objects.list('tile/'));
    for (const path of [...await objects.list(''), 'tile/9/000', 'tile']) expect(new Uint8Array((await objects.get(path))?.body ?? [])).toEqual((await old.log.objects.get(path))?.body ?? new Uint8Array());
  });
});

describe.skipIf(enginePath === undefined)('two tables in DynamoDB', () => {
  it('are restored from a folder, item by item as they were, twice, and not over another event', async () => {
    const [recordTable, operationsTable] = ['record', 'operations'];
    await engine.createTable(recordTable);
    await engine.createTable(operationsTable);
    const client = () => engine.client;
    const table = createDynamoDbRecordTable(client, recordTable);
    const operations = createDynamoDbOperationsStore(client, operationsTable);
    const ports = {
      objects: createFolderObjects(folder), own: old.log.objects, table, leaves: createLeafReader(createDynamoDbManyItems(client, recordTable)), operations, views: viewsOf, births: () => archivedBirths(createMemoryObjectStore()), places: createLogPlaces(createDynamoDbManyItems(client, operationsTable)), now: old.now, progress: () => undefined,
      log: createLogStore({ log: old.log.objects, staging: old.log.staging, operations, many: createDynamoDbManyItems(client, operationsTable) }),
    };
    const options = { trust: { origin: old.log.key.name, logKeys: [old.log.key], witnessKeys: [], quorum: 0 }, isDryRun: false, withUnsigned: false };
    const keys = async (): Promise<ReadonlyMap<string, RecordItem>> => {
      const items = new Map<string, RecordItem>();
      for await (const item of table.scan()) items.set(placeOf(item), item);
      return items;
    };
    const report = await restore(ports, options);
    expect(report).toMatchObject({ events: old.table.size, tableRoot: report.root });
    expect(await keys()).toEqual(old.table);
    expect(await restore(ports, options)).toEqual(report);
    expect(await keys()).toEqual(old.table);
    const store = createDynamoDbRecordStore(client, { recordTable, operationsTable }, old.now);
    expect(await store.load({ kind: 'equipment', id: 'BIO-1' })).toEqual(await old.store.load({ kind: 'equipment', id: 'BIO-1' }));
    await table.put({ pk: 'BATCH#other', sk: 'EVENT#000000001', body: '{}' });
    expect(await codeOfAsync(() => restore(ports, options))).toBe('restore-refused');
  });
});
