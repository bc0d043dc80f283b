import type { Made } from '../engine/step.ts'
import { Failure } from '../failure.ts'
import type { Cluster } from '../kubernetes/cluster.ts'
import type { KubernetesObject } from '../kubernetes/object.ts'
import { fieldOwners } from '../kubernetes/owners.ts'
import { secrets } from '../kubernetes/resources.ts'
import { settled } from '../kubernetes/settled.ts'
import type { Secret } from '../secret.ts'

const us = 'eso-bootstrap'
const label = 'app.kubernetes.io/managed-by'

interface Place {
  namespace: string
  name: string
  key: string
  /** Set with the value, and gone with the next value that is written without them. */
  annotations?: Readonly<Record<string, string>>
}

/**
 * Puts a value under one key of a Secret by server-side apply, provided that there is still what was looked at. The undo gives
 * the key back to whom it was taken from. Throws a Failure, `changed-meanwhile` among others.
 */
export async function writeSecret(
  cluster: Cluster,
  looked: KubernetesObject | undefined,
  place: Place,
  value: Secret,
  force: boolean,
): Promise<Made> {
  const { name, namespace, key } = place
  const what = `Secret ${namespace}/${name}`
  const data = Buffer.from(value.reveal()).toString('base64')
  const now = () => cluster.get(secrets, name, namespace)
  const before = await now()
  if (before?.['data']?.[key] !== looked?.['data']?.[key]) throw changedMeanwhile(what)
  const wanted = ours(before, place, { ...valuesOf(before), [key]: data }, mayLabel(before), place.annotations)
  const holds = (found: KubernetesObject) => found['data']?.[key] === data && fieldOwners(found, ['data', key]).includes(us)
  const after = await settled(what, cluster.apply(secrets, wanted, { force }), now, holds)
  const undo = async () => {
    const found = await now()
    if (found === undefined || found.metadata.uid !== after.metadata.uid) return
    if (found['data']?.[key] !== data) throw changedMeanwhile(what)
    await takeBack(cluster, before, found, place)
  }
  return { says: `${what} ${before === undefined ? 'created' : 'written'}`, undo }
}

async function takeBack(cluster: Cluster, before: KubernetesObject | undefined, found: KubernetesObject, place: Place): Promise<void> {
  const { name, namespace, key } = place
  const { uid = '', resourceVersion = '' } = found.metadata
  if (before === undefined && Object.keys(found['data']).length === 1) {
    await cluster.delete(secrets, name, namespace, { uid, resourceVersion })
    return
  }
  const [owner] = before === undefined ? [] : fieldOwners(before, ['data', key]).filter((manager) => manager !== us)
  const previous = { metadata: { resourceVersion }, data: { [key]: before?.['data']?.[key] } }
  const latest = owner === undefined ? found : await cluster.merge(secrets, name, namespace, previous, { fieldManager: owner })
  await cluster.apply(secrets, asItWas(latest, place, before))
}

/** The Secret as we own it, without the annotations that were set with the value. Throws a Failure. */
export async function clearAnnotations(cluster: Cluster, place: Place): Promise<void> {
  const live = await cluster.get(secrets, place.name, place.namespace)
  if (live === undefined) throw changedMeanwhile(`Secret ${place.namespace}/${place.name}`)
  await cluster.apply(secrets, ours(live, place, valuesOf(live), isLabelled(live)))
}

/** What we owned of it before, applied anew. */
function asItWas(latest: KubernetesObject, place: Place, before: KubernetesObject | undefined): KubernetesObject {
  if (before === undefined) return ours(latest, place, {}, false)
  const annotations = Object.entries(before.metadata.annotations ?? {})
  const own = annotations.filter(([name]) => fieldOwners(before, ['metadata', 'annotations', name]).includes(us))
  return ours(latest, place, valuesOf(before), isLabelled(before), Object.fromEntries(own))
}

/** What is applied: server-side apply takes away what its manager owned and no longer names. */
function ours(
  live: KubernetesObject | undefined,
  { name, namespace }: Place,
  data: Record<string, string>,
  labelled: boolean,
  annotations: Readonly<Record<string, string>> = {},
) {
  const { resourceVersion } = live?.metadata ?? {}
  return {
    apiVersion: 'v1',
    kind: 'Secret',
    metadata: {
      name,
      namespace,
      ...(labelled && { labels: { [label]: us } }),
      ...(Object.keys(annotations).length > 0 && { annotations }),
      ...(resourceVersion !== undefined && { resourceVersion }),
    },
    ...((live === undefined || fieldOwners(live, ['type']).includes(us)) && { type: live?.['type'] ?? 'Opaque' }),
    ...(Object.keys(data).length > 0 && { data }),
  }
}

/** The keys that are ours already, as they are. */
function valuesOf(secret: KubernetesObject | undefined): Record<string, string> {
  const all = Object.entries<string>(secret?.['data'] ?? {})
  return Object.fromEntries(all.filter(([key]) => secret !== undefined && fieldOwners(secret, ['data', key]).includes(us)))
}

function isLabelled(secret: KubernetesObject): boolean {
  return fieldOwners(secret, ['metadata', 'labels', label]).includes(us)
}

/** Somebody else's word on who manages it stays. */
function mayLabel(secret: KubernetesObject | undefined): boolean {
  return secret?.metadata.labels?.[label] === undefined || secret.metadata.labels[label] === us
}

function changedMeanwhile(what: string): Failure {
  return new Failure({
    id: 'changed-meanwhile',
    exit: 'busy',
    what: `${what} was changed by somebody else while this was at work.`,
    fix: 'Run this again: it looks anew.',
  })
}
