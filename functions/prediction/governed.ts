import { createHash } from 'node:crypto';
import { sayOf } from '../../models/calibration/verdict.ts';
import { HORIZON_HOURS } from '../../models/early-prediction/features.ts';
import type { BatchEvent } from '../../shared/batch/events.ts';
import { EXPANSION_PHASE_ID } from '../../shared/batch/status.ts';
import { inputBinsOf } from '../../shared/model-registry/distributions.ts';
import { mayRun, type ModelRecord } from '../../shared/model-registry/may-run.ts';
import type { HeldRecommendation } from '../../shared/prediction-governance/ledger.ts';
import type { Recommendation } from '../../shared/prediction-governance/ledger-events.ts';
import { isBrought, makeRecommendation, type Governed } from '../../shared/prediction-governance/recommend.ts';
import type { GovernanceRow } from '../../shared/prediction-governance/table.ts';
import { canonicalJson } from '../../shared/record/canonical-json.ts';
import type { Series } from '../../shared/telemetry/series.ts';
import { ledgerCompanions } from '../_platform/ledger-companions.ts';
import { deviceIntervals } from '../_platform/telemetry-statistic.ts';
import { ADVICE_METRICS, adviceFor, NO_ADVICE, type Advice, type DeviceWith } from './advice.ts';
import { agreedProbability, calibratedProbability, explanationOf } from './answer.ts';
import { featuresNamed, known, metricsOf } from './features.ts';
import type { PredictionPorts } from './ports.ts';
import { numberRecorded } from './recorded.ts';

const HOUR_MS = 3_600_000;
const DAY_MS = 24 * HOUR_MS;
const MOST_REASONS = 20;

/** Outputs the table lets a model speak on, with the one model that is active for each. */
export type Use = Readonly<{ row: GovernanceRow; record: ModelRecord }>;
export const usesOf = ({ batch, table, models }: Governed): readonly Use[] => table.content.rows.flatMap((row) => {
  // Monitoring is judged by its own function, hour by hour.
  if (row.output === 'process-monitoring-alarm') return [];
  const active = models.find(({ productId, output, state }) => productId === batch.productId && output === row.output && state === 'active');
  const permission = active === undefined ? undefined : mayRun(active.artefactSha256, models, { productId: batch.productId, output: row.output });
  return permission?.allowed === true ? [{ row, record: permission.record }] : [];
});

/** Whether the last recommendation of an output no longer speaks for it: of another model or table, void by a stop, or run out a day ago with nobody having decided. */
const isStale = (last: HeldRecommendation, { table, nowEpochMs }: Governed, { record }: Use): boolean => {
  if (last.modelHash !== record.artefactSha256 || last.void) return true;
  const isWaiting = last.askedOf.length > 0 && last.decision === undefined;
  return isWaiting && (last.tableHash !== table.contentHash || (nowEpochMs > Date.parse(last.validUntil) && nowEpochMs - Date.parse(last.madeAt) >= DAY_MS));
};

/** Uses for which a recommendation is to be made now; none while the assistance is stopped. */
export const dueUses = (governed: Governed): readonly Use[] => (governed.ledger.stops.length > 0 ? [] : usesOf(governed).filter((use) => {
  const last = [...governed.ledger.recommendations.values()].findLast(({ output }) => output === use.row.output);
  return last === undefined || isStale(last, governed, use);
}));

const sha256 = (value: unknown): string => createHash('sha256').update(canonicalJson(value)).digest('hex');

type Read = Readonly<{ startEpochMs: number; seriesOf: (metric: string) => Series | undefined; deviceWith: DeviceWith }>;

/** Devices of a batch that can be set: in use now, and born with the metric. */
const settable = async ({ births, now }: PredictionPorts, { batch, table }: Governed): Promise<DeviceWith> => {
  const metrics = table.content.rows.flatMap(({ actions }) => actions.map(({ metric }) => metric));
  const found = new Map<string, Readonly<{ edgeNodeId: string; deviceId: string }>>();
  for (const { device, to } of batch.equipment) {
    if (device === undefined || to !== undefined || metrics.length === 0) continue;
    const names = (await births.bookOf({ ...device, sinceEpochMs: now().getTime() })).sessionAt(device.deviceId, now().getTime())?.byName;
    for (const metric of metrics) if (names?.has(metric) === true) found.set(metric, device);
  }
  return (metric) => found.get(metric);
};

const read = async (ports: PredictionPorts, governed: Governed, startEpochMs: number, metrics: readonly string[]): Promise<Read> => {
  const intervals = deviceIntervals(governed.batch.equipment, startEpochMs, governed.nowEpochMs);
  const series = await ports.reader.series(intervals, metrics);
  const byMetric = new Map(metrics.map((metric, i) => [metric, series[i]]));
  return { startEpochMs, seriesOf: (metric) => byMetric.get(metric), deviceWith: await settable(ports, governed) };
};

const adviceOn = ({ lookAhead }: PredictionPorts, governed: Governed, { row }: Use, { startEpochMs, seriesOf, deviceWith }: Read, seed: string): Promise<Advice> =>
  adviceFor({ lookAhead, batch: governed.batch, ledger: governed.ledger, nowEpochMs: governed.nowEpochMs, row, startEpochMs, seriesOf, deviceWith, seed });

/** What one model says of one batch now. Advice is looked for only where a person will be asked. */
const recommend = async (ports: PredictionPorts, governed: Governed, use: Use, data: Read): Promise<Recommendation> => {
  const { row, record } = use;
  const { modelId, version, artefactSha256 } = record;
  const forest = await ports.models.artefact(artefactSha256);
  const names = forest.featureNames;
  const features = featuresNamed(names, data.startEpochMs, data.seriesOf, (valueId) => numberRecorded(governed.batch, valueId));
  const probability = agreedProbability(forest, features, await ports.ask(artefactSha256, features));
  const { verdict, because } = sayOf(record, names, features, probability);
  const inputsHash = sha256(known(names, features));
  const calibratedTo = calibratedProbability(record, probability);
  const isAsked = row.handling.kind === 'needs-signature' && isBrought(row, { probability, verdict, undecided: verdict === 'undecided' });
  const advice = isAsked ? await adviceOn(ports, governed, use, data, inputsHash) : NO_ADVICE;
  return {
    recommendationId: `REC-${sha256([inputsHash, row.output, artefactSha256, governed.table.contentHash, governed.ledger.recommendations.size]).slice(0, 16)}`,
    output: row.output, modelId, modelVersion: version, modelHash: artefactSha256, inputsHash, inputBins: inputBinsOf(names.map((name) => record.inputs.find((input) => input.name === name) ?? { name, low: 0, high: 0 }), features), probability, ...(calibratedTo === undefined ? {} : { calibratedProbability: calibratedTo }),
    verdict, undecided: verdict === 'undecided', ...(because.length === 0 ? {} : { undecidedBecause: because.slice(0, MOST_REASONS) }),
    explanation: explanationOf(forest, features), alternatives: advice.alternatives, ...(advice.twin !== undefined && { twin: advice.twin }),
    // Where the model says no, nothing is proposed: a table that asks for more has people look, with what each way would lead to.
    actions: verdict === 'positive' ? advice.actions : [],
  };
};

/**
 * Ask every model that is active for the batch's product and has something to say now, and put what they answer on record, all of it or nothing.
 *
 * @returns how many recommendations were made
 * @throws DomainError `features-incomplete` while data are missing, `model-tampered`, `prediction-differs`
 */
export const recommendFor = async (ports: PredictionPorts, govern: (state: Readonly<{ batch: Governed['batch']; ledger: Governed['ledger'] }>) => Governed, governed: Governed): Promise<number> => {
  const { batch } = governed;
  const uses = dueUses(governed);
  const startedAt = batch.phases[EXPANSION_PHASE_ID]?.startedAt;
  if (uses.length === 0 || startedAt === undefined || Date.parse(startedAt) + HORIZON_HOURS * HOUR_MS > governed.nowEpochMs) return 0;
  const forests = await Promise.all(uses.map(({ record }) => ports.models.artefact(record.artefactSha256)));
  const data = await read(ports, governed, Date.parse(startedAt), [...new Set([...forests.flatMap(({ featureNames }) => metricsOf(featureNames)), ...ADVICE_METRICS])]);
  const recommendations: Recommendation[] = [];
  for (const use of uses) recommendations.push(await recommend(ports, governed, use, data));
  let events: readonly BatchEvent[] = [];
  await ports.batches.change(batch.batchId, ({ state }) => {
    if (state === undefined) return [];
    const current = govern(state);
    // Another run may have been first; it saw the same.
    events = dueUses(current).length === uses.length ? recommendations.flatMap((each) => makeRecommendation(current, each)) : [];
    return events;
  }, {
    actor: { kind: 'system', id: 'prediction', version: uses.map(({ record }) => record.artefactSha256.slice(0, 12)).join('+') },
    companions: ({ version }) => ledgerCompanions(batch.batchId, governed.ledger, events, { version, at: ports.now().toISOString() }),
  });
  return events.length;
};
