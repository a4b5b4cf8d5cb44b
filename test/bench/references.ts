import { BatchWriteItemCommand, CreateTableCommand, DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { fork, spawn } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { findEngine } from '../../infra/local/services/dynamodb.ts';
import { indexStreams } from '../../infra/local/services/stream-index.ts';
import { TABLE as KEYS } from '../../shared/storage/keys.ts';
import { LoadGateway, type Connection } from './load-gateway.ts';

const SECONDS = 10;
const BATCH = 25;
const IN_FLIGHT = 8;
const BYTES_A_MESSAGE = 3600;
const TABLE = 'Raw';
const ENGINE_PORT = 18_731;

/** Messages a second that the same device gets acknowledged by the broker library alone. */
export const rawBrokerRate = async (certificateFolder: string, files: Omit<Connection, 'host' | 'port'>): Promise<number> => {
  const child = fork(join(import.meta.dirname, 'raw-broker.ts'), [certificateFolder]);
  try {
    const { port } = await new Promise<{ port: number }>((resolve) => { child.once('message', (message) => { resolve(message as { port: number }); }); });
    const device = await LoadGateway.connect({ host: '127.0.0.1', port, ...files }, 'harbour', 'load-gateway');
    const began = performance.now();
    await device.send(SECONDS, Date.now(), () => undefined);
    const rate = device.count / ((performance.now() - began) / 1000);
    await device.end();
    return rate;
  } finally {
    child.kill();
  }
};

/** The DynamoDB engine as the local cloud starts it, and nothing else running. */
const withEngine = async <Out>(run: (client: DynamoDBClient, file: string) => Promise<Out>): Promise<Out> => {
  const folder = mkdtempSync(join(tmpdir(), 'bedside-raw-store-'));
  const file = join(folder, 'tables.sqlite');
  const engine = spawn(findEngine(), ['serve', '--host', '127.0.0.1', '--port', String(ENGINE_PORT), '--db-path', file], { stdio: 'ignore' });
  const client = new DynamoDBClient({ endpoint: `http://127.0.0.1:${ENGINE_PORT}`, region: 'eu-west-1', credentials: { accessKeyId: 'local', secretAccessKey: 'local' }, maxAttempts: 20 });
  try {
    return await run(client, file);
  } finally {
    client.destroy();
    engine.kill();
    rmSync(folder, { recursive: true, force: true });
  }
};

/** Run against the engine alone, with the two tables of a node, the record's streamed. */
export const withRawTables = <Out>(run: (client: DynamoDBClient, tables: Readonly<{ recordTable: string; operationsTable: string }>) => Promise<Out>): Promise<Out> => withEngine(async (client, file) => {
  const tables = { recordTable: 'Record', operationsTable: 'Operations' };
  for (const TableName of Object.values(tables)) {
    await client.send(new CreateTableCommand({
      TableName, BillingMode: 'PAY_PER_REQUEST', AttributeDefinitions: [KEYS.pk, KEYS.sk].map((AttributeName) => ({ AttributeName, AttributeType: 'S' })),
      KeySchema: [{ AttributeName: KEYS.pk, KeyType: 'HASH' }, { AttributeName: KEYS.sk, KeyType: 'RANGE' }], ...(TableName === tables.recordTable ? { StreamSpecification: { StreamEnabled: true, StreamViewType: 'NEW_IMAGE' } } : {}),
    }));
  }
  indexStreams(file);
  return run(client, tables);
});

/** Items of a message's size a second that the DynamoDB engine takes in batches of 25, and nothing else running. */
export const rawStoreRate = (): Promise<number> => withEngine(async (client) => {
  await client.send(new CreateTableCommand({ TableName: TABLE, BillingMode: 'PAY_PER_REQUEST', AttributeDefinitions: [{ AttributeName: 'pk', AttributeType: 'S' }], KeySchema: [{ AttributeName: 'pk', KeyType: 'HASH' }] }));
  const payload = randomBytes(BYTES_A_MESSAGE);
  const began = performance.now();
  let count = 0;
  const one = async (): Promise<void> => {
    while (performance.now() - began < SECONDS * 1000) {
      const items = Array.from({ length: BATCH }, () => ({ PutRequest: { Item: { pk: { S: `M${count++}` }, payload: { B: payload } } } }));
      await client.send(new BatchWriteItemCommand({ RequestItems: { [TABLE]: items } }));
    }
  };
  await Promise.all(Array.from({ length: IN_FLIGHT }, one));
  return count / ((performance.now() - began) / 1000);
});
