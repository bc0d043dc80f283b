import { defineConfig } from 'vitest/config'

/** The packed program, installed and tried in every place that it may meet: versions of Node, users, homes, terminals, bad networks. */
export default defineConfig({
  test: {
    include: ['test/everywhere/**/*.test.ts'],
    globalSetup: ['test/slow/program.ts'],
    reporters: ['default', './test/cluster/closing-line.ts'],
    testTimeout: 120_000,
    hookTimeout: 120_000,
    maxWorkers: 2,
  },
})
