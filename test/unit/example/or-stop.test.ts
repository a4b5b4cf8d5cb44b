import { describe, expect, it } from 'vitest';
import { orStop } from '../../../scripts/local/or-stop.ts';

const networkOf = (stopping?: Error) => {
  const network = { stops: 0, stop: (): Promise<void> => {
    network.stops += 1;
    return stopping === undefined ? Promise.resolve() : Promise.reject(stopping);
  } };
  return network;
};

describe('a network that is made ready', () => {
  it('runs on when it is ready', async () => {
    const network = networkOf();
    expect(await orStop(network, () => Promise.resolve('ready'))).toBe('ready');
    expect(network.stops).toBe(0);
  });
  it.each([
    ['at once', (): never => { throw new Error('no login author'); }], ['later', () => Promise.reject(new Error('no login author'))],
  ])('stops when that fails %s, and says why', async (_, makeReady: () => Promise<never>) => {
    const network = networkOf();
    await expect(orStop(network, makeReady)).rejects.toThrow(/^no login author$/);
    expect(network.stops).toBe(1);
  });
  it('that does not stop either still says why it failed', async () => {
    await expect(orStop(networkOf(new Error('a port hangs')), () => Promise.reject(new Error('no login author')))).rejects.toThrow('no login author; and the network did not stop: a port hangs');
  });
});
