import { createServer } from 'node:https'
import type { AddressInfo } from 'node:net'
import type { Duplex } from 'node:stream'
import type { KubernetesObject } from '../../kubernetes/object.ts'
import type { Rule } from './access.ts'
import { makeCertificate } from './certificate.ts'
import type { Context } from './context.ts'
import { startControllers } from './controllers.ts'
import { createFaults, type Fault } from './faults.ts'
import { handler } from './handler.ts'
import { kubeconfigText } from './kubeconfig.ts'
import { responseTo } from './port-forward.ts'
import { createPages } from './read.ts'
import type { RequestRecord } from './requests.ts'
import { createRegistry } from './resources.ts'
import { createStore, type ObjectStore } from './store.ts'
import { createUsers, type UserOptions } from './users.ts'

export interface ApiServer {
  url: string
  port: number
  /** PEM. */
  ca: string
  store: ObjectStore
  /** Every request, in order of arrival. */
  log: RequestRecord[]
  /** The bearer token of a user; `admin` unless named. Throws for a user that isn't there. */
  token(user?: string): string
  /** A kubeconfig file, as text. */
  kubeconfig(user?: string): string
  /** From now on this user may do exactly this; a user that isn't there yet comes to be. */
  allow(user: string, rules: Rule[]): void
  /** Something goes wrong, as often as the fault says. */
  inject(fault: Fault): void
  /** Text of a container's log, for `pods/log`. */
  setLog(container: { namespace: string; pod: string; container: string }, text: string): void
  /** How the port on loopback is found that stands for a port of a pod, for `pods/portforward`; none, unless set. */
  setListening(find: Context['listening']): void
  /** Forgets the past: watches and pages that start there get 410. */
  compact(): void
  /** Breaks all open connections, watches among them. */
  disconnect(): void
  close(): Promise<void>
}

export interface ApiServerOptions {
  /** Git version of the server: v1.34.1 unless given. */
  version?: string
  /** CustomResourceDefinitions that are there from the start. */
  crds?: KubernetesObject[]
  /** Further users beside `admin`. */
  users?: UserOptions[]
  /** 0, any free one, unless given. */
  port?: number
  /** Milliseconds between bookmarks of a watch. */
  bookmarkEvery?: number
  /** Told of every request as soon as it is answered, of a watch when it begins. */
  onAnswer?: (record: RequestRecord) => void
  now?: () => Date
}

/** Starts a Kubernetes API server in this process, over HTTPS on 127.0.0.1, with the namespaces that every cluster has. */
export async function startApiServer(options: ApiServerOptions = {}): Promise<ApiServer> {
  const { version = 'v1.34.1', crds = [], now = () => new Date(), bookmarkEvery = 60_000, onAnswer = () => {} } = options
  const registry = createRegistry()
  const store = createStore(registry, now)
  const context: Context = { store, registry, pages: createPages(), logs: new Map(), listening: () => undefined, version, now }
  const stopControllers = startControllers(context)
  const users = createUsers(options.users ?? [])
  const faults = createFaults()
  const log: RequestRecord[] = []

  for (const name of ['default', 'kube-system', 'kube-public', 'kube-node-lease']) {
    store.put({ apiVersion: 'v1', kind: 'Namespace', metadata: { name } }, 'kube-apiserver')
  }
  for (const crd of crds) store.put(crd, 'kube-apiserver')

  const { key, cert } = await makeCertificate()
  const listener = handler({ context, users, faults, log, onAnswer, bookmarkEvery })
  const server = createServer({ key, cert }, listener)
  // Node hands these out and counts them no more.
  const upgraded = new Set<Duplex>()
  server.on('upgrade', (request, socket, head) => {
    upgraded.add(socket)
    socket.once('close', () => upgraded.delete(socket)).on('error', () => socket.destroy())
    listener(request, responseTo(request, socket), { request, socket, head })
  })
  // Clients that keep a connection for their next call shouldn't find it closed: the real server waits 90 seconds.
  server.keepAliveTimeout = 90_000
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject)
    server.listen(options.port ?? 0, '127.0.0.1', resolve)
  })
  const { port } = server.address() as AddressInfo
  const url = `https://127.0.0.1:${port}`

  function token(user = 'admin'): string {
    const found = users.get(user)?.token
    if (found === undefined) throw new Error(`the sandbox has no user ${user}`)
    return found
  }

  function disconnect(): void {
    server.closeAllConnections()
    for (const socket of upgraded) socket.destroy()
  }

  return {
    url,
    port,
    ca: cert,
    store,
    log,
    token,
    kubeconfig: (user = 'admin') => kubeconfigText({ url, ca: cert, user, token: token(user) }),
    allow(user, rules) {
      const known = users.get(user) ?? createUsers([{ name: user }]).get(user)
      if (known) users.set(user, { ...known, admin: false, rules })
    },
    inject: (fault) => faults.add(fault),
    setLog: (at, text) => void context.logs.set(`${at.namespace}/${at.pod}/${at.container}`, text),
    compact() {
      store.compact()
      context.pages.forget()
    },
    setListening(find) {
      context.listening = find
    },
    disconnect,
    close() {
      stopControllers()
      const closed = new Promise<void>((resolve) => server.close(() => resolve()))
      disconnect()
      return closed
    },
  }
}
