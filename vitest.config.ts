import { defineConfig } from 'vitest/config';

/** For what hangs, not for what is slow. */
const LIMITS = { testTimeout: 300_000, hookTimeout: 300_000 } as const;

/**
 * `unit` and `functions` in milliseconds, `infra` loads the CDK, `e2e` starts the local cloud. The two files of `e2e` wait for clocks more than they compute: they come first, and the others run beside them.
 */
export default defineConfig({
  test: {
    maxWorkers: 3,
    projects: [
      { test: { name: 'unit', include: ['test/unit/**/*.test.ts'], ...LIMITS } },
      { test: { name: 'functions', include: ['test/functions/**/*.test.ts'], ...LIMITS, env: { POWERTOOLS_LOG_LEVEL: 'SILENT' } } },
      { test: { name: 'local', include: ['test/local/**/*.test.ts'], ...LIMITS } },
      { test: { name: 'infra', include: ['test/infra/**/*.test.ts'], ...LIMITS } },
      { test: { name: 'e2e', include: ['test/e2e/**/*.test.ts'], testTimeout: 1_200_000, hookTimeout: 900_000 } },
    ],
  },
});
