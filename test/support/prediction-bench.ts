import type { Context } from 'aws-lambda';
import { createGatewayReader } from '../../functions/_platform/gateways.ts';
import { createGovernedBatches } from '../../functions/_platform/governed-batches.ts';
import { createTrainingRows } from '../../functions/_platform/training-rows.ts';
import { createHandler as createLookAhead } from '../../functions/look-ahead/handler.ts';
import { createHandler } from '../../functions/prediction/handler.ts';
import { FEATURE_METRICS } from '../../models/early-prediction/features.ts';
import type { Forest } from '../../models/forest/tree.ts';
import { parseXgboostJson } from '../../models/forest/xgboost-json.ts';
import { worldOf } from '../../models/twin/worlds/load.ts';
import stress from '../../models/twin/worlds/stress.json' with { type: 'json' };
import type { BatchEvent } from '../../shared/batch/events.ts';
import type { ModelRecord } from '../../shared/model-registry/may-run.ts';
import { BirthBook } from '../../shared/telemetry/birth.ts';
import { DATA_ROLES } from '../../shared/training-data/dataset.ts';
import { CONTENT } from './batch-fixtures.ts';
import { createMemoryObjectStore } from './memory/object-store.ts';
import { ARTEFACT_TEXT } from './model-fixtures.ts';
import { createNode, type TestNode } from './node.ts';

export const HOUR_MS = 3_600_000;
export const ACTOR = { kind: 'system', id: 'test', version: '1' } as const;
/** The model that comes with the software. */
export const MODEL = { name: 'early-prediction', sha256: 'b'.repeat(64) };

/** Of the code that plays ways to go on. */
export const CODE_SHA256 = 'd'.repeat(64);
const FOREST: Forest = parseXgboostJson(ARTEFACT_TEXT);
const lookAhead = createLookAhead(() => worldOf(stress, 'stress'), () => CODE_SHA256);

/** A hospital whose prediction function runs on what a test says of its models, endpoint and telemetry. */
export class PredictionBench {
  node: TestNode = createNode();
  example: typeof MODEL | undefined = MODEL;
  records: readonly ModelRecord[] = [];
  metrics: readonly string[] = FEATURE_METRICS;
  forest: Forest = FOREST;
  /** What the endpoint was asked. */
  readonly rows: (readonly number[])[] = [];
  readonly births = new BirthBook();
  #batches = 0;

  answer: (row: readonly number[]) => Promise<number> = () => Promise.resolve(0.25);

  /** A batch whose cells have grown for some hours. */
  async growing(hours: number, ...more: readonly BatchEvent[]): Promise<string> {
    const { node } = this;
    const batchId = `north-20260302-00000${this.#batches += 1}`;
    const phaseId = 'expansion-culture';
    const end = node.time.epochMs;
    node.time.epochMs = end - hours * HOUR_MS;
    const recipe = { masterBatchRecordId: 'test', masterBatchRecordVersion: 1, contentHash: 'c', content: CONTENT };
    await node.records.batches.change(batchId, () => [
      { type: 'batch-created', batchId, nodeId: 'north', productId: 'p', chainOfIdentityId: 'C', recipe }, { type: 'batch-started' }, { type: 'phase-started', phaseId },
      { type: 'equipment-assigned', phaseId, equipmentId: 'BIO-1', equipmentClassId: 'bioreactor', device: { edgeNodeId: 'gateway-1', deviceId: 'bioreactor-1' } },
      { type: 'value-recorded', phaseId, valueId: 'starting-viability', value: 92, unit: '%', origin: { kind: 'entered' } }, ...more,
    ], { actor: ACTOR });
    node.time.epochMs = end;
    return batchId;
  }

  run() {
    const { node, example, births } = this;
    return createHandler({
      batches: createGovernedBatches(node.store), gateways: createGatewayReader(node.operations, node.now), tables: node.records.governanceTables, operations: node.operations, now: node.now, ...(example !== undefined && { example }),
      models: { records: () => Promise.resolve(this.records), artefact: () => Promise.resolve(this.forest) }, births: { bookOf: () => Promise.resolve(births) },
      lookAhead: async (question) => JSON.parse(JSON.stringify(await lookAhead(JSON.parse(JSON.stringify(question)) as never, { awsRequestId: 'r-2' } as Context))) as never,
      ask: (_, row) => {
        this.rows.push(row);
        return this.answer(row);
      },
      reader: {
        series: ([device], metrics) => Promise.resolve(metrics.map((metric) => {
          const times = device === undefined || !this.metrics.includes(metric) ? [] : Array.from({ length: 80 }, (_, hour) => device.fromEpochMs + hour * HOUR_MS).filter((time) => time < device.toEpochMs);
          return { times, values: times.map((_, hour) => 1 + hour / 10) };
        })),
      },
    })({}, { awsRequestId: 'r-1' } as Context);
  }

  /** Events of one type on the record of a batch. */
  async recorded<Type extends BatchEvent['type']>(batchId: string, type: Type): Promise<readonly Extract<BatchEvent, Readonly<{ type: Type }>>[]> {
    return (await this.node.store.load<BatchEvent>({ kind: 'batch', id: batchId })).flatMap(({ event }) => (event.type === type ? [event as Extract<BatchEvent, Readonly<{ type: Type }>>] : []));
  }

  /** What models could be trained on, of every role. */
  async trainingRows(features: readonly string[], label: string) {
    const { node: { operations, store } } = this;
    const rows = createTrainingRows({ bucket: createMemoryObjectStore(), operations, record: store, randomBytes: (count) => new Uint8Array(count) });
    return (await Promise.all(DATA_ROLES.map((role) => rows.rowsOf(role, { features, label })))).flat();
  }
}
