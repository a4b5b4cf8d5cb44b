import type { Context } from 'aws-lambda';
import { createGatewayReader } from '../../functions/_platform/gateways.ts';
import { createGovernedBatches } from '../../functions/_platform/governed-batches.ts';
import { createHandler, type MonitoringInput } from '../../functions/batch-monitoring/handler.ts';
import type { MonitoringModel } from '../../models/monitoring/model-file.ts';
import type { BatchEvent } from '../../shared/batch/events.ts';
import { DomainError } from '../../shared/errors.ts';
import type { ModelRecord } from '../../shared/model-registry/may-run.ts';
import type { GovernanceRow } from '../../shared/prediction-governance/table.ts';
import { keyOf } from '../../shared/storage/keys.ts';
import { objectKeyOf } from '../../shared/telemetry/minute.ts';
import { CONTENT } from './batch-fixtures.ts';
import { MONITORED_NAMES, MONITORING, MONITORING_SHA256, normalValue } from './monitoring.ts';
import { createNode, type TestNode } from './node.ts';

export const [HOUR_MS, MINUTE_MS] = [3_600_000, 60_000];
export const BATCH = 'north-20260302-000001';
const ACTOR = { kind: 'system', id: 'test', version: '1' } as const;
const DEVICE = { edgeNodeId: 'gateway-1', deviceId: 'bioreactor-1' };
export const RECORD: ModelRecord = { modelId: 'expansion-monitoring', version: 3, productId: 'p', output: 'process-monitoring-alarm', artefactSha256: MONITORING_SHA256, state: 'active', inputs: [], undecided: { errorRate: 0.1 } };
export const ROW: GovernanceRow = { output: 'process-monitoring-alarm', handling: { kind: 'needs-signature', role: 'process-scientist' }, threshold: 0.99, undecided: 'show', validForMinutes: 60, acknowledgeWithinSeconds: 60, actions: [] };
export const signature = { signerId: 'qa-1', printedName: 'Q', signedAt: '2026-03-01T00:00:00Z', meaning: 'approval', signedVersion: 0, signedHash: 'x', reauthenticatedAt: '2026-03-01T00:00:00Z', reauthenticationId: 'x' } as const;

type World = { node: TestNode; start: number; tables: number; records: readonly ModelRecord[]; model: MonitoringModel | DomainError; read: number[]; valueAt: (metric: string, hour: number) => number };
/** A hospital with one batch in culture since `start`, a value each minute, and one model that monitors it, or why it does not load. `read`: from and to which hour telemetry was read. */
export const world = { read: [] as number[] } as World;

/** As a normal batch has it: what the middle of each window has, all through the window. */
export const ordinary = (metric: string, hour: number): number => {
  const at = MONITORED_NAMES.indexOf(`${metric === 'Bioreactor/pH' ? 'ph' : 'glucose'}-mean-${Math.floor(hour / 4) * 4}-${Math.floor(hour / 4) * 4 + 4}`);
  return normalValue(MONITORED_NAMES[at] ?? '', at);
};
export const drifting = (fromHour: number, by: number) => (metric: string, hour: number): number => ordinary(metric, hour) + (metric === 'Bioreactor/pH' && hour >= fromHour ? by : 0);

const ports = ({ node, start }: World) => ({
  batches: createGovernedBatches(node.store), gateways: createGatewayReader(node.operations, node.now), tables: node.records.governanceTables, operations: node.operations, now: node.now, count: () => undefined,
  models: { records: () => Promise.resolve(world.records), monitoring: () => (world.model instanceof DomainError ? Promise.reject(world.model) : Promise.resolve(world.model)) },
  reader: {
    series: ([device]: readonly Readonly<{ fromEpochMs: number; toEpochMs: number }>[], metrics: readonly string[]) => Promise.resolve(metrics.map((metric) => {
      if (device === undefined) return { times: [], values: [] };
      if (metric === 'Bioreactor/pH') world.read.push(...[device.fromEpochMs, device.toEpochMs].map((time) => Math.round((time - start) / MINUTE_MS) / 60));
      const times = Array.from({ length: 24 * 60 }, (_, minute) => start + minute * MINUTE_MS).filter((time) => time >= device.fromEpochMs && time < device.toEpochMs && time < node.time.epochMs);
      return { times, values: times.map((time) => world.valueAt(metric, (time - start) / HOUR_MS)) };
    })),
  },
});
const call = (input: MonitoringInput) => createHandler(ports(world))(input, { awsRequestId: 'r-1' } as Context);
export const run = () => call({});
/** As the release workflow asks before the review. */
export const askToConclude = () => call({ batchId: BATCH });
/** Run at an hour of culture, five minutes on. */
export const at = async (hour: number) => {
  world.node.time.epochMs = world.start + hour * HOUR_MS + 5 * MINUTE_MS;
  return run();
};
export const say = (...events: readonly BatchEvent[]) => world.node.records.batches.change(BATCH, () => events, { actor: ACTOR });
export const onRecord = async () => (await world.node.store.load<BatchEvent>({ kind: 'batch', id: BATCH })).map(({ event }) => event);
export const alarms = async () => (await onRecord()).flatMap((event) => (event.type === 'recommendation-made' ? [event] : []));
export const points = async () => (await world.node.operations.list<Readonly<{ hour: number; isBeyond: boolean; t2: number; judgedAt: string }>>(`MONITORING#${BATCH}`, { limit: 50 }, { prefix: 'POINT#' })).items;
export const governedBy = async (row: GovernanceRow = ROW): Promise<void> => {
  const version = world.tables += 1;
  await world.node.records.governanceTables.change('p', () => [
    { type: 'governance-table-drafted', version, content: { productId: 'p', rows: [row] }, contentHash: String(version).repeat(64), signature },
    { type: 'governance-table-made-effective', version, signature, ...(version === 1 ? {} : { supersededVersion: version - 1 }) },
  ], { actor: ACTOR });
};
/** A chunk of an hour of culture is sealed now. */
export const late = (hour: number): Promise<unknown> => world.node.operations.put(keyOf.unnamedChunks(BATCH, new Date(world.node.time.epochMs).toISOString(), `h${hour}`), { batchId: BATCH, sealedAt: '', chunks: [{ key: objectKeyOf.chunk('gateway-1', 'bioreactor-1', world.start + Math.round(hour * 60) * MINUTE_MS), sha256: 'x' }] });
/** What monitoring knows between two looks is lost. */
export const forget = (): void => {
  for (const place of [...world.node.operations.items.keys()]) if (place.includes('MONITORING#')) world.node.operations.items.delete(place);
};

/** The batch begins anew; for each test. */
export const beginCulture = async (): Promise<void> => {
  world.node = createNode();
  [world.records, world.model, world.valueAt, world.tables] = [[RECORD], MONITORING, ordinary, 0];
  world.start = world.node.time.epochMs;
  const recipe = { masterBatchRecordId: 'test', masterBatchRecordVersion: 1, contentHash: 'c', content: CONTENT };
  await say({ type: 'batch-created', batchId: BATCH, nodeId: 'north', productId: 'p', chainOfIdentityId: 'C', recipe }, { type: 'batch-started' }, { type: 'phase-started', phaseId: 'expansion-culture' }, { type: 'equipment-assigned', phaseId: 'expansion-culture', equipmentId: 'BIO-1', equipmentClassId: 'bioreactor', device: DEVICE });
  await governedBy();
  world.read.length = 0;
};
