import { defineConfig } from 'vitest/config'

export default defineConfig({
  test: {
    include: ['test/**/*.test.ts'],
    exclude: ['test/cluster/**', 'test/e2e/**', 'test/slow/**'],
    globalSetup: ['test/git/planted.ts'],
    testTimeout: 20_000,
    // On two cores vitest would use one: it keeps one for itself, and has nothing to do with it.
    maxWorkers: '100%',
    // No test leaves anything behind in a module; loading them anew for each file would take as long as the tests.
    isolate: false,
  },
})
