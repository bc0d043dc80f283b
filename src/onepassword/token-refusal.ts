import { Failure } from '../failure.ts'
import { newToken } from './obtain.ts'

/** A Failure about a token; unless told otherwise its fix is to make a new one. */
export function refusal(id: string, what: string, why: string, fix: string | string[] = newToken()): Failure {
  return new Failure({ id, exit: id === 'token-empty' ? 'usage' : 'blocked', what, why, fix })
}

/** The Failure `token-not-jwt`, for all that hasn't the form of a token. */
export function notJwt(why: string): Failure {
  return refusal('token-not-jwt', 'This is not a Connect token.', why)
}
