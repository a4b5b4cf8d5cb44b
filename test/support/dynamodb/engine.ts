import { CreateTableCommand, DynamoDBClient, ListTablesCommand } from '@aws-sdk/client-dynamodb';
import { spawn } from 'node:child_process';
import { existsSync, mkdtempSync, rmSync } from 'node:fs';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { TABLE } from '../../../shared/storage/keys.ts';
import { freePorts } from '../free-ports.ts';

const READY_TRIES = 200;

/** Path of the engine for this platform; undefined where none is installed. */
export const enginePath = ((): string | undefined => {
  try {
    const path = join(dirname(createRequire(import.meta.url).resolve(`@dynoxide/${process.platform}-${process.arch}/package.json`)), 'dynoxide');
    return existsSync(path) ? path : undefined;
  } catch {
    return undefined;
  }
})();

const ready = async (client: DynamoDBClient): Promise<void> => {
  for (let tries = 0; tries < READY_TRIES; tries += 1) {
    try {
      await client.send(new ListTablesCommand({}));
      return;
    } catch {
      await new Promise((resolve) => { setTimeout(resolve, 25); });
    }
  }
  throw new Error('the DynamoDB engine does not answer');
};

export type Engine = Readonly<{ client: DynamoDBClient; /** An empty table with the keys of `TABLE`, from which `infra/` builds its own. */ createTable(name: string): Promise<void>; stop(): void }>;

/** A DynamoDB engine in a process of its own, on a port and a folder that goes with it. @param port a free one where none is named */
export const startEngine = async (port?: number): Promise<Engine> => {
  if (enginePath === undefined) throw new Error('no DynamoDB engine is installed');
  const folder = mkdtempSync(join(tmpdir(), 'store-contract-'));
  const own = port ?? await freePorts();
  const child = spawn(enginePath, ['serve', '--host', '127.0.0.1', '--port', String(own), '--db-path', join(folder, 'tables.sqlite')], { stdio: 'ignore' });
  const client = new DynamoDBClient({ endpoint: `http://127.0.0.1:${own}`, region: 'eu-west-1', credentials: { accessKeyId: 'local', secretAccessKey: 'local' } });
  await ready(client);
  return {
    client,
    createTable: async (name) => {
      await client.send(new CreateTableCommand({
        TableName: name, BillingMode: 'PAY_PER_REQUEST',
        AttributeDefinitions: [TABLE.pk, TABLE.sk].map((AttributeName) => ({ AttributeName, AttributeType: 'S' })),
        KeySchema: [{ AttributeName: TABLE.pk, KeyType: 'HASH' }, { AttributeName: TABLE.sk, KeyType: 'RANGE' }],
      }));
    },
    stop: () => {
      client.destroy();
      child.kill('SIGTERM');
      rmSync(folder, { recursive: true, force: true });
    },
  };
};
