import { Failure } from '../failure.ts'
import { sendJson } from './json.ts'
import type { Resource } from './object.ts'
import type { Transport } from './transport.ts'

export interface Discovery {
  /** The versions served for a group, or for one kind of it, the preferred one first. */
  served(group: string, kind?: string): Promise<string[]>
  resource(group: string, kind: string, version?: string): Promise<Resource | undefined>
}

/**
 * Which groups, versions and kinds the API server serves. Answers are kept, but a kind that isn't found is asked for
 * anew every time, because CRDs arrive while we wait for them. https://kubernetes.io/docs/concepts/overview/kubernetes-api/#discovery-api
 */
export function discover(transport: Transport): Discovery {
  const kept = new Map<string, Promise<unknown>>()

  /** What `pick` finds in the document at this path, from what is kept or else fresh. */
  async function find<T>(path: string, pick: (document: unknown) => T | undefined): Promise<T | undefined> {
    const old = kept.get(path)
    const found = old === undefined ? undefined : pick(await old.catch(() => undefined))
    if (found !== undefined) return found
    const fresh = read(path)
    kept.set(path, fresh)
    try {
      return pick(await fresh)
    } catch (error) {
      kept.delete(path)
      throw error
    }
  }

  async function read(path: string): Promise<unknown> {
    try {
      return await sendJson(transport, { method: 'GET', path, verb: 'get', resource: path })
    } catch (error) {
      if (error instanceof Failure && error.id === 'not-found') return undefined
      throw error
    }
  }

  /** A group that was looked at between two of its CRDs may serve more versions by now. */
  async function anew<T>(group: string, look: (versions: string[]) => Promise<T | undefined>): Promise<T | undefined> {
    const known = await versions(group)
    const found = await look(known)
    if (found !== undefined || group === '') return found
    kept.delete(`/apis/${group}`)
    const now = await versions(group)
    const added = now.filter((each) => !known.includes(each))
    return added.length === 0 ? undefined : look(added)
  }

  async function versions(group: string): Promise<string[]> {
    if (group === '') return ['v1']
    const found = await find(`/apis/${group}`, (document) => {
      const { versions = [], preferredVersion } = (document ?? {}) as ApiGroup
      const names = versions.map((each) => each.version)
      const first = preferredVersion?.version
      return names.length === 0 ? undefined : [...names].sort((a, b) => Number(b === first) - Number(a === first))
    })
    return found ?? []
  }

  function kindAt(group: string, version: string, kind: string): Promise<Resource | undefined> {
    const path = group === '' ? `/api/${version}` : `/apis/${group}/${version}`
    return find(path, (document) => {
      const { resources = [] } = (document ?? {}) as ApiResourceList
      const found = resources.find((each) => each.kind === kind && !each.name.includes('/'))
      return found && { group, version, plural: found.name, kind, namespaced: found.namespaced }
    })
  }

  async function withKind(group: string, kind: string, wanted: string[]): Promise<Resource[]> {
    const found = await Promise.all(wanted.map((version) => kindAt(group, version, kind)))
    return found.filter((each) => each !== undefined)
  }

  return {
    async served(group, kind) {
      if (kind === undefined) return versions(group)
      const found = await anew(group, async (all) => {
        const resources = await withKind(group, kind, all)
        return resources.length === 0 ? undefined : resources
      })
      return (found ?? []).map((each) => each.version)
    },
    async resource(group, kind, version) {
      if (version !== undefined) return kindAt(group, version, kind)
      return anew(group, async (all) => {
        for (const each of all) {
          const found = await kindAt(group, each, kind)
          if (found !== undefined) return found
        }
        return undefined
      })
    },
  }
}

interface ApiGroup {
  versions?: { version: string }[]
  preferredVersion?: { version: string }
}

interface ApiResourceList {
  resources?: { name: string; kind: string; namespaced: boolean }[]
}
