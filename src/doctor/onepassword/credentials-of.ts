import { Failure } from '../../failure.ts'
import type { KubernetesObject } from '../../kubernetes/object.ts'
import { secrets } from '../../kubernetes/resources.ts'
import { consumerOf } from '../../manifests/consumer.ts'
import type { Consumer } from '../../onepassword/encoding.ts'
import type { Secret } from '../../secret.ts'
import { storedValue } from '../../steps/secret.ts'
import type { Place } from '../../steps/secret-ours.ts'
import { ownerOf } from '../../steps/secret-owner.ts'
import { shared } from '../shared.ts'
import type { DoctorWorld } from '../world.ts'
import { connectDeployments } from './told.ts'

/** The Secret that a Connect reads its credentials from, and how. */
export interface HeldCredentials {
  place: Place
  /** `Secret external-secrets/onepassword-connect-secret` */
  says: string
  /** Undefined where neither Deployment nor files tell. */
  consumer?: Consumer
  because?: string
  /** The Deployment that runs; undefined where only files tell of it. */
  deployment?: { name: string; namespace: string }
  exists: boolean
  /** Nobody writes over it, and it can be changed. */
  isOurs: boolean
  /** What stands under the key. */
  value?: Secret
}

/** Of every Connect that runs here, or else of the one that the files declare. Throws a Failure where neither is known, or a Secret can't be read. */
export const heldCredentials = shared(async (world: DoctorWorld): Promise<HeldCredentials[]> => {
  const running = (await connectDeployments(world)).flatMap((deployment) => {
    const { name, namespace = '' } = deployment.metadata
    const found = consumerOf(deployment)
    return found === undefined ? [] : [{ ...found, namespace, deployment: { name, namespace } }]
  })
  const all = running.length > 0 ? running : await ofFiles(world)
  return Promise.all(
    all.map(async ({ secret, namespace, ...how }) => {
      const object = await world.cluster.get(secrets, secret.name, namespace, world.signal)
      const value = storedValue(object, secret.key)
      const place = { ...secret, namespace }
      return {
        ...how,
        place,
        says: `Secret ${namespace}/${secret.name}`,
        exists: object !== undefined,
        isOurs: isOurs(object),
        ...(value && { value }),
      }
    }),
  )
})

function isOurs(secret: KubernetesObject | undefined): boolean {
  return secret !== undefined && secret['immutable'] !== true && ownerOf(secret) === undefined
}

async function ofFiles({ places }: DoctorWorld) {
  const folder = await places.folder()
  if (folder?.connect === undefined) {
    throw new Failure({ id: 'connect-unknown', exit: 'blocked', what: 'Which Secret Connect reads is told by no Deployment and no file.' })
  }
  const { credentials, consumer, because, namespace = folder.namespace } = folder.connect
  return [{ secret: credentials, namespace, because, ...(consumer && { consumer }) }]
}
