import { setFlagsFromString } from 'node:v8'

/**
 * From now on memory is kept small rather than the collector idle: for work on thousands of objects, of which few are needed at a
 * time. V8 would let its new space grow to three times 16 MB, and old garbage pile up to as much again, however little is alive.
 * It reads both flags whenever it decides about that. Of another Node it isn't known whether it has them, and V8 complains of
 * flags that it doesn't have.
 */
export function keepHeapSmall(): void {
  if (!/^v(20|22|24)\./.test(process.version)) return
  setFlagsFromString('--semi-space-growth-factor=1')
  setFlagsFromString('--optimize-for-size')
}
