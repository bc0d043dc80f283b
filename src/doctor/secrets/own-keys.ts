import type { KubernetesObject } from '../../kubernetes/object.ts'
import { secrets } from '../../kubernetes/resources.ts'
import { keepHeapSmall } from '../../small-heap.ts'
import { everyExternalSecret } from '../../status/external-secrets.ts'
import { many, smallPage, someOf } from '../../steps/rotation/external-secrets.ts'
import type { ClusterCheck, Finding } from '../check.ts'
import type { DoctorWorld } from '../world.ts'
import { worst } from './worst.ts'

/** The operator labels with it what it owns: https://external-secrets.io/latest/guides/ownership-deletion-policy/#owner-default */
const owned = 'reconcile.external-secrets.io/created-by'

export const secretsOwnKeys: ClusterCheck = {
  id: 'secrets-own-keys',
  category: 'secrets',
  title: 'a Secret that an ExternalSecret owns holds nothing that somebody else put there',
  severity: 'warning',
  needs: ['crds-served'],
  page: {
    symptom:
      'A key that was added by hand, by Helm or by Flux is gone after some time; or a value that was mended by hand is the old one again.',
    cause:
      'With creationPolicy Owner, the default, and with Orphan, the operator empties the Secret at each sync and puts in what the ExternalSecret names. What others put there stays only as long as nothing is synchronised.',
    fix: 'Put such keys into a Secret of their own, or into the item in 1Password. With creationPolicy Merge the operator leaves the keys of others alone, but then somebody else has to make the Secret.',
    sources: [
      'https://external-secrets.io/latest/guides/ownership-deletion-policy/',
      'https://github.com/external-secrets/external-secrets/blob/v0.20.4/pkg/controllers/externalsecret/externalsecret_controller_template.go',
      'https://github.com/external-secrets/external-secrets/issues/2416',
    ],
  },
  looksAt: 'cluster',
  async look(world) {
    const suspects = await suspectsIn(world)
    const found = worst({ name: 'Secrets', why: 'They hold keys of others, too.', fix: `kubectl get secrets -A -l ${owned}` })
    if (suspects.size === 0) return []
    for await (const { object } of everyExternalSecret(world.live)) {
      const { namespace, name } = object.metadata
      const given = keysGivenBy(object)
      for (const { secret, strange } of suspects.get(`${namespace}/${name}`) ?? []) {
        const left = strange.filter(({ key }) => given?.has(key) === false)
        if (left.length > 0 && targetOf(object) === secret) found.add(() => findingFor(object, secret, left))
      }
    }
    return found.findings()
  },
}

interface Strange {
  key: string
  manager: string
}

/** By the ExternalSecret that owns it: what a Secret holds that the operator has not written. */
async function suspectsIn({ cluster, signal }: DoctorWorld): Promise<Map<string, { secret: string; strange: Strange[] }[]>> {
  const suspects = new Map<string, { secret: string; strange: Strange[] }[]>()
  let seen = 0
  for await (const secret of cluster.list(secrets, { labelSelector: owned, metadataOnly: true, pageSize: smallPage, signal })) {
    if (++seen === many) keepHeapSmall()
    const { namespace, name, ownerReferences = [] } = secret.metadata
    const owner = ownerReferences.find(({ kind, controller }) => controller && kind === 'ExternalSecret')
    const strange = owner === undefined ? [] : keysOfOthers(secret)
    if (owner === undefined || strange.length === 0) continue
    const key = `${namespace}/${owner.name}`
    suspects.set(key, [...(suspects.get(key) ?? []), { secret: name, strange }])
  }
  return suspects
}

/** Undefined where it is not told in the ExternalSecret: what had the same value before belongs to who wrote it first. */
function keysGivenBy(object: KubernetesObject): Set<string> | undefined {
  const { data = [], dataFrom = [], target } = object['spec'] ?? {}
  const { data: rendered = {}, templateFrom = [], mergePolicy } = target?.template ?? {}
  if (dataFrom.length > 0 || templateFrom.length > 0) return undefined
  const fetched = (data as { secretKey: string }[]).map(({ secretKey }) => secretKey)
  const templated = Object.keys(rendered)
  return new Set(templated.length > 0 && mergePolicy !== 'Merge' ? templated : [...fetched, ...templated])
}

/** The Secret that the operator empties before it writes. */
function targetOf({ spec, metadata }: KubernetesObject): string | undefined {
  const { name = metadata.name, creationPolicy = 'Owner' } = spec?.target ?? {}
  return creationPolicy === 'Owner' ? name : undefined
}

function findingFor({ metadata: { namespace, name } }: KubernetesObject, secret: string, strange: readonly Strange[]): Finding {
  const keys = someOf({ count: strange.length, names: strange.slice(0, 3).map(({ key }) => key) })
  const from = [...new Set(strange.map(({ manager }) => manager))].slice(0, 3).join(', ')
  return {
    about: `Secret ${namespace}/${secret}`,
    why: `It holds ${keys}, which ${from} put there. The ExternalSecret ${name} owns the Secret and doesn't name it: the next sync takes it away.`,
    fix: [
      'Put it into a Secret of its own, or into the item that the ExternalSecret reads',
      `kubectl get externalsecret ${name} -n ${namespace} -o yaml`,
    ],
  }
}

/** Keys that have an owner, and not the operator. Format: https://kubernetes.io/docs/reference/using-api/server-side-apply/#field-management */
function keysOfOthers({ metadata: { managedFields = [] } }: KubernetesObject): Strange[] {
  const all = managedFields.flatMap(({ manager, fieldsV1 }) =>
    Object.keys(fieldsV1['f:data'] ?? {})
      .filter((field) => field.startsWith('f:'))
      .map((field) => ({ key: field.slice(2), manager })),
  )
  const own = new Set(all.filter(({ manager }) => isOperator(manager)).map(({ key }) => key))
  return all.filter(({ key }) => !own.has(key))
}

/** It writes as `externalsecrets.external-secrets.io/` and the name, or a digest of it. */
function isOperator(manager: string): boolean {
  return manager === 'external-secrets' || manager.startsWith('externalsecrets.external-secrets.io/')
}
