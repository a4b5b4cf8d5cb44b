import { BatchWriteItemCommand, CreateTableCommand, DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { fork, spawn } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { findEngine } from '../../infra/local/services/dynamodb.ts';
import { LoadDevice, type Connection } from './load-device.ts';

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
    const device = await LoadDevice.connect({ host: '127.0.0.1', port, ...files }, 'harbour', 'load-gateway', 'load-1');
    const began = performance.now();
    await device.send(SECONDS, Date.now(), () => undefined);
    const rate = device.count / ((performance.now() - began) / 1000);
    await device.end();
    return rate;
  } finally {
    child.kill();
  }
};

/** Items of a message's size a second that the DynamoDB engine takes in batches of 25, and nothing else running. */
export const rawStoreRate = async (): Promise<number> => {
  const folder = mkdtempSync(join(tmpdir(), 'bedside-raw-store-'));
  const engine = spawn(findEngine(), ['serve', '--host', '127.0.0.1', '--port', String(ENGINE_PORT), '--db-path', join(folder, 'tables.sqlite')], { stdio: 'ignore' });
  const client = new DynamoDBClient({ endpoint: `http://127.0.0.1:${ENGINE_PORT}`, region: 'eu-west-1', credentials: { accessKeyId: 'local', secretAccessKey: 'local' }, maxAttempts: 20 });
  try {
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
  } finally {
    client.destroy();
    engine.kill();
    rmSync(folder, { recursive: true, force: true });
  }
};
