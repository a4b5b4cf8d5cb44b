import { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { InvokeCommand, LambdaClient } from '@aws-sdk/client-lambda';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { createDynamoDbRecordStore } from '../../functions/_platform/dynamodb-record-store.ts';
import { inParallel } from '../../functions/_platform/in-parallel.ts';
import { signIn } from '../../scripts/client/api-client.ts';
import { loginOf } from '../../scripts/example/seed-network.ts';
import type { Endpoints, NodeSite } from '../../scripts/client/endpoints.ts';
import { GENESIS_HASH } from '../../shared/record/envelope.ts';
import type { CloudProcess } from '../support/local/cloud-process.ts';
import { rawStoreRate } from './references.ts';
import { row, type Row } from './row.ts';

const NODE = 'hill';
const TARGET_RATE = 1000;
const EVENTS = 2000;
/** Events of one append: a command gives one or two; telemetry, imports and reviews many. */
const APPENDS = [1, 20] as const;
const IN_FLIGHT = 16;
const MAXIMUM_RUNS = 50;
const NOTE = 'x'.repeat(300);

const seconds = (begin: number): number => (performance.now() - begin) / 1000;

/** The name the local cloud gave the sequencer of a node. */
const sequencerOf = ({ stateFolder }: CloudProcess, { stack }: NodeSite): string => {
  const { Resources } = JSON.parse(readFileSync(join(stateFolder, 'cdk.out', `${stack}.template.json`), 'utf8')) as { Resources: Readonly<Record<string, { Type: string }>> };
  const id = Object.entries(Resources).find(([name, { Type }]) => Type === 'AWS::Lambda::Function' && name.startsWith('AuditLogSequencer'))?.[0];
  if (id === undefined) throw new Error(`${stack} has no sequencer`);
  return `${stack}-${id}`;
};

const clientOf = ({ environment }: NodeSite) => ({
  endpoint: environment['AWS_ENDPOINT_URL'] ?? '', region: environment['AWS_REGION'] ?? '', maxAttempts: 20,
  credentials: { accessKeyId: environment['AWS_ACCESS_KEY_ID'] ?? '', secretAccessKey: 'local', sessionToken: 'local' },
});

/** Appends of so many events each, through the store every function uses, each with its leaf and its place in the outbox. @returns seconds */
const append = async (node: NodeSite, client: DynamoDBClient, size: number): Promise<number> => {
  const { RecordTableName: recordTable = '', OperationsTableName: operationsTable = '' } = node.outputs;
  const store = createDynamoDbRecordStore(() => client, { recordTable, operationsTable }, () => new Date());
  const streams = Array.from({ length: EVENTS / size }, (_, i) => ({ kind: 'equipment', id: `BENCH-${size}-${i}` } as const));
  const begin = performance.now();
  await inParallel(streams, async (stream) => {
    const events = Array.from({ length: size }, (_, i) => ({ type: 'bench', note: `${NOTE}${i}` }));
    await store.write(store.plan({ stream, expectedVersion: 0, previousHash: GENESIS_HASH, events, actor: { kind: 'system', id: 'bench', version: '1' } }), []);
  }, IN_FLIGHT);
  return seconds(begin);
};

/** Runs of the deployed function until nothing is left and the checkpoint covers all. @returns seconds */
const integrate = async (lambda: LambdaClient, FunctionName: string): Promise<number> => {
  const begin = performance.now();
  for (let run = 0; run < MAXIMUM_RUNS; run += 1) {
    const { Payload, FunctionError } = await lambda.send(new InvokeCommand({ FunctionName }));
    const text = Buffer.from(Payload ?? []).toString('utf8');
    if (FunctionError !== undefined) throw new Error(`the sequencer failed: ${text}`);
    const { entries, checkpoint } = JSON.parse(text) as { entries: number; checkpoint: string };
    if (entries === 0 && checkpoint === 'unchanged') return seconds(begin);
  }
  throw new Error(`the log still grows after ${MAXIMUM_RUNS} runs of the sequencer`);
};

/** The log's size as its published checkpoint says. */
const publishedSize = async (node: NodeSite): Promise<number> => {
  const token = await signIn(node, loginOf(node, 'regulator'));
  const response = await fetch(`${node.apiUrl}/v1/log/checkpoint`, { headers: { authorization: `Bearer ${token}` } });
  if (!response.ok) throw new Error(`the checkpoint answered ${response.status}`);
  return Number((await response.text()).split('\n')[1]);
};

/** Events through the local cloud: appended with leaf and outbox, integrated, published; the last event is in the checkpoint. */
export const measureAppend = async (cloud: CloudProcess, endpoints: Endpoints, say: (text: string) => void): Promise<readonly Row[]> => {
  const node = endpoints.nodes[NODE];
  if (node === undefined) throw new Error(`no node ${NODE}`);
  say('the store alone');
  const store = await rawStoreRate();
  const [client, lambda, name] = [new DynamoDBClient(clientOf(node)), new LambdaClient(clientOf(node)), sequencerOf(cloud, node)];
  const rows: Row[] = [];
  await integrate(lambda, name);
  for (const size of APPENDS) {
    const before = await publishedSize(node);
    say(`${EVENTS} events, ${size} an append`);
    const appending = await append(node, client, size);
    say(`appended in ${appending.toFixed(1)} s`);
    const integrating = await integrate(lambda, name);
    say(`integrated and published in ${integrating.toFixed(1)} s`);
    const grown = await publishedSize(node) - before;
    if (grown !== EVENTS) throw new Error(`the log grew by ${grown} entries, want ${EVENTS}`);
    const what = size === 1 ? 'one event an append' : `${size} events an append`;
    rows.push(
      row(`log in the cloud: ${what}, appended`, EVENTS / appending, 'leaves/s', store, 'the store alone, batches of 25 items'),
      row(`log in the cloud: ${what}, integrated and published`, EVENTS / integrating, 'leaves/s', TARGET_RATE, 'target, at least'),
      row(`log in the cloud: ${what}, all of it`, EVENTS / (appending + integrating), 'leaves/s', TARGET_RATE, 'target, at least'),
    );
  }
  client.destroy();
  lambda.destroy();
  return rows;
};
