import { Failure } from '../../src/failure.ts'

/** The Failure that a call throws: an edit that isn't refused is a failed test. */
export function refused(call: () => unknown): Failure {
  try {
    call()
  } catch (error) {
    if (error instanceof Failure) return error
    throw error
  }
  throw new Error('Expected a refusal, but there was none.')
}
