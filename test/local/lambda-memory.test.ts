import { mkdtempSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, describe, expect, it } from 'vitest';
import { invokeAsynchronously } from '../../infra/local/services/lambda/asynchronous.ts';
import { limitsOf } from '../../infra/local/services/lambda/memory.ts';
import { FunctionRunner, type Invocation } from '../../infra/local/services/lambda/runner.ts';
import { temporaryFolder } from './support/temporary-folder.ts';

/** Grows by what it is asked to hold, in objects or in buffers outside the heap; counts its own invocations. */
const SOURCE = `
let count = 0;
const held = [];
export const handler = async ({ objectsMb = 0, buffersMb = 0 }) => {
  for (let mb = 0; mb < objectsMb; mb += 1) held.push(Array.from({ length: 131072 }, (_, i) => i + 0.5));
  for (let mb = 0; mb < buffersMb; mb += 1) held.push(new Uint8Array(1048576).fill(1));
  return { count: count += 1 };
};
`;
const MEMORY_MB = 128;
const OUT_OF_MEMORY = { outcome: 'failed', errorType: 'Runtime.OutOfMemory', errorMessage: 'function Node-Grower ran out of memory: it needs more than its 128 MB (MemorySize)' };
const first = { outcome: 'returned', result: { count: 1 } };

const runners: FunctionRunner[] = [];
const grower = (concurrency = 1, idleMs?: number): { runner: FunctionRunner; reports: () => unknown[] } => {
  const folder = mkdtempSync(join(temporaryFolder(), 'function-'));
  writeFileSync(join(folder, 'index.mjs'), SOURCE);
  const logFile = join(folder, 'log');
  const runner = new FunctionRunner({ name: 'Node-Grower', arn: 'arn:aws:lambda:eu-west-1:111111111111:function:Node-Grower', codePath: folder, handler: 'index.handler', environment: {}, timeoutSeconds: 240, memoryMb: MEMORY_MB, concurrency }, new SharedArrayBuffer(8), logFile, idleMs);
  runners.push(runner);
  return { runner, reports: () => readFileSync(logFile, 'utf8').split('\n').filter((line) => line.startsWith('{"')).map((line) => JSON.parse(line) as unknown) };
};
afterEach(async () => { await Promise.all(runners.splice(0).map((runner) => runner.stop())); });

describe('a function\'s memory', () => {
  it('is its MemorySize, old and young generation together', () => {
    for (const memoryMb of [128, 512, 1769, 10_240]) {
      const { maxOldGenerationSizeMb = 0, maxYoungGenerationSizeMb = 0 } = limitsOf(memoryMb);
      expect(maxOldGenerationSizeMb + maxYoungGenerationSizeMb).toBeLessThanOrEqual(memoryMb);
      expect(maxOldGenerationSizeMb).toBeGreaterThan(memoryMb * 0.8);
    }
  });

  it.each([['objects', { objectsMb: 400 }], ['buffers outside the heap', { buffersMb: 400 }]])('that is not enough for its %s fails the invocation, naming function and memory; the next runs in a new environment', async (_, event) => {
    const { runner } = grower();
    expect(await runner.invoke({})).toEqual(first);
    expect(await runner.invoke(event)).toEqual(OUT_OF_MEMORY);
    expect(await runner.invoke({})).toEqual(first);
  });

  it('that is enough fails nothing', async () => {
    const { runner } = grower();
    expect(await runner.invoke({ objectsMb: 40, buffersMb: 20 })).toEqual(first);
    expect(await runner.invoke({})).toEqual({ outcome: 'returned', result: { count: 2 } });
  });

  it('exceeded by one invocation does not reach those that wait for their turn', async () => {
    const { runner } = grower(1);
    const invocations = await Promise.all([runner.invoke({ objectsMb: 400 }), runner.invoke({}), runner.invoke({})]);
    expect(invocations).toEqual([OUT_OF_MEMORY, first, { outcome: 'returned', result: { count: 2 } }]);
  });

  it('exceeded in an asynchronous invocation is tried again by its rules', async () => {
    const { runner } = grower();
    const seen: Invocation[] = [];
    const invoke = async (): Promise<Invocation> => {
      const invocation = await runner.invoke(seen.length === 0 ? { objectsMb: 400 } : {});
      seen.push(invocation);
      return invocation;
    };
    await invokeAsynchronously({ functionArn: runner.definition.arn, payload: {}, config: {}, retryMs: 1, now: () => 0, log: () => undefined, invoke, deliver: () => Promise.resolve() });
    expect(seen).toEqual([OUT_OF_MEMORY, first]);
  });

  it('is in the report after each invocation', async () => {
    const { runner, reports } = grower();
    await runner.invoke({ objectsMb: 20 });
    await runner.invoke({ objectsMb: 400 });
    await runner.stop();
    const records = reports() as { type: string; record: { status: string; errorType?: string; metrics: { memorySizeMB: number; maxMemoryUsedMB: number } } }[];
    expect(records).toMatchObject([{ type: 'platform.report', record: { status: 'success', metrics: { memorySizeMB: MEMORY_MB } } }, { record: { status: 'error', errorType: 'Runtime.OutOfMemory' } }]);
    expect(records[0]?.record.metrics.maxMemoryUsedMB).toBeGreaterThan(20);
  });
});

describe('an idle environment', () => {
  it('is given back after a while, and the next invocation begins in a new one', async () => {
    const { runner } = grower(1, 50);
    expect(await runner.invoke({})).toEqual(first);
    await new Promise((resolve) => { setTimeout(resolve, 300); });
    expect(await runner.invoke({})).toEqual(first);
  });
});
