import { Failure } from '../../src/failure.ts'

/** The Failure that this ends with. Anything else, or no error at all, fails the test. */
export async function failureOf(act: () => unknown): Promise<Failure> {
  let given: unknown
  try {
    given = await act()
  } catch (error) {
    if (error instanceof Failure) return error
    throw error
  }
  throw new Error(`no Failure was thrown, but this came back: ${given}`)
}
