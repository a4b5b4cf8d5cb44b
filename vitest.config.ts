import { defineConfig } from 'vitest/config';

/** Four projects, cheapest first: `unit` and `functions` in milliseconds, `infra` loads the CDK, `e2e` starts the local cloud. */
export default defineConfig({
  test: {
    projects: [
      { test: { name: 'unit', include: ['test/unit/**/*.test.ts'], environment: 'node', testTimeout: 60_000 } },
      { test: { name: 'functions', include: ['test/functions/**/*.test.ts'], environment: 'node', testTimeout: 60_000, env: { POWERTOOLS_LOG_LEVEL: 'SILENT' } } },
      { test: { name: 'local', include: ['test/local/**/*.test.ts'], environment: 'node', testTimeout: 60_000, hookTimeout: 60_000 } },
      { test: { name: 'infra', include: ['test/infra/**/*.test.ts'], environment: 'node', testTimeout: 120_000, hookTimeout: 120_000 } },
      { test: { name: 'e2e', include: ['test/e2e/**/*.test.ts'], environment: 'node', testTimeout: 500_000, hookTimeout: 300_000, fileParallelism: false } },
    ],
  },
});
