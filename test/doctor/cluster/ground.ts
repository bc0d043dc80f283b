import type { DoctorWorld } from '../../../src/doctor/world.ts'
import type { KubernetesObject } from '../../../src/kubernetes/object.ts'
import { esoCrds } from '../../../src/sandbox/external-secrets/crds.ts'
import { fluxCrds } from '../../../src/sandbox/flux/crds.ts'
import { kindOf } from '../../../src/sandbox/kinds.ts'
import { openStatus } from '../../../src/status/open.ts'
import type { Files } from '../../commands/init/trees.ts'
import { type Sandbox, startSandbox } from '../../kubernetes/sandbox.ts'
import { filesWorld } from '../worlds.ts'

/** An API server on which nobody is at work: what is put there stays as it is. */
export interface Ground extends Sandbox {
  put(...objects: KubernetesObject[]): void
  remove(kind: string, name: string, namespace?: string): void
  /** As `doctor` sees it now, with these files in the working tree. */
  world(files?: Files, now?: Date): DoctorWorld
}

export async function openGround(crds = [...fluxCrds({}), ...esoCrds(2, 9, {})]): Promise<Ground> {
  const sandbox = await startSandbox({ crds })
  const { server, cluster } = sandbox
  const ground: Ground = {
    ...sandbox,
    put: (...objects) => {
      for (const { status, ...object } of objects as KubernetesObject[]) {
        const { metadata } = server.store.put(object as KubernetesObject, 'test')
        if (status !== undefined) server.store.status(kindOf(object as KubernetesObject), metadata.namespace, metadata.name, status)
      }
    },
    remove(kind, name, namespace) {
      const found = server.store.all().find((each) => each.kind === kind && each.metadata.name === name)
      if (found !== undefined) server.store.remove(kindOf(found), namespace, name)
    },
    world(files = {}, now = new Date()) {
      const base = { ...filesWorld(files), now }
      const live = openStatus(cluster, { ...base, repository: async () => undefined, inputs: { repo: '/' } })
      return { ...base, live, cluster }
    },
  }
  ground.put(namespace('flux-system'), namespace('external-secrets'))
  return ground
}

export function namespace(name: string, metadata: object = {}): KubernetesObject {
  return { apiVersion: 'v1', kind: 'Namespace', metadata: { name, ...metadata } }
}

interface Runs {
  image?: string
  labels?: Record<string, string>
  replicas?: number
  ready?: number
  at?: string
}

export function deployment(
  name: string,
  { image = '', labels = {}, replicas = 1, ready = replicas, at = 'external-secrets' }: Runs = {},
): KubernetesObject {
  const template = { metadata: { labels: { app: name } }, spec: { containers: [{ name: 'main', image }] } }
  return {
    apiVersion: 'apps/v1',
    kind: 'Deployment',
    metadata: { name, namespace: at, labels },
    spec: { replicas, selector: { matchLabels: { app: name } }, template },
    status: { readyReplicas: ready },
  }
}

/** A pod of such a Deployment, and why its container waits. */
export function waitingPod(app: string, waiting: object, at = 'external-secrets'): KubernetesObject {
  return {
    apiVersion: 'v1',
    kind: 'Pod',
    metadata: { name: `${app}-1`, namespace: at, labels: { app } },
    spec: { containers: [{ name: 'main', image: '' }] },
    status: { containerStatuses: [{ name: 'main', state: { waiting } }] },
  }
}

/** The three Deployments of the operator's chart. */
export function operator(version = '2.9.0', more: Runs = {}): KubernetesObject[] {
  const image = `ghcr.io/external-secrets/external-secrets:v${version}`
  return ['', '-webhook', '-cert-controller'].map((part) => deployment(`external-secrets${part}`, { image, ...more }))
}

/** The Flux Kustomization that has brought the operator here, or was to. */
export const bringsOperator = 'external-secrets_external-secrets_helm.toolkit.fluxcd.io_HelmRelease'

export function release(name: string, spec: object = {}, status?: object): KubernetesObject {
  const sourceRef = { kind: 'HelmRepository', name: 'charts' }
  return {
    apiVersion: 'helm.toolkit.fluxcd.io/v2',
    kind: 'HelmRelease',
    metadata: { name, namespace: 'external-secrets' },
    spec: { interval: '10m', chart: { spec: { chart: name, sourceRef } }, ...spec },
    ...(status && { status }),
  }
}

export function helmRepository(spec: object = {}, status?: object): KubernetesObject {
  return {
    apiVersion: 'source.toolkit.fluxcd.io/v1',
    kind: 'HelmRepository',
    metadata: { name: 'charts', namespace: 'external-secrets' },
    spec: { interval: '1h', url: 'https://charts.example.test', ...spec },
    ...(status && { status }),
  }
}

export function store(name = 'onepassword', at = 'external-secrets', status: object = {}): KubernetesObject {
  const connectTokenSecretRef = { name: 'onepassword-connect-token', key: 'token', namespace: at }
  const onepassword = {
    connectHost: 'http://onepassword-connect:8080',
    vaults: { homelab: 1 },
    auth: { secretRef: { connectTokenSecretRef } },
  }
  return {
    apiVersion: 'external-secrets.io/v1',
    kind: 'ClusterSecretStore',
    metadata: { name },
    spec: { provider: { onepassword } },
    status,
  }
}
