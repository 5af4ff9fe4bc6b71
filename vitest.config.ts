import { defineConfig } from 'vitest/config';

const project = (name: string, include: string[], timeout: number) => ({
  test: {
    name,
    include,
    testTimeout: timeout,
    hookTimeout: timeout,
    pool: 'forks' as const,
    maxWorkers: 2,
  },
});

export default defineConfig({
  test: {
    reporters: ['default', './test/suite-times.ts'],
    projects: [
      project('unit', ['test/*.test.ts', 'test/unit/**/*.test.ts', 'test/contracts/**/*.test.ts'], 30_000),
      project('integration', ['test/integration/**/*.test.ts'], 300_000),
      project('faults', ['test/faults/**/*.test.ts'], 1_200_000),
    ],
  },
});
