import { Failure } from '../failure.ts'
import type { KubernetesObject } from './object.ts'

/** After these a write may have arrived all the same: only its answer is missing, or isn't the API server's own. */
const open = new Set(['server-timeout', 'server-unreachable', 'server-error', 'not-an-api-server'])

export function leavesOpen({ id }: Failure): boolean {
  return open.has(id)
}

/**
 * A write whose answer got lost: it is looked for, and counts as done if it is there. Throws the write's own Failure if it
 * isn't, and `outcome-unknown` if the API server can't be asked any more.
 */
export async function settled(
  what: string,
  write: Promise<KubernetesObject>,
  look: () => Promise<KubernetesObject | undefined>,
  hasArrived: (found: KubernetesObject) => boolean,
): Promise<KubernetesObject> {
  try {
    return await write
  } catch (error) {
    if (!(error instanceof Failure) || !leavesOpen(error)) throw error
    const found = await look().catch(() => {
      throw outcomeUnknown(what, error)
    })
    if (found === undefined || !hasArrived(found)) throw error
    return found
  }
}

export function outcomeUnknown(what: string, error: Failure): Failure {
  return new Failure({
    id: 'outcome-unknown',
    exit: 'partly',
    what: `Whether ${what} was written is not known: the API server stopped answering.`,
    why: error.message,
    fix: 'Run the same command again once it answers: it sees what stands and goes on.',
  })
}
