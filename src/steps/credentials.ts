import type { Look, Step } from '../engine/step.ts'
import { Failure } from '../failure.ts'
import { deployments } from '../kubernetes/resources.ts'
import { consumerOf } from '../manifests/consumer.ts'
import { type Comparison, type Consumer, encodeCredentials, sameCredentials } from '../onepassword/encoding.ts'
import { lookAtSecret, type WantedKey } from './secret.ts'
import type { ClusterWorld } from './world.ts'

/** The Secret holds the credentials, in the encoding that its consumer reads. */
export const credentials: Step<ClusterWorld> = {
  id: 'credentials',
  title: 'the credentials Secret holds the credentials',
  look: (world) => lookAtCredentials(world),
}

/** Looks at the credentials' Secret; what is written into it gets these annotations as well. */
export async function lookAtCredentials(world: ClusterWorld, annotations?: WantedKey['annotations']): Promise<Look> {
  const [{ consumer, because, secret }, folder, given] = await Promise.all([consumerFor(world), world.folder(), world.credentials()])
  const { connect, namespace: home } = folder
  const encoding = consumer === 'environment' ? 'base64 text' : 'plain JSON'
  return lookAtSecret(world, {
    namespace: connect?.namespace ?? home,
    ...secret,
    value: given && encodeCredentials(given, consumer),
    same: (stored) => given !== undefined && isRight(sameCredentials(stored, given), consumer),
    flaw: (stored) => {
      const { same, encoding } = given === undefined ? { same: false, encoding: 'unknown' } : sameCredentials(stored, given)
      return same ? `it holds the same credentials as ${encoding}, which Connect cannot read here` : undefined
    },
    flag: '--credentials',
    notes: [`${encoding}, because ${because}`, ...(given?.notes ?? [])],
    ...(annotations && { annotations }),
  })
}

function isRight({ same, readableBy }: Comparison, consumer: Consumer): boolean {
  return same && readableBy === consumer
}

/** Who reads the Secret and how: the Deployment in the working tree, else the live one. */
async function consumerFor(world: ClusterWorld) {
  const { connect, namespace } = await world.folder()
  if (connect?.consumer !== undefined) return { consumer: connect.consumer, because: connect.because, secret: connect.credentials }
  const cluster = await world.cluster()
  const live = await cluster.get(deployments, connect?.name ?? 'onepassword-connect', connect?.namespace ?? namespace)
  const found = live && consumerOf(live)
  if (found !== undefined) return found
  throw new Failure({
    id: 'consumer-unknown',
    exit: 'blocked',
    what: 'How Connect reads its credentials could not be found, so the encoding of the Secret is unknown.',
    why: 'OP_SESSION from an environment variable wants base64 text, a mounted file wants plain JSON; the wrong one never works.',
    fix: 'Declare the Connect Deployment, or the HelmRelease of its chart, in the External Secrets folder.',
  })
}
