import { excursionsOf, type Excursion, type Point } from '../../models/monitoring/excursions.ts';
import { judgeOf, stageHours, type Judge, type Judgement } from '../../models/monitoring/judge.ts';
import type { MonitoringModel } from '../../models/monitoring/model-file.ts';
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

/** A batch at one hour; undefined where too little of it is known to be judged. */
export const judgedAt = (model: MonitoringModel, values: Trajectory['values'], hour: number): Judgement | undefined => {
  try {
    return judgeFor(model).judge(values.map((value) => value ?? Number.NaN), hour);
  } catch (error) {
    if (error instanceof DomainError && error.code === 'features-incomplete') return undefined;
    throw error;
  }
};

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

/** Excursions that are not known to be on the batch's record, or have gone further since. */
export const unrecorded = ({ alarm }: MonitoringModel, { points, onRecord }: Pick<Trajectory, 'points' | 'onRecord'>): readonly Excursion[] =>
  excursionsOf(alarm, points).filter(({ fromHour, peak }) => !onRecord.some((known) => known.fromHour === fromHour && known.confidence >= peak.confidence));
