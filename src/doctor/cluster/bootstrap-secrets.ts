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
  const [folder, stores, deployments] = await Promise.all([
    places.folder().catch(unread),
    knownStores(live).catch(refusal),
    live.deployments().catch(refusal),
  ])
  const unseen = [
    ...(stores instanceof Failure ? [{ notSeen: 'the Secrets that stores name', why: stores.message }] : []),
    ...(deployments instanceof Failure ? [{ notSeen: 'the Secrets that Connect reads', why: deployments.message }] : []),
  ]
  const ofConnect = (deployments instanceof Failure ? [] : deployments).filter((each) => runsConnect(each)).flatMap(credentialsOf)
  const { connect, namespace = '', stores: declared = [] } = folder ?? {}
  const ofFiles = [
    ...(connect === undefined ? [] : [{ namespace: connect.namespace ?? namespace, name: connect.credentials.name }]),
    ...declared.map(({ token, namespace: own }) => ({ namespace: token.namespace ?? own ?? namespace, name: token.name })),
  ]
  const all: Place[] = [...ofConnect, ...(stores instanceof Failure ? [] : stores).map(tokenOf), ...ofFiles]
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

function refusal(error: unknown): Failure {
  if (error instanceof Failure) return error
  throw error
}
