import { DomainError } from '../../shared/errors.ts';
import type { BatchEvent } from '../../shared/batch/events.ts';
import type { Batch } from '../../shared/batch/state.ts';
import { downSample } from '../../shared/telemetry/down-sample.ts';
import { http } from '../_platform/http.ts';
import { seenState } from '../_platform/granted-view.ts';
import { logged, type ReadPorts } from '../_platform/read-log.ts';
import type { StreamRecords } from '../_platform/stream-records.ts';
import type { TelemetryReader } from '../_platform/telemetry-reader.ts';
import { deviceIntervals } from '../_platform/telemetry-statistic.ts';
import { listGateways } from './gateways.ts';
import { readMonitoring } from './monitoring.ts';
import { ListGateways, ListQuarantine, ReadMonitoring, ReadTelemetry } from './schema.ts';

export type Ports = ReadPorts & Readonly<{ batches: Pick<StreamRecords<Batch, BatchEvent>, 'load'>; reader: TelemetryReader }>;
type QuarantineItem = Readonly<{ at: string; topic: string; reason: string; detail: string; sizeBytes: number; objectKey: string }>;

type JsonValue = number | 'NaN' | 'Infinity' | '-Infinity' | null;

/** JSON has no NaN and no infinity. */
const toJson = (value: number, isMissing: boolean): JsonValue => {
  if (isMissing) return null;
  if (Number.isFinite(value)) return value;
  if (Number.isNaN(value)) return 'NaN';
  return value > 0 ? 'Infinity' : '-Infinity';
};

const requireParameter = (batch: Batch, metric: string): string => {
  const parameter = batch.recipe.content.parameters.find((each) => each.metric === metric);
  if (parameter === undefined) {
    throw new DomainError('metric-not-found', `query.metric: got ${metric}, want one of ${batch.recipe.content.parameters.map((each) => each.metric).join(', ')}`, { metric });
  }
  return parameter.unit;
};

/** Telemetry of batches, the gateways it comes from, and the messages that could not be used. */
export const createHandler = (ports: Ports) => http([
  logged(ports, ReadTelemetry, async ({ path: { batchId }, query: { metric, from, to, points } }, view) => {
    const { state: batch } = await seenState(view, ports.batches, { kind: 'batch', id: batchId });
    if (batch === undefined) throw new DomainError('batch-not-found', `no batch ${batchId} at this hospital`, { batchId });
    const unit = requireParameter(batch, metric);
    const [fromEpochMs, toEpochMs] = [Date.parse(from ?? batch.startedAt ?? batch.createdAt), to === undefined ? ports.now().getTime() : Date.parse(to)];
    if (fromEpochMs >= toEpochMs) throw new DomainError('request-malformed', 'query.to: want a time after from', { paths: ['query.to'] });
    const [series = { times: [], values: [] }] = await ports.reader.series(deviceIntervals(batch.equipment, fromEpochMs, toEpochMs), [metric]);
    const thinned = downSample(series, points);
    return {
      batchId, metric, unit, from: new Date(fromEpochMs).toISOString(), to: new Date(toEpochMs).toISOString(), sampleCount: series.times.length, downsampled: thinned !== series,
      points: thinned.times.map((time, i): [number, JsonValue] => [time, toJson(thinned.values[i] ?? Number.NaN, thinned.isMissing?.[i] ?? false)]),
      gaps: Object.values(batch.gaps).map(({ gapId, from: start, to: end, critical, assessed }) => ({ gapId, from: start, to: end, critical, assessed })),
    };
  }),
  logged(ports, ReadMonitoring, ({ path: { batchId }, query: { hour } }, view) => readMonitoring(ports, view, batchId, hour)),
  logged(ports, ListGateways, ({ query }, view) => listGateways(view, query)),
  logged(ports, ListQuarantine, async ({ query: { limit, cursor } }, { operations }) => {
    const page = await operations.list<QuarantineItem>('QUARANTINE', { limit, ...(cursor === undefined ? {} : { cursor }) }, { newestFirst: true });
    return { ...page, items: page.items.map(({ at, topic, reason, detail, sizeBytes, objectKey }) => ({ at, topic, reason, detail, sizeBytes, objectKey })) };
  }),
], ports.refusals);
