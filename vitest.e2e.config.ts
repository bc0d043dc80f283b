import { defineConfig } from 'vitest/config'

/** Scenarios on a whole cluster of real parts. One after the other: each has a dozen processes. */
export default defineConfig({
  test: {
    include: ['test/e2e/**/*.test.ts'],
    globalSetup: ['test/slow/program.ts', 'test/e2e/set-up.ts'],
    testTimeout: 600_000,
    // E2E_KEEP leaves a scenario's cluster running after its tests: see CONTRIBUTING.md.
    hookTimeout: process.env['E2E_KEEP'] ? 0 : 600_000,
    reporters: ['default', './test/cluster/closing-line.ts'],
    maxWorkers: 1,
  },
})
