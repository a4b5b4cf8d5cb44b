/** From when on a batch is beyond normal operation: so many judged hours in a row at least at this confidence. It is part of the model's file, and so of what was tested. */
export type AlarmRule = Readonly<{ level: number; consecutive: number }>;
/** The customary limit of 99 %, twice in a row: one hour beyond it happens to one normal batch in twenty or so, by chance alone. */
export const ALARM_RULE: AlarmRule = { level: 0.99, consecutive: 2 };

/** What is known of one judged hour. */
export type Point = Readonly<{ hour: number; confidence: number }>;
/** Hours beyond the level without one within it between: `raisedHour` is the one that made it an alarm, `peak` the furthest of those from then on. */
export type Excursion = Readonly<{ fromHour: number; raisedHour: number; toHour: number; peak: Point }>;

/** Excursions of a batch, in time order. @param points in order of their hours */
export const excursionsOf = ({ level, consecutive }: AlarmRule, points: readonly Point[]): readonly Excursion[] => {
  const runs: Point[][] = [[]];
  for (const point of points) {
    if (point.confidence >= level) runs.at(-1)?.push(point);
    else runs.push([]);
  }
  return runs.flatMap((run) => {
    const [first, raised, last] = [run[0], run[consecutive - 1], run.at(-1)];
    if (first === undefined || raised === undefined || last === undefined) return [];
    const peak = run.slice(consecutive - 1).reduce((furthest, point) => (point.confidence > furthest.confidence ? point : furthest), raised);
    return [{ fromHour: first.hour, raisedHour: raised.hour, toHour: last.hour, peak }];
  });
};

/** The highest confidence that so many hours in a row reach: at or above the level exactly when there is an excursion. 0 for fewer hours than that. */
export const alarmScoreOf = ({ consecutive }: AlarmRule, points: readonly Point[]): number => points.reduce((highest, _, i) => {
  const run = points.slice(i, i + consecutive);
  return run.length < consecutive ? highest : Math.max(highest, Math.min(...run.map(({ confidence }) => confidence)));
}, 0);
