import { type Child, type ChildOptions, type Environment, run } from '../child.ts'

export interface OpOptions {
  /** Milliseconds that a person has to approve in the 1Password app (default 60,000). */
  deadline?: number
  /** Told what is being waited for, as soon as an answer isn't immediate. */
  waiting?: (text: string) => void
  /** Milliseconds until `waiting` is told (default 1,500). */
  patience?: number
}

export const patienceOfPeople = 60_000

export type AskOp = (args: readonly string[], more?: Pick<ChildOptions, 'cwd' | 'stdin' | 'signal'>) => Promise<Child>

/** Runs the `op` of this environment's PATH, and tells that a person is waited for. Throws as `run` does. */
export function askOp(env: Environment, options: OpOptions): AskOp {
  const { deadline = patienceOfPeople, patience = 1_500, waiting = () => {} } = options
  return async (args, more = {}) => {
    const timer = setTimeout(() => waiting('waiting for 1Password approval'), patience)
    try {
      return await run('op', args, { env, deadline, ...more })
    } finally {
      clearTimeout(timer)
    }
  }
}
