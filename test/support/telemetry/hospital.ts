import type { SQSRecord } from 'aws-lambda';
import type { DeviceAssignment } from '../../../functions/_platform/device-assignment.ts';
import { createArchivedBirths, createBirths } from '../../../functions/_platform/births.ts';
import { createNodeRecords } from '../../../functions/_platform/node-records.ts';
import type { OperationsStore, PageRequest, RecordStore } from '../../../functions/_platform/ports.ts';
import { createTelemetryReader } from '../../../functions/_platform/telemetry-reader.ts';
import { createMemory, ingest } from '../../../functions/telemetry-ingest/handler.ts';
import type { IngestPorts } from '../../../functions/telemetry-ingest/ports.ts';
import { seal } from '../../../functions/telemetry-seal/handler.ts';
import type { NamingPorts, SealPorts } from '../../../functions/telemetry-seal/ports.ts';
import type { BatchEvent } from '../../../shared/batch/events.ts';
import { keyOf } from '../../../shared/storage/keys.ts';
import type { RawMessage } from '../../../shared/telemetry/received.ts';
import { createMemoryObjectStore } from '../memory/object-store.ts';
import { createMemoryOperationsStore } from '../memory/operations-store.ts';
import { createMemoryRecordStore } from '../memory/record-store.ts';
import { MINUTE } from './sparkplug-writer.ts';

export const BATCH = 'B-2026-0007';
export const queued = ({ topic, payload, receivedAtEpochMs }: RawMessage, id: string): SQSRecord => ({
  messageId: id, body: JSON.stringify({ payload: Buffer.from(payload).toString('base64'), topic, receivedAt: receivedAtEpochMs, clientId: topic.split('/')[3] }),
} as SQSRecord);

/** Assignment of the device to the batch, from a minute before MINUTE; temperature is critical. */
export const ASSIGNMENT: DeviceAssignment = {
  batchId: BATCH, equipmentId: 'EQ-1', from: new Date(MINUTE - 60_000).toISOString(), criticalMetrics: ['Temperature'], alarms: [{ metric: 'Temperature', low: 36, high: 38 }, { metric: 'pH', low: 6.9 }],
};

/** The telemetry functions of one hospital node over stores in memory. */
export const createHospital = () => {
  const time = { epochMs: MINUTE };
  const now = (): Date => new Date(time.epochMs);
  const objects = createMemoryObjectStore();
  const memory = createMemoryOperationsStore();
  const failOn: { run: (call: 'get' | 'put' | 'list', pk: string) => void } = { run: () => undefined };
  const operations = {
    ...memory, failOn,
    get: async <Item>(key: Readonly<{ pk: string; sk: string }>) => { await Promise.resolve(); failOn.run('get', key.pk); return memory.get<Item>(key); },
    put: async (...[key, attributes, options]: Parameters<OperationsStore['put']>) => { await Promise.resolve(); failOn.run('put', key.pk); return memory.put(key, attributes, options); },
    /** What fails leaves those before it written, as the table does. */
    putMany: async (items: Parameters<typeof memory.putMany>[0]) => {
      await Promise.resolve();
      for (const each of items) {
        failOn.run('put', each.pk);
        await memory.putMany([each]);
      }
    },
    list: async <Item>(pk: string, page: PageRequest, options: Parameters<OperationsStore['list']>[2] = {}) => { await Promise.resolve(); failOn.run('list', pk); return memory.list<Item>(pk, page, options); },
  };
  const recordFault: { isDown: boolean } = { isDown: false };
  const kept = createMemoryRecordStore(memory, now);
  const record: RecordStore = { ...kept, write: (planned, companions) => (recordFault.isDown ? Promise.reject(new Error('the record is away')) : kept.write(planned, companions)) };
  const { batches } = createNodeRecords(record);
  const births = createArchivedBirths(createBirths(operations), objects);
  const counts: Record<string, number> = {};
  const rebirths: string[] = [];
  const broker: { isDown: boolean } = { isDown: false };
  const ingestPorts: IngestPorts = {
    nodeId: 'north', clockToleranceMs: 5 * 60_000, objects, operations, births, batches, now,
    askRebirth: (edgeNodeId) => {
      if (broker.isDown) return Promise.reject(new Error('broker is down'));
      rebirths.push(edgeNodeId);
      return Promise.resolve();
    },
    count: (name, value) => { counts[name] = (counts[name] ?? 0) + value; },
  };
  const sealPorts: SealPorts & NamingPorts = { nodeId: 'north', objects, operations, births, batches, now };
  const environments = [createMemory(ingestPorts), createMemory(ingestPorts)] as const;
  let messages = 0;
  return {
    time, now, objects, operations, record, recordFault, batches, births, counts, rebirths, broker, ingestPorts, sealPorts, reader: createTelemetryReader(objects, births),
    /** @returns ids of messages that come again */
    send: (raw: readonly RawMessage[], environment: 0 | 1 = 0) => ingest(ingestPorts, environments[environment], raw.map((each) => queued(each, `m-${messages += 1}`))),
    sendBodies: (bodies: readonly string[]) => ingest(ingestPorts, environments[0], bodies.map((body, i) => ({ messageId: `b-${i}`, body }) as SQSRecord)),
    seal: () => seal(sealPorts),
    /** A running batch that has device `bioreactor-1` of `gateway-1`. */
    beginBatch: async (assignment: DeviceAssignment = ASSIGNMENT) => {
      const created = { type: 'batch-created', batchId: BATCH, nodeId: 'north', productId: 'cd19-car-t', chainOfIdentityId: 'COI-1', recipe: { content: { parameters: [] } } } as unknown as BatchEvent;
      await batches.change(BATCH, () => [created], { actor: { kind: 'system', id: 'test', version: '1' } });
      await operations.put(keyOf.device('gateway-1', 'bioreactor-1'), assignment);
    },
    batch: async () => (await batches.load(BATCH)).state!,
    keys: (prefix: string) => [...objects.objects.keys()].filter((key) => key.startsWith(prefix)).sort(),
  };
};
