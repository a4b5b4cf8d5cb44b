import { randomInt } from 'node:crypto';
import { createServer } from 'node:net';

/** Above those of whole networks in the tests, below those that systems give to whoever asks for any port (32768 on Linux). */
const [LOWEST, SLICE, SLICES] = [30_000, 270, 10];
const slice = LOWEST + SLICE * (Number(process.env['VITEST_POOL_ID'] ?? 0) % SLICES);
let next = randomInt(SLICE);

const isFree = (port: number): Promise<boolean> => new Promise((resolve) => {
  const server = createServer().once('error', () => { resolve(false); });
  server.listen(port, '127.0.0.1', () => { server.close(() => { resolve(true); }); });
});

/**
 * The first of some ports in a row that nobody has, for a program that can not be handed an open one.
 *
 * Each process of the tests has a part of its own: nobody takes one between the look and its use.
 *
 * @param count at most a few
 * @throws Error when there are none in this process's part
 */
export const freePorts = async (count = 1): Promise<number> => {
  for (let tries = 0; tries < SLICE; tries += count) {
    if (next + count > SLICE) next = 0;
    const first = slice + next;
    next += count;
    const found = await Promise.all(Array.from({ length: count }, (_, i) => isFree(first + i)));
    if (found.every(Boolean)) return first;
  }
  throw new Error(`ports ${slice} to ${slice + SLICE - 1}: no ${count} in a row are free`);
};
