import { createNodeRecords } from '../../functions/_platform/node-records.ts';
import { CONTRACTS } from '../../functions/api-document/documents.ts';
import type { ReadEntry } from '../../functions/_platform/read-log.ts';
import { createHandler as createAuditApi } from '../../functions/audit-api/handler.ts';
import { createHandler as createBatchApi } from '../../functions/batch-api/handler.ts';
import type { TelemetryValue } from '../../functions/batch-api/ports.ts';
import { createHandler as createLogApi } from '../../functions/log-api/handler.ts';
import { createHandler as createInspectionPack } from '../../functions/inspection-pack/handler.ts';
import type { PackFile } from '../../functions/inspection-pack/assemble.ts';
import { createEvidence } from '../../functions/inspection-pack/evidence.ts';
import { createHandler as createRegisterApi } from '../../functions/register-api/handler.ts';
import { createHandler as createReview } from '../../functions/rpa/review/handler.ts';
import { createHandler as createTelemetryApi } from '../../functions/telemetry-api/handler.ts';
import { NODE_ROUTES } from '../../shared/api/routes.ts';
import type { Batch } from '../../shared/batch/state.ts';
import { bedsideLabel } from '../../shared/identity/label.ts';
import { contentHashOf } from '../../shared/master-batch-record/life-cycle.ts';
import type { MasterBatchRecordContent } from '../../shared/master-batch-record/model.ts';
import type { SignatureMeaning } from '../../shared/record/envelope.ts';
import { createApi, signatureOf, verifyTestToken, type Asked } from './api.ts';
import { CONTENT, NOW } from './batch-fixtures.ts';
import { createLog } from './log.ts';
import { createMemoryObjectStore } from './memory/object-store.ts';
import { createMemoryOperationsStore } from './memory/operations-store.ts';
import { createMemoryLeafReader, createMemoryRecordStore, type MemoryRecordTable } from './memory/record-store.ts';
import { createMemoryRunRecords } from './memory/run-records.ts';
import type { TestPerson } from './people.ts';
import { renderBatchRecord } from './render.ts';

/** Different bytes at every call, the same in every run. */
const countingBytes = () => {
  let calls = 0;
  return (count: number): Uint8Array => {
    calls += 1;
    return Uint8Array.from({ length: count }, (_, i) => (calls * 31 + i * 7 + Math.floor(calls / 32) * i) % 256);
  };
};

/** A hospital node over stores in memory: its interfaces, its clock, its review robot. */
export const createNode = (content: MasterBatchRecordContent = CONTENT) => {
  const time = { epochMs: NOW };
  const now = (): Date => new Date(time.epochMs);
  const operations = createMemoryOperationsStore();
  const table: MemoryRecordTable = new Map();
  const store = createMemoryRecordStore(operations, now, table);
  const records = createNodeRecords(store);
  const documents = createMemoryObjectStore();
  const runs = createMemoryRunRecords();
  const log = createLog(operations);
  const reads: ReadEntry[] = [];
  const readLog: { isDown: boolean } = { isDown: false };
  /** What a pack carries of the log: files put here by hand, or the log's own once there is a verifier. */
  const evidence: PackFile[] = [];
  const packs: { verifier: Uint8Array | undefined } = { verifier: undefined };
  const proven = createEvidence({ store: log.store, key: () => Promise.resolve(log.key), verifier: () => packs.verifier ?? new Uint8Array() });
  const telemetry: { value: TelemetryValue | undefined } = { value: undefined };
  const recipe = { masterBatchRecordId: 'test', masterBatchRecordVersion: 1, contentHash: contentHashOf(content), content };
  const command = { operations, verifyReauthentication: verifyTestToken, now };
  const reading = {
    now,
    readLog: {
      write: (entry: ReadEntry): Promise<void> => {
        if (readLog.isDown) return Promise.reject(new Error('the read log is down'));
        reads.push(entry);
        return Promise.resolve();
      },
    },
  };
  const call = createApi({
    'batch-api': createBatchApi({
      ...command, nodeId: 'north', records, labels: bedsideLabel, randomBytes: countingBytes(),
      effectiveRecipe: (productId) => Promise.resolve(productId === content.productId ? recipe : undefined), telemetryStatistic: () => Promise.resolve(telemetry.value),
    }),
    'register-api': createRegisterApi({ ...command, records }),
    'audit-api': createAuditApi({ ...reading, operations, record: store, batches: records.batches, documents }),
    'log-api': createLogApi({ ...reading, record: store, store: log.store, key: () => Promise.resolve(log.key) }),
    'inspection-pack': createInspectionPack({ ...reading, record: store, render: renderBatchRecord, evidence: (events) => (packs.verifier === undefined ? Promise.resolve(evidence) : proven(events)) }),
    'telemetry-api': createTelemetryApi({ ...reading, batches: records.batches, operations, reader: { series: () => Promise.resolve([{ times: [], values: [] }]) } }),
  }, NODE_ROUTES, CONTRACTS.node);
  const review = createReview({ batches: records.batches, runs, now });

  const batch = async (batchId: string): Promise<Batch> => (await records.batches.load(batchId)).state!;
  const sign = (person: TestPerson, meaning: SignatureMeaning, version: number, ageMs = 5000) => signatureOf(person, meaning, version, time.epochMs - ageMs);
  return {
    log, time, now, operations, table, leaves: createMemoryLeafReader(table), store, records, documents, runs, reads, readLog, evidence, packs, telemetry, call, sign, batch,
    review: (batchId: string) => review({ batchId }, { awsRequestId: 'r-1' } as never),
    /** Ask, and have it accepted. */
    ok: async (person: TestPerson, routeKey: string, asked: Asked = {}): Promise<Record<string, unknown>> => {
      const { status, body } = await call(person, routeKey, asked);
      if (status >= 400) throw new Error(`${routeKey} answered ${status}: ${JSON.stringify(body)}`);
      return body;
    },
    /** Everything a site holds, as one value to compare. */
    held: async (...batchIds: readonly string[]) => structuredClone({ items: [...operations.items.entries()], batches: await Promise.all(batchIds.map((id) => store.load({ kind: 'batch', id }))) }),
  };
};
export type TestNode = ReturnType<typeof createNode>;
