import type { Key } from './controller.ts'

export interface Backoff {
  /** The milliseconds to wait after one more failure. */
  failed(key: Key): number
  succeeded(key: Key): void
}

/**
 * Doubles from the first wait up to seven minutes, as ESO's controllers do; theirs begins with a second, for which nobody waits here
 * (https://github.com/external-secrets/external-secrets/blob/main/pkg/controllers/common/common.go).
 */
export function backoff(first = 25): Backoff {
  const failures = new Map<string, number>()
  const id = (key: Key) => `${key.kind}/${key.namespace}/${key.name}`
  return {
    failed: (key) => {
      const count = failures.get(id(key)) ?? 0
      failures.set(id(key), count + 1)
      return Math.min(first * 2 ** count, 7 * 60_000)
    },
    succeeded: (key) => {
      failures.delete(id(key))
    },
  }
}
