import { getEventListeners } from 'node:events';
import { describe, expect, it } from 'vitest';
import { pause } from '../../infra/local/services/lambda/poller.ts';

describe('a pause of a polling loop', () => {
  it('leaves nothing on the signal, however often the loop turns', async () => {
    const { signal } = new AbortController();
    for (let turn = 0; turn < 100; turn += 1) await pause(0, signal);
    expect(getEventListeners(signal, 'abort')).toHaveLength(0);
  });
  it('ends at once when the loop is stopped, before or during it', async () => {
    const stopping = new AbortController();
    const waiting = pause(60_000, stopping.signal);
    stopping.abort();
    await waiting;
    await pause(60_000, stopping.signal);
  });
});
