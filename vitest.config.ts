import { defineConfig } from 'vitest/config';

/** For what hangs, not for what is slow. */
const LIMITS = { testTimeout: 300_000, hookTimeout: 300_000 } as const;
/** Files share a process and what it has loaded: a fifth to a third less work. What a test replaces for a while is put back after it. */
const SHARED = { isolate: false, restoreMocks: true } as const;

/** A network is started, and a batch played. */
const WHOLE = { testTimeout: 1_200_000, hookTimeout: 900_000, fileParallelism: false } as const;

/**
 * `unit` and `functions` in milliseconds, `infra` loads the CDK, `e2e` starts the local cloud: one after the other, since a cloud that has to wait for the processor does more, not less; `beside` them what waits more than it works. `npm run vitest` lets the
 * others have what `e2e` leaves.
 */
export default defineConfig({
  test: {
    projects: [
      { test: { name: 'unit', include: ['test/unit/**/*.test.ts'], ...LIMITS, ...SHARED } },
      { test: { name: 'functions', include: ['test/functions/**/*.test.ts'], ...LIMITS, ...SHARED, env: { POWERTOOLS_LOG_LEVEL: 'SILENT' } } },
      { test: { name: 'local', include: ['test/local/**/*.test.ts'], ...LIMITS } },
      { test: { name: 'infra', include: ['test/infra/**/*.test.ts'], globalSetup: ['test/infra/scratch-folder.ts'], ...LIMITS, ...SHARED } },
      { test: { name: 'e2e', include: ['test/e2e/*.test.ts'], ...WHOLE } },
      { test: { name: 'beside', include: ['test/e2e/beside/*.test.ts'], ...WHOLE, env: { PORT_LANE: '5' } } },
    ],
  },
});
