import { Failure, type FailureText } from '../failure.ts'
import { plain } from '../text/plain.ts'

/** A file that must be edited by hand: says where (`path:line`), why, and the edit. Nothing has been written. */
export function refusal(path: string, line: number, text: Omit<FailureText, 'exit'>): Failure {
  return new Failure({ ...text, exit: 'blocked', what: `${plain(path)}:${line}: ${text.what}` })
}
