import { getHeapStatistics } from 'node:v8';
import type { ResourceLimits } from 'node:worker_threads';

const MB = 1024 * 1024;
/** Of a function's memory, what JavaScript may fill, as Lambda's own runtime sets it; the rest is the runtime's. */
const OLD_GENERATION_SHARE = 0.9;
const YOUNG_GENERATION_SHARE = 0.03;
/** What the engine takes by itself. A small one costs the sealing of telemetry half as much time again; a large one is filled by every environment before it is collected. */
const LARGEST_YOUNG_GENERATION_MB = 48;

/** Limits of a worker whose function has so much memory (`MemorySize`, MB): a heap that fits into it. */
export const limitsOf = (memoryMb: number): ResourceLimits => ({
  maxOldGenerationSizeMb: Math.floor(memoryMb * OLD_GENERATION_SHARE), maxYoungGenerationSizeMb: Math.min(LARGEST_YOUNG_GENERATION_MB, Math.ceil(memoryMb * YOUNG_GENERATION_SHARE)),
});

/** MB this thread holds: its heap, and buffers outside it. */
export const usedMb = (): number => {
  const { total_physical_size: heap, external_memory: buffers, malloced_memory: engine } = getHeapStatistics();
  return Math.ceil((heap + buffers + engine) / MB);
};
