import type { Child } from '../child.ts'
import { Failure } from '../failure.ts'

/**
 * `op` ends with 1 whatever the matter is, so that its words are the only sign. They are matched and never shown.
 * Words: https://github.com/1Password/op-js/issues/227, https://developer.1password.com/docs/cli/secret-reference-syntax
 */
export const signedOut =
  /not (currently )?signed in|sign in|session expired|no accounts (configured|found)|found no accounts|authorization (prompt|timeout)|unauthori[sz]ed|\b40[13]\b|\blocked\b|desktop app|invalid (service account|token)/i
const notFound =
  /isn'?t (an? )?(vault|item|field|section|file)|(could not|couldn'?t|cannot) find|not found|no (item|vault|field)|does not have a (field|section|file)/i

/** The Failure for an `op read` that ended badly. `place` is the reference as it may be shown. */
export function readFailure(ended: Child, place: string): Failure {
  if (notFound.test(ended.stderr)) {
    return new Failure({
      id: 'op-not-found',
      exit: 'blocked',
      what: `1Password has nothing at ${place}, or you may not see it.`,
      why: 'A reference is op://vault/item/field; for a file in an item, the field is the name of the file.',
      fix: ['op vault list', 'op item list --vault <vault>', 'op item get <item> --vault <vault>'],
    })
  }
  if (signedOut.test(ended.stderr)) {
    return new Failure({
      id: 'op-signed-out',
      exit: 'refused',
      what: `op is not signed in to 1Password, so that ${place} cannot be read.`,
      why: '1Password is locked, the approval was declined, or no account is set up for the command line.',
      fix: 'op signin',
    })
  }
  return new Failure({
    id: 'op-failed',
    exit: 'blocked',
    what: `op could not read ${place}; it ended with exit code ${ended.code}.`,
    why: 'Its own words are not shown here, because they may hold what it read.',
    fix: `op read '${place.replaceAll("'", "'\\''")}' > /dev/null`,
  })
}

/** What `run` threw, in words about `op`; an abort's reason comes back as it is. */
export function runFailure(error: unknown, place: string, deadline: number): unknown {
  if (!(error instanceof Failure)) return error
  if (error.id === 'command-missing') {
    return new Failure({
      id: 'op-missing',
      exit: 'blocked',
      what: `${place} is read by the 1Password command line, and there is no op on the PATH.`,
      fix: ['Install it: https://developer.1password.com/docs/cli/get-started', 'or name a file, `-` or `env:NAME` instead'],
    })
  }
  if (error.id === 'command-deadline') {
    return new Failure({
      id: 'op-deadline',
      exit: 'blocked',
      what: `op did not read ${place} within ${Math.round(deadline / 1000)} s.`,
      why: 'It was probably waiting for an approval in the 1Password app.',
      fix: ['Unlock the 1Password app and run again; approve when it asks.', 'Without a person: set OP_SERVICE_ACCOUNT_TOKEN'],
    })
  }
  return error
}
