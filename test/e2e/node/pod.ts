import { mkdir, rename, writeFile } from 'node:fs/promises'
import { request } from 'node:http'
import { dirname, join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import type { KubernetesObject } from '../../../src/kubernetes/object.ts'
import { logLine, startConnectIn } from '../../../src/sandbox/workloads/connect.ts'
import type { Container, View } from '../../../src/sandbox/workloads/containers.ts'
import { startProcesses } from '../../cluster/processes.ts'
import { program } from '../upstream/programs.ts'
import { commandLine } from './command-line.ts'
import { imageOf } from './images.ts'
import type { NodeOptions } from './node.ts'

/** The processes of a pod. */
export interface Running {
  /** The port on loopback behind a port of the pod. */
  port(port: number): number | undefined
  /** True once each container has passed its readiness probe. */
  isReady(): Promise<boolean>
  /** What mounted Secrets hold now. */
  refresh(views: ReadonlyMap<Container, View>): Promise<void>
  log(container: string): Promise<string>
  stop(): Promise<void>
}

interface Spec extends Container {
  args?: string[]
  ports?: { name?: string; containerPort: number }[]
  readinessProbe?: { httpGet?: { path: string; port: number | string } }
  volumeMounts?: { mountPath: string }[]
}

/** The images of this pod that can't be run here. */
export function unknownImages(containers: readonly Spec[]): string[] {
  return containers
    .filter(({ image, args = [] }) => !image.includes('1password/connect-') && !imageOf(image, args))
    .map(({ image }) => image)
}

/** Starts the containers of a pod as processes of this machine, all in a folder of their own that goes with them. */
export async function startPod(pod: KubernetesObject, views: ReadonlyMap<Container, View>, options: NodeOptions): Promise<Running> {
  const processes = await startProcesses()
  const ports = new Map<number, number>()
  const logs = new Map<string, string>()
  const connect = await startConnectIn(views, options.account, {
    ...options.connect,
    write: (name, level, text) => void logs.set(name, `${logs.get(name) ?? ''}${logLine(level, text)}\n`),
  })
  if (connect) ports.set(connect.port, Number(new URL(connect.server.url).port))
  const root = join(processes.folder, 'root')
  const env = await fixedEnvironment(pod, processes.folder, options)
  for (const [container, view] of views) {
    const { name, image, args = [], volumeMounts = [] } = container as Spec
    const known = imageOf(image, args)
    if (!known) continue
    const mounts = volumeMounts.map(({ mountPath }) => mountPath)
    for (const folder of ['/tmp', ...mounts]) await mkdir(join(root, folder), { recursive: true })
    await writeFiles(root, view)
    const line = await commandLine({ args: [...args, ...(known.flags ?? [])], env: view.env, mounts, ports: known.ports, root })
    for (const [inside, outside] of line.ports) ports.set(inside, outside)
    // A process that ends is started again, as the kubelet does; without its growing pauses.
    const loop = 'while :; do "$0" "$@"; echo "ended with $?"; sleep 1; done'
    processes.start({
      name,
      command: '/bin/sh',
      args: ['-c', loop, await program(known.program), ...line.args],
      env: { ...env, TMPDIR: join(root, 'tmp'), HOME: join(root, 'tmp'), ...line.env },
    })
  }
  return {
    port: (port) => ports.get(port),
    async isReady() {
      const probes = ([...views.keys()] as Spec[]).map((container) => probe(container, ports))
      return (await Promise.all(probes)).every(Boolean)
    },
    async refresh(current) {
      for (const view of current.values()) await writeFiles(root, view)
    },
    log: async (container) => logs.get(container) ?? processes.log(container),
    async stop() {
      await connect?.server.close()
      await processes.stop()
    },
  }
}

/** How a process finds the API server, as the pod's own service account, and all others: through the network's proxy. */
async function fixedEnvironment(pod: KubernetesObject, folder: string, { api, plane, proxy, trusted }: NodeOptions) {
  const { namespace } = pod.metadata
  const { serviceAccountName = 'default', automountServiceAccountToken } = pod['spec']
  const env = {
    PATH: process.env['PATH'] ?? '',
    HTTP_PROXY: proxy(namespace ?? ''),
    HTTPS_PROXY: proxy(namespace ?? ''),
    SSL_CERT_FILE: trusted,
  }
  if (automountServiceAccountToken === false) return env
  const path = `/api/v1/namespaces/${namespace}/serviceaccounts/${serviceAccountName}/token`
  const body = { apiVersion: 'authentication.k8s.io/v1', kind: 'TokenRequest', spec: { expirationSeconds: 86_400 } }
  const { token } = (await api().create(path, body))['status']
  const kubeconfig = {
    ...{ apiVersion: 'v1', kind: 'Config', 'current-context': 'pod' },
    contexts: [{ name: 'pod', context: { cluster: 'pod', user: 'pod' } }],
    clusters: [{ name: 'pod', cluster: { server: plane().url, 'certificate-authority-data': Buffer.from(plane().ca).toString('base64') } }],
    users: [{ name: 'pod', user: { token } }],
  }
  const file = join(folder, 'kubeconfig')
  await writeFile(file, JSON.stringify(kubeconfig), { mode: 0o600 })
  return { ...env, KUBECONFIG: file }
}

/** Each file is there whole at any moment: a process may read it just now. */
async function writeFiles(root: string, view: View): Promise<void> {
  for (const [path, text] of view.files) {
    const file = join(root, path)
    await mkdir(dirname(file), { recursive: true })
    await writeFile(`${file}.new`, text, { mode: 0o600 })
    await rename(`${file}.new`, file)
  }
}

async function probe({ readinessProbe, ports: named = [], image }: Spec, ports: ReadonlyMap<number, number>): Promise<boolean> {
  const { httpGet } = readinessProbe ?? {}
  // One server stands in for both of Connect's processes.
  if (httpGet === undefined || image.includes('connect-sync')) return true
  const inside = typeof httpGet.port === 'number' ? httpGet.port : named.find(({ name }) => name === httpGet.port)?.containerPort
  const port = ports.get(inside ?? 0)
  if (port === undefined) return false
  return new Promise((resolve) => {
    request({ host: '127.0.0.1', port, path: httpGet.path, agent: false, timeout: 1_000 }, (response) => {
      response.resume()
      resolve((response.statusCode ?? 500) < 400)
    })
      .once('error', () => resolve(false))
      .once('timeout', () => resolve(false))
      .end()
  })
}

/** Waits for a pod to be ready; false if the signal came first. */
export async function untilReady(running: Running, signal: AbortSignal): Promise<boolean> {
  while (!signal.aborted) {
    if (await running.isReady()) return true
    await sleep(250)
  }
  return false
}
