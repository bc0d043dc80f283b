import type { Made } from '../engine/step.ts'
import { Failure } from '../failure.ts'
import type { Cluster } from '../kubernetes/cluster.ts'
import { insist } from '../kubernetes/insist.ts'
import type { KubernetesObject } from '../kubernetes/object.ts'
import { secrets } from '../kubernetes/resources.ts'
import { settled } from '../kubernetes/settled.ts'
import { Secret } from '../secret.ts'
import { asItWas, holdsOurs, otherOwner, type Place, withoutAnnotations, withValue } from './secret-ours.ts'

type Found = KubernetesObject | undefined

/**
 * Puts a value under one key of a Secret by server-side apply, provided that there is still what was looked at. The undo gives
 * the key back to whom it was taken from. Throws a Failure, `changed-meanwhile` and `outcome-unknown` among others.
 */
export async function writeSecret(cluster: Cluster, looked: Found, place: Place, value: Secret, force: boolean): Promise<Made> {
  const { name, namespace, key } = place
  const what = nameOf(place)
  const data = encoded(value)
  const now = () => cluster.get(secrets, name, namespace)
  const holds = (found: Found) => holdsOurs(found, place, data)
  const write = (found: Found) => cluster.apply(secrets, withValue(found, place, data), { force })
  const before = await now()
  if (before?.['data']?.[key] !== looked?.['data']?.[key]) throw changedMeanwhile(what)
  // One that isn't there has no resourceVersion, so that its creation can't be sent again.
  const after =
    before === undefined
      ? await settled(what, write(before), now, holds)
      : await insist(what, { look: () => now().then((found) => requireEither(found, before, place, data)), isThere: holds, write })
  const undo = async () => void (await (before === undefined ? unmake(cluster, after, place, data) : putBack(cluster, before, place, data)))
  return { says: `${what} ${before === undefined ? 'created' : 'written'}`, undo }
}

/** Takes away an annotation that was set with a value, as long as the Secret still holds that. Throws a Failure. */
export async function clearAnnotation(
  cluster: Cluster,
  place: Omit<Place, 'annotations'>,
  { annotation, isNew }: { annotation: string; isNew(stored: Secret): boolean },
): Promise<void> {
  const { name, namespace, key } = place
  await insist(nameOf(place), {
    async look() {
      const found = await cluster.get(secrets, name, namespace)
      const encoded: string | undefined = found?.['data']?.[key]
      if (encoded === undefined || !isNew(decoded(encoded))) throw changedMeanwhile(nameOf(place))
      return found
    },
    isThere: (found) => found?.metadata.annotations?.[annotation] === undefined,
    write: (found) => cluster.apply(secrets, withoutAnnotations(found, place)),
  })
}

/** The value that was there before, its owner, and what stood beside it. */
function putBack(cluster: Cluster, before: KubernetesObject, place: Place, data: string): Promise<Found> {
  const { name, namespace, key, annotations = {} } = place
  const old: string | undefined = before['data']?.[key]
  const isValueBack = (found: Found) => found?.['data']?.[key] === old
  return insist(nameOf(place), {
    look: () => cluster.get(secrets, name, namespace).then((found) => requireEither(found, before, place, data)),
    isThere: (found) =>
      isValueBack(found) &&
      Object.keys(annotations).every((each) => found?.metadata.annotations?.[each] === before.metadata.annotations?.[each]),
    async write(found) {
      const owner = isValueBack(found) ? undefined : otherOwner(before, place)
      const previous = { metadata: { resourceVersion: found?.metadata.resourceVersion }, data: { [key]: old } }
      const latest = owner === undefined ? found : await cluster.merge(secrets, name, namespace, previous, { fieldManager: owner })
      return cluster.apply(secrets, asItWas(latest, place, before))
    },
  })
}

/** What was created here goes, or the one key of it if others have added theirs. */
function unmake(cluster: Cluster, made: Found, place: Place, data: string): Promise<Found> {
  const { name, namespace, key } = place
  return insist(nameOf(place), {
    async look() {
      const found = await cluster.get(secrets, name, namespace)
      if (found?.metadata.uid !== made?.metadata.uid) return undefined
      const held: string | undefined = found?.['data']?.[key]
      if (held !== undefined && held !== data) throw changedMeanwhile(nameOf(place))
      return found
    },
    isThere: (found) => found?.['data']?.[key] === undefined,
    async write(found) {
      const { uid = '', resourceVersion = '' } = found?.metadata ?? {}
      if (Object.keys(found?.['data'] ?? {}).length > 1) return cluster.apply(secrets, asItWas(found, place, undefined))
      await cluster.delete(secrets, name, namespace, { uid, resourceVersion })
      return undefined
    },
  })
}

/** It is still the same Secret, and holds what it held before or what we put in: else somebody else is at work on it. */
function requireEither(found: Found, before: KubernetesObject, place: Place, data: string): Found {
  const held: string | undefined = found?.['data']?.[place.key]
  const isSame = found?.metadata.uid === before.metadata.uid && (held === before['data']?.[place.key] || held === data)
  if (!isSame) throw changedMeanwhile(nameOf(place))
  return found
}

function encoded(value: Secret): string {
  return Buffer.from(value.reveal()).toString('base64')
}

function decoded(data: string): Secret {
  return new Secret(Buffer.from(data, 'base64').toString('utf8'))
}

function nameOf({ namespace, name }: Place): string {
  return `Secret ${namespace}/${name}`
}

export function changedMeanwhile(what: string): Failure {
  return new Failure({
    id: 'changed-meanwhile',
    exit: 'busy',
    what: `${what} was changed by somebody else while this was at work.`,
    fix: 'Run this again: it looks anew.',
  })
}
