import type { Rule } from '../../src/sandbox/api/access.ts'
import type { RequestRecord } from '../../src/sandbox/api/requests.ts'

/** `get secrets in external-secrets` */
export const words = (verb: string, group: string | undefined, resource: string | undefined, namespace?: string) =>
  `${verb} ${[resource, group].filter(Boolean).join('.')} ${namespace === undefined ? 'everywhere' : `in ${namespace}`}`

export const granted = (rules: Rule[]) =>
  rules.flatMap(({ verbs, apiGroups = [], resources = [], namespaces }) =>
    verbs.map((verb) => words(verb, apiGroups[0], resources[0], namespaces?.[0])),
  )

/** A request for an object or a list of them; undefined for what everybody may do. */
export function wordsOf({ verb, resource, path }: RequestRecord): string | undefined {
  const [, group, namespace] = /^\/(?:api|apis\/([^/]+))\/v\w+(?:\/namespaces\/([^/]+)\/.+)?/.exec(path) ?? []
  const isForAll = group === 'authorization.k8s.io' || resource === ''
  return isForAll ? undefined : words(verb, group, resource, namespace)
}
