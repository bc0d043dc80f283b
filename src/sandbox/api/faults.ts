import type { Target } from './request.ts'

/** Something that goes wrong on purpose, for tests: for as many requests as `times` says that match all that is named. */
export interface Fault {
  match?: { verb?: string; resource?: string; subresource?: string; name?: string; namespace?: string; path?: string }
  /** How often; once, unless told. */
  times?: number
  /**
   * A Status, a connection that breaks, one that never answers, or what a server says that has too many requests in flight.
   * Without it the request is only delayed.
   */
  answer?: { status: number; reason: string; message: string; retryAfterSeconds?: number } | 'drop' | 'hang' | 'overload'
  /** Milliseconds before the answer. */
  delay?: number
}

export interface Faults {
  add(fault: Fault): void
  /** The fault that this request meets, if any; it counts as met. */
  meet(target: Target): Fault | undefined
}

export function createFaults(): Faults {
  let waiting: { fault: Fault; left: number }[] = []
  return {
    add: (fault) => waiting.push({ fault, left: fault.times ?? 1 }),
    meet(target) {
      const met = waiting.find(({ fault }) => Object.entries(fault.match ?? {}).every(([key, value]) => target[key as 'verb'] === value))
      if (!met) return undefined
      met.left -= 1
      waiting = waiting.filter(({ left }) => left > 0)
      return met.fault
    },
  }
}
