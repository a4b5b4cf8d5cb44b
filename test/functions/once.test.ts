import { describe, expect, it } from 'vitest';
import { once } from '../../functions/_platform/once.ts';

describe('what is built once', () => {
  it('is built on first use, and held, whether it comes at once or later', async () => {
    let built = 0;
    const [now, later] = [once(() => built += 1), once(() => Promise.resolve(built += 1))];
    expect(built).toBe(0);
    expect([now(), now(), await later(), await later()]).toEqual([1, 1, 2, 2]);
  });
  it('is built again after it failed, at once or later: a key service that was away for a moment is not away for as long as the function lives', async () => {
    let calls = 0;
    const failing = (): number => {
      calls += 1;
      if (calls % 2 === 1) throw new Error('throttled');
      return calls;
    };
    const now = once(failing);
    expect(now).toThrow('throttled');
    expect([now(), now()]).toEqual([2, 2]);
    // eslint-disable-next-line @typescript-eslint/require-await -- fails as a call over the network does
    const later = once(async () => failing());
    await expect(Promise.all([later(), later()])).rejects.toThrow('throttled');
    expect([calls, await later(), await later()]).toEqual([3, 4, 4]);
  });
});
