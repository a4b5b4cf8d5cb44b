import { setImmediate as turn } from 'node:timers/promises';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { inParallel } from '../../../functions/_platform/in-parallel.ts';

const turns = async (count: number): Promise<void> => { for (let i = 0; i < count; i += 1) await turn(); };

describe('many calls at once', () => {
  it('give results in the order of the items, never more at once than allowed', async () => {
    await fc.assert(fc.asyncProperty(fc.array(fc.nat(5), { maxLength: 40 }), fc.integer({ min: 1, max: 8 }), async (waits, atOnce) => {
      let [running, most] = [0, 0];
      const results = await inParallel(waits, async (wait) => {
        most = Math.max(most, running += 1);
        await turns(wait);
        running -= 1;
        return wait;
      }, atOnce);
      expect(results).toEqual(waits);
      expect(most).toBe(Math.min(atOnce, waits.length));
    }), { numRuns: 50 });
  });
  it('begin the next as soon as one is done, while another still runs', async () => {
    const begun: number[] = [];
    let end = (): void => undefined;
    const slow = new Promise<void>((resolve) => { end = resolve; });
    const all = inParallel([0, 1, 2, 3], async (i) => { begun.push(i); if (i === 0) await slow; }, 2);
    await turns(5);
    expect(begun).toEqual([0, 1, 2, 3]);
    end();
    expect(await all).toHaveLength(4);
  });
  it('reject with the first failure, and begin nothing more', async () => {
    const begun: number[] = [];
    await expect(inParallel([0, 1, 2, 3, 4, 5], async (i) => { begun.push(i); await turn(); if (i === 1) throw new Error('no'); }, 2)).rejects.toThrow('no');
    await turns(5);
    expect(begun.length).toBeLessThanOrEqual(3);
  });
});
