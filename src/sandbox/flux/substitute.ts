import type { KubernetesObject } from '../../kubernetes/object.ts'
import { kinds } from '../kinds.ts'
import type { Store } from '../store.ts'

interface From {
  kind: 'Secret' | 'ConfigMap'
  name: string
  optional?: boolean
}

const off = 'kustomize.toolkit.fluxcd.io/substitute'

/**
 * Flux's variable substitution, strict as since kustomize-controller 1.9: a variable that has no value fails the build
 * (https://fluxcd.io/flux/components/kustomize/kustomizations/#post-build-variable-substitution). Throws an Error with its text.
 */
export function substitute(store: Store, kustomization: KubernetesObject, objects: readonly KubernetesObject[]): KubernetesObject[] {
  const { postBuild } = kustomization['spec']
  const variables = variablesOf(store, kustomization)
  if (!postBuild || variables.size === 0) return [...objects]
  return objects.map((object) => {
    const marks = { ...object.metadata.labels, ...object.metadata.annotations }
    return marks[off] === 'disabled' ? object : replaced(object, variables)
  })
}

function variablesOf(store: Store, kustomization: KubernetesObject): Map<string, string> {
  const { namespace } = kustomization.metadata
  const { substitute: inline = {}, substituteFrom = [] } = kustomization['spec'].postBuild ?? {}
  const variables = new Map<string, string>()
  for (const { kind, name, optional } of substituteFrom as From[]) {
    const found = store.get(kind === 'Secret' ? kinds.secret : kinds.configMap, namespace, name)
    if (!found && !optional) {
      const plural = kind === 'Secret' ? 'secrets' : 'configmaps'
      throw new Error(`substitute from '${kind}/${name}' error: ${plural} "${name}" not found`)
    }
    for (const [key, value] of Object.entries<string>(found?.['data'] ?? {})) {
      variables.set(key, (kind === 'Secret' ? Buffer.from(value, 'base64').toString() : value).replace(/\n$/, ''))
    }
  }
  for (const [key, value] of Object.entries(inline)) variables.set(key, String(value))
  return variables
}

// biome-ignore lint/suspicious/noExplicitAny: any part of any manifest
function replaced(value: any, variables: ReadonlyMap<string, string>): any {
  if (typeof value === 'string') return expand(value, variables)
  if (Array.isArray(value)) return value.map((each) => replaced(each, variables))
  if (typeof value !== 'object' || value === null) return value
  return Object.fromEntries(Object.entries(value).map(([key, each]) => [expand(key, variables), replaced(each, variables)]))
}

function expand(text: string, variables: ReadonlyMap<string, string>): string {
  return text.replace(/\$\$|\$\{([A-Za-z_]\w*)(?::?[=-]([^}]*))?\}/g, (whole, name?: string, otherwise?: string) => {
    if (name === undefined) return whole === '$$' ? '$' : whole
    const value = variables.get(name) ?? otherwise
    if (value === undefined) throw new Error(`envsubst error: variable substitution failed: variable not set (strict mode): "${name}"`)
    return value
  })
}
