import { Failure } from '../../failure.ts'
import type { Cluster } from '../../kubernetes/cluster.ts'
import { all } from '../../kubernetes/collect.ts'
import { deployments } from '../../kubernetes/resources.ts'
import { consumerOf, runsConnect } from '../../manifests/consumer.ts'
import { plain } from '../../text/plain.ts'
import type { Installation } from '../world.ts'
import { nameOf, type Store } from './bridge.ts'

/**
 * The Deployment of Connect behind these stores' `connectHost`, and how it reads its credentials. Throws a Failure where it
 * isn't clear which one that is, or it reads no Secret.
 */
export async function liveConnect(cluster: Cluster, stores: readonly Store[]): Promise<NonNullable<Installation['connect']>> {
  const namespaces = new Set(stores.map(namespaceOf))
  const [namespace, ...more] = namespaces
  if (namespace === undefined || more.length > 0) throw elsewhere(stores)
  const running = (await all(cluster.list(deployments, { namespace }))).filter((each) => runsConnect(each))
  const [found] = running
  if (found === undefined || running.length > 1) throw unclear(namespace, running.length)
  const consumer = consumerOf(found)
  if (consumer === undefined) throw readsNoSecret(namespace, found.metadata.name)
  return {
    kind: 'Deployment',
    name: found.metadata.name,
    namespace,
    consumer: consumer.consumer,
    because: consumer.because,
    credentials: consumer.secret,
  }
}

/** `http://connect.namespace.svc:8080`: the namespace of the Service; a bare name is one of the store's own. */
function namespaceOf(store: Store): string | undefined {
  const [, namespace, kind] = URL.canParse(store.connectHost) ? new URL(store.connectHost).hostname.split('.') : []
  if (namespace === undefined) return store.namespace
  return kind === undefined || kind === 'svc' ? namespace : undefined
}

function elsewhere(stores: readonly Store[]): Failure {
  return new Failure({
    id: 'connect-elsewhere',
    exit: 'blocked',
    what: 'Connect does not run in this cluster, or not in one namespace, so its credentials can not be rotated from here.',
    why: stores.map((each) => `${nameOf(each)} reads ${plain(each.connectHost)}`).join(', '),
    fix: ['Give Connect the new credentials where it runs, then:', 'eso-bootstrap rotate-token --token <source>'],
  })
}

function unclear(namespace: string, count: number): Failure {
  return new Failure({
    id: 'connect-unclear',
    exit: 'blocked',
    what:
      count === 0
        ? `No Deployment in ${namespace} runs 1Password Connect.`
        : `${count} Deployments in ${namespace} run 1Password Connect, so it is not clear which credentials are meant.`,
    fix: [`kubectl get deployments -n ${namespace} -o wide`, 'eso-bootstrap init   (sets it up)'],
  })
}

function readsNoSecret(namespace: string, name: string): Failure {
  return new Failure({
    id: 'consumer-unknown',
    exit: 'blocked',
    what: `The Deployment ${namespace}/${name} reads its credentials from no Secret.`,
    why: 'OP_SESSION from an environment variable wants base64 text, a mounted file wants plain JSON; the wrong one never works.',
    fix: `kubectl get deployment ${name} -n ${namespace} -o yaml`,
  })
}
