import type { KubernetesObject } from '../../kubernetes/object.ts'
import { is, kinds } from '../kinds.ts'
import type { Store } from '../store.ts'
import { hasEndpoints } from '../workloads/network.ts'
import { onePasswordOf } from './provider.ts'

interface Hook {
  name: string
  clientConfig: { service: { name: string; namespace: string; path: string } }
  rules: { apiGroups: string[]; apiVersions: string[]; resources: string[] }[]
}

/**
 * Asks ESO's validating webhook, if one is registered for this object: refused while nothing serves it, and for what it knows
 * to be wrong (https://github.com/external-secrets/external-secrets/blob/main/runtime/esutils/utils.go). Throws an Error with the API server's text.
 */
export function checkWebhooks(store: Store, object: KubernetesObject): void {
  if (!is(object, kinds.clusterSecretStore, kinds.secretStore, kinds.externalSecret)) return
  const plural = `${object.kind.toLowerCase()}s`
  const version = object.apiVersion.split('/')[1] ?? ''
  const hooks: Hook[] = store.list(kinds.webhook).flatMap((each) => each['webhooks'] ?? [])
  const hook = hooks.find(({ rules }) => rules.some((each) => each.apiVersions.includes(version) && each.resources.includes(plural)))
  if (!hook) return
  const { name, namespace, path } = hook.clientConfig.service
  if (!hasEndpoints(store, namespace, name)) {
    const url = `https://${name}.${namespace}.svc:443${path}?timeout=5s`
    const why = `failed to call webhook: Post "${url}": dial tcp 10.96.0.90:443: connect: connection refused`
    throw Object.assign(new Error(`Internal error occurred: failed calling webhook "${hook.name}": ${why}`), {
      body: { reason: 'InternalError' },
    })
  }
  const refusal = object.kind === 'ExternalSecret' ? undefined : refusalOf(object)
  if (refusal === undefined) return
  throw Object.assign(new Error(`admission webhook "${hook.name}" denied the request: ${refusal}`), { body: { reason: 'Forbidden' } })
}

function refusalOf(object: KubernetesObject): string | undefined {
  const provider = onePasswordOf(object)
  if (!provider) return undefined
  const wrong = (why: string) => `received invalid 1Password SecretStore resource: ${why}`
  const reference = provider.auth.secretRef.connectTokenSecretRef
  if (!reference.name) return wrong('missing required field: auth.secretRef.connectTokenSecretRef.name')
  if (!reference.key) return wrong('missing required field: auth.secretRef.connectTokenSecretRef.key')
  if (object.kind === 'ClusterSecretStore' && reference.namespace === undefined) return wrong('cluster scope requires namespace')
  if (object.kind === 'SecretStore' && ![undefined, object.metadata.namespace].includes(reference.namespace)) {
    return wrong('namespace should either be empty or match the namespace of the SecretStore for a namespaced SecretStore')
  }
  const orders = Object.values(provider.vaults)
  if (orders.length === 0) return wrong('must be at least one vault')
  if (new Set(orders).size < orders.length) return wrong('vault order numbers must be unique')
  return undefined
}
