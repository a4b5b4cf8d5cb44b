import { excursionsOf, type Excursion, type Point } from '../../models/monitoring/excursions.ts';
import { judgeOf, stageHours, type Judge, type Judgement, type RunningJudgement } from '../../models/monitoring/judge.ts';
import type { MonitoringModel } from '../../models/monitoring/model-file.ts';
import type { Part } from '../../models/monitoring/running.ts';
import { maturityHourOf } from '../../models/monitoring/trajectory.ts';
import { DomainError } from '../../shared/errors.ts';
import { keyOf } from '../../shared/storage/keys.ts';
import { HOUR_MS } from '../../shared/telemetry/minute.ts';
import type { MonitoringPorts } from './ports.ts';
import type { Trajectory } from './trajectory.ts';

/** One judged hour as it is kept for readers. */
export type KeptPoint = Judgement & Readonly<{ batchId: string; at: string; judgedAt: string; modelId: string; modelVersion: number; modelHash: string; isBeyond: boolean }>;

const judges = new WeakMap<MonitoringModel, Judge>();
/** Projections are made once a model, not once a batch. */
const judgeFor = (model: MonitoringModel): Judge => {
  const known = judges.get(model) ?? judgeOf(model.plane);
  judges.set(model, known);
  return known;
};

/** What a judge says; undefined where too little is known. */
const unlessIncomplete = <Said>(judge: () => Said): Said | undefined => {
  try {
    return judge();
  } catch (error) {
    if (error instanceof DomainError && error.code === 'features-incomplete') return undefined;
    throw error;
  }
};

/** A batch at one hour; undefined where too little of it is known to be judged. */
export const judgedAt = (model: MonitoringModel, values: Trajectory['values'], hour: number): Judgement | undefined => unlessIncomplete(() => judgeFor(model).judge(values.map((value) => value ?? Number.NaN), hour));

/** A batch on its way to an hour, by what was seen of the windows that end there; undefined where too little is known. */
export const judgedRunning = (model: MonitoringModel, values: Trajectory['values'], parts: readonly Part[], hour: number): RunningJudgement | undefined =>
  unlessIncomplete(() => judgeFor(model).judgeRunning(values.map((value) => value ?? Number.NaN), parts, hour));

/** First hour whose judgement changes with these values. */
const firstChanged = ({ plane: { variables } }: MonitoringModel, before: Trajectory['values'], after: Trajectory['values']): number =>
  variables.reduce((first, { name }, i) => (before[i] === after[i] ? first : Math.min(first, maturityHourOf(name))), Infinity);

/** Judge every hour that these values change, keep each for readers, and give all points of the batch. */
export const judgeChanged = async ({ operations, now }: MonitoringPorts, model: MonitoringModel, before: Trajectory, values: Trajectory['values'], readToHour: number): Promise<readonly Point[]> => {
  const changedFrom = firstChanged(model, before.values, values);
  const stands = (hour: number): boolean => hour <= before.readToHour && hour < changedFrom;
  const { batchId, startEpochMs, modelId, modelVersion, modelHash } = before;
  const points: Point[] = before.points.filter(({ hour }) => stands(hour));
  for (const hour of stageHours(model.plane).filter((stage) => stage <= readToHour && !stands(stage))) {
    const judgement = judgedAt(model, values, hour);
    if (judgement === undefined) continue;
    points.push({ hour, confidence: judgement.confidence });
    const kept: KeptPoint = { ...judgement, batchId, at: new Date(startEpochMs + hour * HOUR_MS).toISOString(), judgedAt: now().toISOString(), modelId, modelVersion, modelHash, isBeyond: judgement.confidence >= model.alarm.level };
    await operations.put(keyOf.monitoringPoint(batchId, hour), kept);
  }
  return points;
};

/** Excursions that are not known to be on the batch's record, or have gone further since. How far the hour goes that a batch is in is known at its end, so that one on record is not looked at again before. @param within that hour */
export const unrecorded = ({ alarm }: MonitoringModel, { points, onRecord }: Pick<Trajectory, 'points' | 'onRecord'>, within?: Point): readonly Excursion[] =>
  excursionsOf(alarm, within === undefined ? points : [...points, within]).filter(({ fromHour, peak }) => !onRecord.some((known) => known.fromHour === fromHour && (known.confidence >= peak.confidence || peak === within)));
