import { setTimeout as sleep } from 'node:timers/promises'
import type { KubernetesObject } from '../../src/kubernetes/object.ts'
import type { ControlPlane } from '../cluster/control-plane.ts'
import { type Client, createClient } from '../contract/client.ts'

/** The API server as the suite itself speaks to it: without a line of the product between. */
export interface Api {
  /** Undefined if there is none. */
  get(path: string): Promise<KubernetesObject | undefined>
  list(path: string): Promise<KubernetesObject[]>
  create(path: string, body: object): Promise<KubernetesObject>
  /** Server-side apply, by force. */
  apply(object: KubernetesObject, manager?: string): Promise<KubernetesObject>
  merge(path: string, patch: object): Promise<KubernetesObject>
  delete(path: string, options?: object): Promise<void>
  /** Calls back with all that is there and then with each change, until the signal. */
  follow(path: string, seen: (object: KubernetesObject, type: string) => void, signal: AbortSignal): Promise<void>
}

export function apiOf(plane: ControlPlane): { api: Api; close(): void } {
  const [{ user }] = JSON.parse(plane.kubeconfig).users
  const pem = (field: string) => Buffer.from(user[`${field}-data`], 'base64').toString()
  const client = createClient(plane, () => ({ cert: pem('client-certificate'), key: pem('client-key') }))
  return { api: apiOver(client), close: client.close }
}

function apiOver(client: Client): Api {
  const done = async (method: string, path: string, body?: object, type?: string) => {
    const reply = await client.send(method, path, { ...(body && { body }), ...(type && { type }) })
    if (reply.status >= 300) throw new Error(`${method} ${path}: ${reply.status} ${reply.text}`)
    return reply.object
  }
  return {
    async get(path) {
      const reply = await client.send('GET', path)
      if (reply.status === 404) return undefined
      if (reply.status !== 200) throw new Error(`GET ${path}: ${reply.status} ${reply.text}`)
      return reply.object
    },
    async list(path) {
      const { kind, apiVersion, ...list } = await done('GET', path)
      const items: KubernetesObject[] = list['items']
      return items.map((each) => ({ ...each, apiVersion, kind: kind.replace(/List$/, '') }))
    },
    create: (path, body) => done('POST', path, body),
    apply: (object, manager = 'e2e') =>
      done('PATCH', `${pathOf(object)}?fieldManager=${manager}&force=true`, object, 'application/apply-patch+yaml'),
    merge: (path, patch) => done('PATCH', path, patch, 'application/merge-patch+json'),
    async delete(path, options) {
      const reply = await client.send('DELETE', path, options ? { body: options } : {})
      if (reply.status >= 300 && reply.status !== 404) throw new Error(`DELETE ${path}: ${reply.status} ${reply.text}`)
    },
    async follow(path, seen, signal) {
      while (!signal.aborted) {
        const stream = await client.watch(`${path}?watch=1`).catch(() => undefined)
        if (!stream) {
          await sleep(200)
          continue
        }
        signal.addEventListener('abort', stream.stop, { once: true })
        for (let event = await stream.next(); event !== undefined; event = await stream.next()) seen(event.object, event.type)
        signal.removeEventListener('abort', stream.stop)
      }
    },
  }
}

/** Where an object is, by the rule that Kubernetes' own kinds and those of Flux and the operator follow. */
function pathOf({ apiVersion, kind, metadata: { name, namespace } }: KubernetesObject): string {
  const lower = kind.toLowerCase()
  const plural = lower.endsWith('y') ? `${lower.slice(0, -1)}ies` : lower.endsWith('s') ? `${lower}es` : `${lower}s`
  const root = apiVersion.includes('/') ? `/apis/${apiVersion}` : `/api/${apiVersion}`
  return `${root}${namespace ? `/namespaces/${namespace}` : ''}/${plural}/${name}`
}
