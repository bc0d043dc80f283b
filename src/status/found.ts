import { Failure } from '../failure.ts'

export type Section = 'cluster' | 'repository' | 'flux' | 'operator' | 'connect' | 'stores' | 'tokens' | 'externalSecrets'

/** One thing that is wrong, with its cause as far as that is known. */
export interface Problem {
  /** Stable and kebab-case; the same cause has the same id wherever it shows. */
  id: string
  severity: 'broken' | 'warning'
  /** Whom it concerns: `ClusterSecretStore onepassword`. */
  about: string[]
  why: string
  /** The first command among them is what is shown. */
  fix: readonly string[]
}

/** What could not be looked at: nothing is known of it, neither good nor bad. */
export interface Unseen {
  section: Section
  id: string
  why: string
  fix: readonly string[]
  /** What the process ends with when nothing at all could be looked at. */
  exit: Failure['exit']
}

/** What a look at one section gives. Without facts it could not be looked at, and `unseen` says why. */
export interface Found<T> {
  facts?: T
  problems?: Problem[]
  unseen?: Unseen[]
}

/** Runs one look; a Failure in it leaves that section unseen, and the others go on. */
export async function look<T>(section: Section, read: () => Promise<Found<T>>): Promise<Found<T>> {
  try {
    return await read()
  } catch (error) {
    return { unseen: [unseen(section, error)] }
  }
}

/** Throws what isn't a Failure. */
export function unseen(section: Section, error: unknown): Unseen {
  if (!(error instanceof Failure)) throw error
  return { section, id: error.id, why: error.message, fix: error.fix, exit: error.exit }
}

/** The same cause told of several objects is one problem; what is broken comes last. */
export function merged(problems: readonly Problem[]): Problem[] {
  const byCause = new Map<string, Problem>()
  for (const problem of problems) {
    const key = [problem.severity, problem.id, problem.why].join('\n')
    const known = byCause.get(key)
    if (known === undefined) byCause.set(key, { ...problem, about: [...problem.about] })
    else known.about = [...new Set([...known.about, ...problem.about])]
  }
  return [...byCause.values()].toSorted((a, b) => Number(a.severity === 'broken') - Number(b.severity === 'broken'))
}
