import { atMost } from '../at-most.ts'
import type { Environment } from '../child.ts'
import { Failure } from '../failure.ts'
import type { Access, Cluster, WriteOptions } from './cluster.ts'
import { credentialsOf } from './credentials.ts'
import { discover } from './discovery.ts'
import { sendJson } from './json.ts'
import { loadKubeconfig } from './kubeconfig.ts'
import { pages } from './list.ts'
import { callOf, pathOf, query } from './path.ts'
import { openTransport, type Request, type Transport } from './transport.ts'
import { watch } from './watch.ts'

export interface ConnectOptions {
  kubeconfig?: string | undefined
  context?: string | undefined
  env: Environment
  home: string
  /** Milliseconds for one call with its retries. */
  timeout: number
  /** Milliseconds for signing in by a plugin, which may open a browser; 60 seconds unless told. */
  execDeadline?: number
}

const fieldManager = 'eso-bootstrap'

/**
 * Chooses a cluster by the kubeconfig and gives the way to speak to it; the first call goes out when it is used.
 * Throws what loadKubeconfig throws. Every call throws a Failure when it isn't answered as it should be (src/upstream),
 * and the signal's reason when it was aborted.
 */
export async function connect(at: ConnectOptions): Promise<Cluster> {
  const config = await loadKubeconfig(at)
  const server = config.getCurrentCluster()?.server ?? ''
  const credentials = credentialsOf(config, { env: at.env, execDeadline: at.execDeadline ?? 60_000 })
  const transport = openTransport({ context: config.getCurrentContext(), server }, credentials, at.timeout)
  return { ...clusterOver(transport), kubeconfig: at.kubeconfig ?? at.env['KUBECONFIG'] }
}

function clusterOver(transport: Transport): Cluster {
  const discovery = discover(transport)
  const json = (request: Request) => sendJson(transport, request)

  const write = (verb: string, method: 'POST' | 'PATCH', contentType: string): Write => {
    return (resource, namespace, name, body, options = {}) => {
      const parameters = {
        fieldManager: options.fieldManager ?? fieldManager,
        force: options.force,
        dryRun: options.dryRun ? 'All' : undefined,
      }
      return json({
        ...callOf(verb, resource, namespace, name ?? (body as { metadata?: { name?: string } }).metadata?.name),
        method,
        path: pathOf(resource, namespace, name) + query(parameters),
        contentType,
        body: JSON.stringify(body),
        signal: options.signal,
      })
    }
  }
  const post = write('create', 'POST', 'application/json')
  const apply = write('patch', 'PATCH', 'application/apply-patch+yaml')
  const merge = write('patch', 'PATCH', 'application/merge-patch+json')

  return {
    context: transport.context,
    server: transport.server,
    ...discovery,
    close: transport.close,
    async version(signal) {
      const { gitVersion } = await json({ method: 'GET', path: '/version', verb: 'get', resource: '/version', signal })
      return String(gitVersion)
    },
    async get(resource, name, namespace, signal) {
      const call = callOf('get', resource, namespace, name)
      return unlessNotFound(json({ ...call, method: 'GET', path: pathOf(resource, namespace, name), signal }))
    },
    async *list(resource, options = {}) {
      for await (const page of pages(transport, resource, options)) yield* page.items
    },
    apply: (resource, object, options) => apply(resource, object.metadata.namespace, object.metadata.name, object, options),
    create: (resource, object, options) => post(resource, object.metadata.namespace, undefined, object, options),
    merge: (resource, name, namespace, patch, options) => merge(resource, namespace, name, patch, options),
    async delete(resource, name, namespace, preconditions) {
      const deleted = await unlessNotFound(
        json({
          ...callOf('delete', resource, namespace, name),
          method: 'DELETE',
          path: pathOf(resource, namespace, name),
          contentType: 'application/json',
          body: JSON.stringify({ apiVersion: 'v1', kind: 'DeleteOptions', propagationPolicy: 'Background', preconditions }),
        }),
      )
      return deleted !== undefined
    },
    watch: (resource, options, signal) => watch(transport, resource, options, signal),
    async forbidden(reviews) {
      // A connection costs more than an answer: a few of them, used again, are faster than one for each review.
      const few = atMost(6)
      const allowed = await Promise.all(reviews.map((review) => few(() => isAllowed(transport, review))))
      return reviews.filter((_, index) => !allowed[index])
    },
    async log(pod, lines) {
      const path = `/api/v1/namespaces/${encodeURIComponent(pod.namespace)}/pods/${encodeURIComponent(pod.name)}/log`
      const parameters = query({ container: pod.container, tailLines: lines, limitBytes: 65_536 })
      const call = { verb: 'get', resource: 'pods/log', namespace: pod.namespace, name: pod.name }
      return transport.send({ ...call, method: 'GET', path: path + parameters }).catch((error: unknown) => {
        if (error instanceof Failure) return undefined
        throw error
      })
    },
    async forward(pod, signal) {
      const { forwardPort } = await import('./port-forward.ts')
      return forwardPort(transport, pod, signal)
    },
  }
}

type Write = (
  resource: Parameters<Cluster['merge']>[0],
  namespace: string | undefined,
  name: string | undefined,
  body: object,
  options?: WriteOptions,
) => ReturnType<Cluster['merge']>

/** https://kubernetes.io/docs/reference/kubernetes-api/authorization-resources/self-subject-access-review-v1/ */
async function isAllowed(transport: Transport, access: Access): Promise<boolean> {
  const { status } = await sendJson(transport, {
    method: 'POST',
    path: '/apis/authorization.k8s.io/v1/selfsubjectaccessreviews',
    verb: 'create',
    resource: 'selfsubjectaccessreviews.authorization.k8s.io',
    contentType: 'application/json',
    body: JSON.stringify({ apiVersion: 'authorization.k8s.io/v1', kind: 'SelfSubjectAccessReview', spec: { resourceAttributes: access } }),
    reads: true,
  })
  return status?.allowed === true
}

async function unlessNotFound<T>(answer: Promise<T>): Promise<T | undefined> {
  try {
    return await answer
  } catch (error) {
    if (error instanceof Failure && error.id === 'not-found') return undefined
    throw error
  }
}
