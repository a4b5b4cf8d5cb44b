/** `rate(n minutes|hours|days)`, or `cron(minute hour * * ? *)` with plain numbers, which is all our templates use. */
export type ScheduleExpression = Readonly<{ kind: 'rate'; periodMs: number }> | Readonly<{ kind: 'daily'; minute: number; hour: number }>;

const UNIT_MS: Readonly<Record<string, number>> = { minute: 60_000, hour: 3_600_000, day: 86_400_000 };
const DAY_MS = 86_400_000;

/** @throws Error for an expression that is not evaluated here */
export const parseSchedule = (expression: string): ScheduleExpression => {
  const rate = /^rate\((\d+) (minute|hour|day)s?\)$/.exec(expression);
  if (rate !== null) return { kind: 'rate', periodMs: Number(rate[1]) * (UNIT_MS[rate[2] ?? ''] ?? 0) };
  const daily = /^cron\((\d+) (\d+) \* \* \? \*\)$/.exec(expression);
  if (daily !== null) return { kind: 'daily', minute: Number(daily[1]), hour: Number(daily[2]) };
  throw new Error(`the local cloud does not evaluate the schedule ${expression}`);
};

/** First time after `epochMs` at which the schedule is due; rates stand on a grid, so that a restart does not shift them. */
export const nextAfter = (schedule: ScheduleExpression, epochMs: number): number => {
  if (schedule.kind === 'rate') return (Math.floor(epochMs / schedule.periodMs) + 1) * schedule.periodMs;
  const today = Math.floor(epochMs / DAY_MS) * DAY_MS + (schedule.hour * 60 + schedule.minute) * 60_000;
  return today > epochMs ? today : today + DAY_MS;
};
