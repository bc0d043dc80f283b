import { Failure } from '../failure.ts'
import type { Access } from '../kubernetes/cluster.ts'
import type { ClusterWorld } from './world.ts'

/** What watching an object takes: it is read, then its changes are followed from a list that holds nothing else. */
export function toWatch(object: Omit<Access, 'verb'>): Access[] {
  return (['get', 'list', 'watch'] as const).map((verb) => ({ verb, ...object }))
}

/** Asks the API server, all at once, for what the plan will need. Throws a Failure that names each permission that is missing. */
export async function checkAccess(world: Pick<ClusterWorld, 'cluster'>, needs: readonly unknown[]): Promise<void> {
  const wanted = [...new Map((needs as Access[]).map((need) => [JSON.stringify(need), need])).values()]
  if (wanted.length === 0) return
  const forbidden = await (await world.cluster()).forbidden(wanted)
  if (forbidden.length === 0) return
  const places = new Set(forbidden.map(({ namespace }) => (namespace === undefined ? '' : ` -n ${namespace}`)))
  throw new Failure({
    id: 'permission-missing',
    exit: 'refused',
    what: `This user may not ${grouped(forbidden).join('; ')}.`,
    why: 'All permissions are checked before anything is written; nothing was changed.',
    fix: [
      'Let somebody grant them, or choose another context. What this user may do:',
      ...[...places].map((place) => `kubectl auth can-i --list${place}`),
    ],
  })
}

/** The verbs of each resource in one place: `create, patch and delete secrets in external-secrets`. */
function grouped(forbidden: readonly Access[]): string[] {
  const verbs = new Map<string, Set<string>>()
  for (const { verb, group, resource, namespace } of forbidden) {
    const what = `${group === '' ? resource : `${resource}.${group}`} ${namespace === undefined ? 'in the cluster' : `in ${namespace}`}`
    verbs.set(what, (verbs.get(what) ?? new Set()).add(verb))
  }
  return [...verbs].map(([what, some]) => `${[...some].join(', ').replace(/, (?=\w+$)/, ' or ')} ${what}`)
}
