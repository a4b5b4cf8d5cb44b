import { DeleteTableCommand, DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { S3Client } from '@aws-sdk/client-s3';
import { spawn } from 'node:child_process';
import { mkdirSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { createS3ObjectStore } from '../../functions/_platform/s3-object-store.ts';
import { findEngine } from '../../infra/local/services/dynamodb.ts';
import type { NodeSite } from '../../scripts/client/endpoints.ts';

const ENGINE_START_ATTEMPTS = 40;
const CREDENTIALS = { accessKeyId: 'local', secretAccessKey: 'local' };

/** Delete the record, the operations and the personal data of a node from the disk of a local cloud that does not run. The other hospitals' and the control site's stay. */
export const loseTables = async (stateFolder: string, { outputs: { RecordTableName = '', OperationsTableName = '', PersonalDataTableName = '' } }: NodeSite, port: number): Promise<void> => {
  const engine = spawn(findEngine(), ['serve', '--host', '127.0.0.1', '--port', String(port), '--db-path', join(stateFolder, 'dynamodb', 'tables.sqlite')], { stdio: 'ignore' });
  const client = new DynamoDBClient({ endpoint: `http://127.0.0.1:${port}`, region: 'eu-west-1', credentials: CREDENTIALS, maxAttempts: ENGINE_START_ATTEMPTS });
  try {
    for (const TableName of [RecordTableName, OperationsTableName, PersonalDataTableName]) await client.send(new DeleteTableCommand({ TableName }));
  } finally {
    client.destroy();
    const gone = new Promise((resolve) => { engine.once('exit', resolve); });
    engine.kill();
    await Promise.race([gone, pause(5000, undefined, { ref: false })]);
  }
};

/** Copy the log of a node out of its bucket, as a backup would: `checkpoint` and `tile/`. */
export const copyLog = async ({ environment, outputs: { LogBucketName = '' } }: NodeSite, folder: string): Promise<void> => {
  const s3 = new S3Client({ endpoint: environment['AWS_ENDPOINT_URL'] ?? '', region: environment['AWS_REGION'] ?? '', forcePathStyle: true, credentials: { accessKeyId: environment['AWS_ACCESS_KEY_ID'] ?? '', secretAccessKey: 'local', sessionToken: 'local' } });
  const bucket = createS3ObjectStore(() => s3, LogBucketName);
  for (const key of ['checkpoint', ...await bucket.list('tile/')]) {
    const object = await bucket.get(key);
    if (object === undefined) throw new Error(`the log bucket lists ${key} and does not hold it`);
    mkdirSync(dirname(join(folder, key)), { recursive: true });
    writeFileSync(join(folder, key), object.body);
  }
  s3.destroy();
};
