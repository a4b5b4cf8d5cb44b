/** Mean days from activation to release by weekday of activation (0 Monday) and by hour of harvest. */
export type ReleaseTable = Readonly<{ hours: readonly number[]; days: Readonly<Record<number, readonly number[]>> }>;

/**
 * Expected days to release for a harvest at an hour, on a straight line between the hours of the table.
 *
 * @throws RangeError for a weekday on which no process starts
 */
export const expectedDays = ({ hours, days }: ReleaseTable, weekday: number, harvestHour: number): number => {
  const row = days[weekday];
  if (row === undefined) throw new RangeError(`weekday: got ${weekday}, want one of ${Object.keys(days).join(', ')}`);
  const above = hours.findIndex((hour) => hour >= harvestHour);
  if (above === 0) return row[0] ?? Number.NaN;
  if (above === -1) return (row.at(-1) ?? Number.NaN) + (harvestHour - (hours.at(-1) ?? 0)) / 24;
  const [from, to] = [hours[above - 1] ?? 0, hours[above] ?? 0];
  return (row[above - 1] ?? 0) + (((row[above] ?? 0) - (row[above - 1] ?? 0)) * (harvestHour - from)) / (to - from);
};
