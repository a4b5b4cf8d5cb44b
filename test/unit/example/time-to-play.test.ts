import { describe, expect, it } from 'vitest';
import { EXAMPLE_DAYS, requireTimeToPlay } from '../../../scripts/example/example-batch.ts';

const DAY_MS = 86_400_000;

describe('the example batch', () => {
  it('is played in a network that begins as far back as one does for it', () => { expect(() => { requireTimeToPlay(EXAMPLE_DAYS * DAY_MS, '.bedside'); }).not.toThrow(); });
  it.each([[0, '0.0'], [8 * DAY_MS, '8.0']])('is refused, %s ms behind real time, with a way to see it: it would last for days', (offsetMs, days) => {
    expect(() => { requireTimeToPlay(offsetMs, '.bedside'); }).toThrow(new RegExp(`^this network is ${days} days behind real time.* Remove \\.bedside and start anew`));
  });
});
