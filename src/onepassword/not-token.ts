import { unwrapObject } from './base64.ts'
import { newToken } from './obtain.ts'
import { notJwt, refusal } from './token-refusal.ts'

/** Throws the Failure that says what this is, if it is one of the things that people give as a token by mistake. */
export function refuseOthers(value: string): void {
  if (value === '') throw refusal('token-empty', 'The token is empty.', 'The source was read, and holds nothing but white space.')
  if (value.startsWith('ops_')) {
    throw refusal(
      'token-service-account',
      'This is a service-account token, not a Connect token.',
      'Tokens that begin with ops_ speak to 1Password itself; Connect takes only the tokens that were made for its server.',
    )
  }
  const object = unwrapObject(value)?.object
  if ((object !== undefined && 'verifier' in object) || /^\{[\s\S]*"(verifier|encCredentials|uniqueKey)"/.test(value)) {
    throw refusal(
      'token-is-credentials',
      'The credentials file was given where the token is expected.',
      'Connect needs both: the file 1password-credentials.json, and an access token.',
      'Give the file with --credentials, and the token with --token.',
    )
  }
  if (!value.includes('.') && (value.length === 83 || (value.startsWith('eyJ') && object?.['alg'] !== undefined))) {
    throw refusal(
      'token-stub',
      'The token is only the first part of a token.',
      'A token has three parts with dots between them. Copying by double click stops at the first dot, after 83 characters.',
      ['Copy the whole token: it is many hundred characters long. If it is lost, make a new one:', ...newToken()],
    )
  }
  if (object !== undefined || /^[{[<]|^-----BEGIN /.test(value)) throw notJwt('It is a file of another kind.')
  if (/^["'`]|^Bearer\b/i.test(value)) throw notJwt('It has quotes around it, or the word Bearer before it.')
  if (/\s/.test(value)) {
    throw refusal(
      'token-whitespace',
      'The token has white space or a line break inside.',
      'It was probably wrapped by a terminal when it was copied, or holds more than the token; Connect would refuse it.',
      ['Copy it again as one line, or read it from 1Password:', 'eso-bootstrap init --token op://<vault>/<item>/<field>'],
    )
  }
}
