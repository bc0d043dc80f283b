import { defineConfig } from 'vitest/config'

/**
 * Tests that need more than Node, or more than a moment: python3, kubectl, git, other Node versions, npm. Those that need nothing
 * but time stand beside the others of their part, as `….slow.test.ts`.
 */
export default defineConfig({
  test: {
    include: ['test/slow/**/*.test.ts', 'test/**/*.slow.test.ts'],
    globalSetup: ['test/slow/program.ts', 'test/git/planted.ts'],
    reporters: ['default', './test/cluster/closing-line.ts'],
    testTimeout: 120_000,
    hookTimeout: 120_000,
    maxWorkers: 2,
  },
})
