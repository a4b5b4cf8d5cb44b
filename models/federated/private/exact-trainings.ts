import { DomainError } from '../../../shared/errors.ts';
import type { Method } from '../plan.ts';

/**
 * Exact trainings of trees that a hospital answers over the same rows, where its people agreed on no other number. Each hides a row by draws of its own, so that of k trainings √k times less of the draws is left: with 10 and 30 an
 * attacker found no more rows than one model gives, with 100 it did (ADR 0040).
 */
export const EXACT_TRAININGS = 10;
/** As many as its people can agree on: more than were ever looked at would be a promise about nothing. */
export const MOST_EXACT_TRAININGS = 100;

/** One training of trees, by its run and the label it was planned with. */
export type ExactTraining = Readonly<{ runId: string; label: string }>;
/** On record before the first answer of the last of them leaves. The others are those over the same rows that this record did not have: under another label, or from before there was a limit. */
export type ExactTrainingsBooked = Readonly<{ type: 'exact-trainings-booked'; label: string; trainings: readonly ExactTraining[] }>;
/** What of a hospital's budget of a label is about exact trainings. */
export type ExactRecord = Readonly<{ terms?: Readonly<{ exactTrainings?: number }>; trainings: readonly ExactTraining[] }>;

/** Whether trainings of a method are counted: those that open sums over all rows and counts of trees as they are. Private ones have their ε; monitoring and drift, which draw nothing of rows, are not counted. */
export const isCountedMethod = (method: Method): boolean => method === 'forest' || method === 'boosting';

export const allowedTrainings = (held: ExactRecord | undefined): number => held?.terms?.exactTrainings ?? EXACT_TRAININGS;

/** Both, each run once. */
export const withTrainings = (held: readonly ExactTraining[], more: readonly ExactTraining[]): readonly ExactTraining[] =>
  [...held, ...more.filter(({ runId }, i) => !held.some((each) => each.runId === runId) && more.findIndex((each) => each.runId === runId) === i)];

export const leftTrainings = (held: ExactRecord | undefined, answered: readonly ExactTraining[] = []): number => Math.max(0, allowedTrainings(held) - withTrainings(held?.trainings ?? [], answered).length);

/** @param before trainings over the same rows that this hospital answered, booked or not @throws DomainError `training-limit-spent` unless one is left, or the run is one of those */
export const requireTrainingLeft = (held: ExactRecord | undefined, { runId, label }: ExactTraining, before: readonly ExactTraining[]): void => {
  const answered = withTrainings(held?.trainings ?? [], before);
  const allowed = allowedTrainings(held);
  if (answered.length < allowed || answered.some((each) => each.runId === runId)) return;
  throw new DomainError('training-limit-spent', `label ${label}: got one more exact training over rows that answered ${answered.length}, want at most ${allowed} by the terms of this hospital (exactTrainings)`, { label, allowed });
};

/**
 * Book a training, to be on record before its first answer leaves. One that is booked, or was answered before there was a limit, costs nothing more: attempts, retries and later rounds are of the same run.
 *
 * @param before trainings over the same rows that this hospital answered, booked or not
 * @throws DomainError `training-limit-spent`
 */
export const bookTraining = (held: ExactRecord | undefined, training: ExactTraining, before: readonly ExactTraining[]): readonly ExactTrainingsBooked[] => {
  requireTrainingLeft(held, training, before);
  const booked = held?.trainings ?? [];
  const answered = withTrainings(booked, before);
  if (answered.some(({ runId }) => runId === training.runId)) return [];
  return [{ type: 'exact-trainings-booked', label: training.label, trainings: [...answered.slice(booked.length), training] }];
};
