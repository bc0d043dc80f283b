import { defineConfig } from 'vitest/config'

export default defineConfig({
  test: {
    include: ['test/**/*.test.ts'],
    exclude: ['test/cluster/**', 'test/e2e/**', 'test/slow/**'],
    testTimeout: 20_000,
    // On two cores vitest would use one: it leaves one for itself, and has nothing to do with it.
    maxWorkers: '100%',
  },
})
