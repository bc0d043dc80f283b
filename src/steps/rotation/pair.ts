import type { Credentials } from '../../onepassword/credentials.ts'
import type { SourcePorts } from '../../onepassword/read-source.ts'
import type { ConnectToken } from '../../onepassword/token.ts'
import type { RotationInputs } from '../../rotation-inputs.ts'
import { type Given, givenBy } from '../given.ts'

/** The new token, and for `rotate-credentials` the new credentials: given and read once for all clusters, or made by `op` on the way. */
export interface Pair extends Given {
  /** What `op` has made; set by the step `mint`. */
  made: { token?: ConnectToken; credentials?: Credentials }
}

export function openPair(inputs: RotationInputs, at: SourcePorts & { now(): Date }): Pair {
  const given = givenBy(inputs, at)
  const made: Pair['made'] = {}
  return {
    made,
    token: async () => made.token ?? given.token(),
    credentials: async () => made.credentials ?? given.credentials(),
  }
}
