import { createDynamoDbOperationsStore } from '../../../functions/_platform/dynamodb-operations-store.ts';
import { createDynamoDbRecordStore } from '../../../functions/_platform/dynamodb-record-store.ts';
import type { OperationsStore, RecordStore } from '../../../functions/_platform/ports.ts';
import { GENESIS_HASH, type Recorded, type StreamId } from '../../../shared/record/envelope.ts';
import { createMemoryOperationsStore } from '../memory/operations-store.ts';
import { createMemoryRecordStore } from '../memory/record-store.ts';
import { enginePath, type Engine } from './engine.ts';

export type Stores = Readonly<{ record: RecordStore; /** Another function's client of the same tables. */ other: RecordStore; operations: OperationsStore }>;
export type Noted = Readonly<{ type: 'noted'; note: string }>;

const NOW = Date.parse('2026-03-02T14:05:09.120Z');
export const now = (): Date => new Date(NOW);
export const actor = { kind: 'system', id: 'test', version: '1' } as const;
export const noted = (note: string): Noted => ({ type: 'noted', note });

let tables = 0;

/** Every store that keeps the contract: what it is, whether it is here, and a new one. @param engine the one of the tests that run, when there is one */
export const storeKinds = (engine: () => Engine): readonly (readonly [string, boolean, () => Promise<Stores>])[] => [
  ['in memory', true, () => {
    const operations = createMemoryOperationsStore();
    const record = createMemoryRecordStore(operations, now);
    return Promise.resolve({ record, other: record, operations });
  }],
  ['in DynamoDB', enginePath !== undefined, async () => {
    const [recordTable, operationsTable] = [`record-${tables += 1}`, `operations-${tables}`];
    await engine().createTable(recordTable);
    await engine().createTable(operationsTable);
    const create = () => createDynamoDbRecordStore(() => engine().client, { recordTable, operationsTable }, now);
    return { record: create(), other: create(), operations: createDynamoDbOperationsStore(() => engine().client, operationsTable) };
  }],
];

let streams = 0;
export const stream = (): StreamId => ({ kind: 'batch', id: `north-20260302-${streams += 1}` });

export const plan = (store: RecordStore, to: StreamId, after: Readonly<{ version: number; hash: string; recordedAt?: string }>, ...notes: readonly string[]): readonly Recorded<Noted>[] =>
  store.plan({ stream: to, expectedVersion: after.version, previousHash: after.hash, previousRecordedAt: after.recordedAt, events: notes.map(noted), actor });
export const start = { version: 0, hash: GENESIS_HASH };
export const notesOf = async (store: RecordStore, of: StreamId): Promise<readonly string[]> => (await store.load<Noted>(of)).map(({ event }) => event.note);
