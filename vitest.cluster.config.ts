import { defineConfig } from 'vitest/config'

/** Tests in front of a real etcd and kube-apiserver. */
export default defineConfig({
  test: {
    include: ['test/cluster/**/*.test.ts'],
    globalSetup: ['test/cluster/setup.ts'],
    reporters: ['default', './test/cluster/closing-line.ts'],
    testTimeout: 60_000,
    hookTimeout: 120_000,
    maxWorkers: 2,
  },
})
