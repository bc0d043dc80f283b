import { Failure } from '../../failure.ts'
import type { KubernetesObject } from '../../kubernetes/object.ts'
import { consumerOf, runsConnect } from '../../manifests/consumer.ts'
import { knownStores, tokenOf } from '../../status/world.ts'
import type { NotSeen } from '../check.ts'
import type { DoctorWorld } from '../world.ts'

/** A Secret, by its name. */
export interface Place {
  namespace: string
  name: string
}

/** Those that live stores and a running Connect read, and those that the files name; and what can't be read of these. */
export async function bootstrapSecrets({ live, places }: DoctorWorld): Promise<{ named: Place[]; unseen: NotSeen[] }> {
  const unseen: NotSeen[] = []
  const without = (notSeen: string) => (error: unknown) => {
    unread(error)
    unseen.push({ notSeen, why: (error as Failure).message })
    return undefined
  }
  const [folder, stores, deployments] = await Promise.all([
    places.folder().catch(unread),
    knownStores(live).catch(without('the Secrets that stores name')),
    live.deployments().catch(without('the Secrets that Connect reads')),
  ])
  const ofConnect = (deployments ?? []).filter((each) => runsConnect(each)).flatMap(credentialsOf)
  const { connect, namespace = '', stores: declared = [] } = folder ?? {}
  const ofFiles = [
    ...(connect === undefined ? [] : [{ namespace: connect.namespace ?? namespace, name: connect.credentials.name }]),
    ...declared.map(({ token, namespace: own }) => ({ namespace: token.namespace ?? own ?? namespace, name: token.name })),
  ]
  const all: Place[] = [...ofConnect, ...(stores ?? []).map(tokenOf), ...ofFiles]
  const named = [...new Map(all.map(({ namespace, name }) => [`${namespace}/${name}`, { namespace, name }])).values()].filter(
    ({ name }) => name !== '',
  )
  return { named, unseen }
}

/** Containers that disagree on it are told by credentials-encoding. */
function credentialsOf(deployment: KubernetesObject): Place[] {
  try {
    const name = consumerOf(deployment)?.secret.name
    return name === undefined ? [] : [{ namespace: deployment.metadata.namespace ?? '', name }]
  } catch (error) {
    return unread(error) ?? []
  }
}

function unread(error: unknown): undefined {
  if (!(error instanceof Failure)) throw error
}
