import { defineConfig } from 'vitest/config'

export default defineConfig({
  test: {
    include: ['test/**/*.test.ts'],
    exclude: ['test/cluster/**', 'test/e2e/**', 'test/everywhere/**', 'test/slow/**', '**/*.slow.test.ts'],
    globalSetup: ['test/git/planted.ts'],
    // A whole init on the sandbox takes a second; on a machine that does much else besides, many.
    testTimeout: 60_000,
    hookTimeout: 60_000,
    // On two cores vitest would use one: it keeps one for itself, and has nothing to do with it.
    maxWorkers: '100%',
    // No test leaves anything behind in a module; loading them anew for each file would take as long as the tests.
    isolate: false,
  },
})
