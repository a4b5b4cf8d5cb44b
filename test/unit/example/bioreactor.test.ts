import { describe, expect, it } from 'vitest';
import { ExampleBioreactor } from '../../../scripts/example/bioreactor.ts';
import type { ExampleCulture } from '../../../scripts/example/example-culture.ts';

const [NOON, MINUTE] = [Date.parse('2026-03-02T12:00:00Z'), 60_000] as const;

describe('the bioreactor of the example', () => {
  const play = async (minutes: readonly number[], cultureStartEpochMs?: number, acknowledged: number | null = null) => {
    let now = NOON + 20_000;
    const sent: Readonly<{ sentAt: number; rows: readonly { atEpochMs: number; values: readonly number[] }[] }>[] = [];
    const births: number[] = [];
    const sentUntil = { value: acknowledged, set: (epochMs: number) => { sentUntil.value = epochMs; } };
    const bioreactor = new ExampleBioreactor({
      sentUntil,
      // A little of the world's time passes with each message.
      clock: { now: () => now, advance: (ms) => Promise.resolve(now += ms + 3) },
      gateway: { birth: () => { births.push(now); return Promise.resolve(); }, data: (rows) => { sent.push({ sentAt: now, rows }); return Promise.resolve(); } },
      culture: { reading: (_: string, second: number) => second } as unknown as ExampleCulture, signal: new AbortController().signal,
    });
    if (cultureStartEpochMs !== undefined) bioreactor.cultureStartEpochMs = cultureStartEpochMs;
    for (const each of minutes) await bioreactor.pass(each);
    return { sent, births, times: sent.flatMap(({ rows }) => rows.map(({ atEpochMs }) => atEpochMs)) };
  };

  it('sends each reading once, none left out, within half an hour of it, however long the pauses are', async () => {
    const { sent, births, times } = await play([1, 30, 600]);
    expect(births).toEqual([NOON + 20_000]);
    expect(times[0]).toBe(NOON);
    expect(times.every((time, i) => i === 0 || time === (times[i - 1] ?? 0) + 5000)).toBe(true);
    expect(times.length).toBeGreaterThanOrEqual(630 * 12);
    for (const { sentAt, rows } of sent) for (const { atEpochMs } of rows) expect(sentAt - atEpochMs).toBeLessThanOrEqual(31 * MINUTE);
  });

  it('sends on after a power cut from what was acknowledged, but no older than a day', async () => {
    const { times } = await play([1], undefined, NOON - 50 * MINUTE);
    expect([times[0], times.length]).toEqual([NOON - 50 * MINUTE, 51 * 12]);
    expect((await play([1], undefined, NOON - 3000 * MINUTE)).times[0]).toBe(NOON - 1440 * MINUTE);
  });

  it('shows what the culture begins with until it begins, and then how it goes', async () => {
    const { sent } = await play([5], NOON + 2 * MINUTE);
    expect(sent.map(({ rows }) => rows[0]?.values[0])).toEqual([0, 0, 0, 60, 120]);
  });
});
