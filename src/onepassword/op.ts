import { type Environment, run } from '../child.ts'
import { Failure } from '../failure.ts'
import { Secret } from '../secret.ts'
import { plain } from '../text/plain.ts'
import { readFailure, runFailure } from './op-failure.ts'
import { askOp, type OpOptions, patienceOfPeople } from './op-run.ts'

export type { OpOptions } from './op-run.ts'

/** What we ask of 1Password's command line, https://developer.1password.com/docs/cli/reference */
export interface Op {
  /** The value behind an `op://` reference. Throws a Failure `op-missing`, `op-signed-out`, `op-not-found`, `op-failed` or `op-deadline`. */
  read(reference: string, signal?: AbortSignal): Promise<Secret>
  /** The vaults that the person sees, for offering them; undefined if that can't be known. Throws only the signal's reason. */
  vaults(signal?: AbortSignal): Promise<{ id: string; name: string }[] | undefined>
  present(signal?: AbortSignal): Promise<boolean>
}

/**
 * The `op` of this environment's PATH. It is asked for what is wanted at once and never for `op whoami`, which denies a
 * sign-in through the desktop app: https://github.com/1Password/op-js/issues/227
 */
export function opCli(env: Environment, options: OpOptions = {}): Op {
  const ask = askOp(env, options)
  const { deadline = patienceOfPeople } = options

  return {
    async read(reference, signal) {
      const place = plain(reference)
      const answer = await ask(['read', '--no-newline', reference], { signal }).catch((error) => {
        throw runFailure(error, place, deadline)
      })
      if (answer.code !== 0) throw readFailure(answer, place)
      return new Secret(answer.stdout)
    },

    async vaults(signal) {
      try {
        const answer = await ask(['vault', 'list', '--format', 'json'], { signal })
        return answer.code === 0 ? vaultsIn(answer.stdout) : undefined
      } catch (error) {
        if (error instanceof Failure) return undefined
        throw error
      }
    },

    async present(signal) {
      try {
        await run('op', ['--version'], { env, deadline: Math.min(deadline, 5_000), signal })
        return true
      } catch (error) {
        if (error instanceof Failure) return error.id !== 'command-missing'
        throw error
      }
    },
  }
}

function vaultsIn(stdout: string): { id: string; name: string }[] | undefined {
  try {
    const list = JSON.parse(stdout) as { id?: unknown; name?: unknown }[]
    return list.flatMap(({ id, name }) =>
      typeof id === 'string' && typeof name === 'string' ? [{ id: plain(id), name: plain(name) }] : [],
    )
  } catch {
    return undefined
  }
}
