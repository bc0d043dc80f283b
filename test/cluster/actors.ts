import { setMaxListeners } from 'node:events'
import { isDeepStrictEqual } from 'node:util'
import type { Cluster } from '../../src/kubernetes/cluster.ts'
import type { KubernetesObject, Resource } from '../../src/kubernetes/object.ts'
import { pathOf } from '../../src/kubernetes/path.ts'
import { deployments, namespaces, secrets } from '../../src/kubernetes/resources.ts'
import type { StoreEvent } from '../../src/sandbox/api/store.ts'
import { kindOf } from '../../src/sandbox/kinds.ts'
import type { Sandbox } from '../../src/sandbox/sandbox.ts'
import type { Client } from '../contract/client.ts'

const shared = [
  ['source.toolkit.fluxcd.io', 'GitRepository'],
  ['source.toolkit.fluxcd.io', 'HelmRepository'],
  ['kustomize.toolkit.fluxcd.io', 'Kustomization'],
  ['helm.toolkit.fluxcd.io', 'HelmRelease'],
  ['external-secrets.io', 'ClusterSecretStore'],
  ['external-secrets.io', 'SecretStore'],
  ['external-secrets.io', 'ExternalSecret'],
] as const

/** Whoever asks for something writes these; the actors only read them. */
const requests = /^(reconcile\.fluxcd\.io|force-sync|eso-bootstrap)/

/**
 * Lets the sandbox's Flux, operator, kubelet and Connect act on a real API server: what is written there is put before
 * them, and what they write goes there, by server-side apply and the status subresource. Pods and CRDs stay where they are.
 * Rejects what `settled` gives once a write of theirs was refused: real schemas are stricter than the sandbox's.
 */
export async function actOn(real: { client: Client; cluster: Cluster }, sandbox: Sandbox) {
  const { store } = sandbox.api
  const found = await Promise.all(shared.map(([group, kind]) => real.cluster.resource(group, kind)))
  const resources = [namespaces, secrets, deployments, ...found.filter((each) => each !== undefined)]
  const resourceOf = (object: KubernetesObject) =>
    resources.find((each) => isDeepStrictEqual(kindOf(object), { group: each.group, kind: each.kind }))
  const stop = new AbortController()
  setMaxListeners(0, stop.signal)
  let writing: Promise<void> = Promise.resolve()
  let hearing = false

  async function write(event: Pick<StoreEvent, 'type' | 'object' | 'previous'>, resource: Resource): Promise<void> {
    const { object, previous } = event
    const path = pathOf(resource, object.metadata.namespace, object.metadata.name)
    if (event.type === 'DELETED') return void (await real.client.send('DELETE', path))
    if (!previous || !isDeepStrictEqual(meaning(previous), meaning(object))) {
      const body = { ...abroad(meaning(object)), apiVersion: versionOf(resource), kind: resource.kind }
      expectOk(await real.client.apply(path, body, 'actors', '&force=true'), path)
    }
    if (object['status'] && resource !== namespaces) {
      const { metadata } = (await real.client.send('GET', path)).object
      expectOk(await real.client.merge(`${path}/status`, { status: asOf(metadata.generation, object) }), path)
    }
  }
  const hear = (event: StoreEvent) => {
    const resource = resourceOf(event.object)
    if (hearing || !resource || (resource === secrets && !event.object.metadata.ownerReferences)) return
    writing = writing.then(() => write(event, resource))
    writing.catch(() => {})
  }

  /** What stands on the real server, put before the actors. */
  function tell(type: string, object: KubernetesObject) {
    const { uid: _, resourceVersion: __, managedFields: ___, ...metadata } = object.metadata
    const told = atHome({ ...object, metadata })
    const known = store.get(kindOf(told), metadata.namespace, metadata.name)
    hearing = true
    if (type === 'DELETED') store.remove(kindOf(told), metadata.namespace, metadata.name)
    else if (!isDeepStrictEqual(known && asTold(known), asTold(told))) store.put({ ...told, status: known?.['status'] }, 'real')
    hearing = false
  }

  for (const object of store.all().sort((a, b) => Number(b.kind === 'Namespace') - Number(a.kind === 'Namespace'))) {
    const resource = resourceOf(object)
    if (resource) await write({ type: 'ADDED', object }, resource)
  }
  const forget = store.onChange(hear)
  const watches = resources.map(async (resource) => {
    for await (const { type, object } of real.cluster.watch(resource, {}, stop.signal)) tell(type, object)
  })
  return {
    /** What the actors have written so far has arrived; throws what was refused. */
    settled: () => writing,
    async close() {
      forget()
      stop.abort()
      await Promise.allSettled(watches)
      await writing
    },
  }
}

/** The sandbox's remote is a folder; Flux's schema knows no such URL. */
const [folder, url] = ['file:///', 'ssh://git.example.test/']
const abroad = <T extends object>(object: T): T => JSON.parse(JSON.stringify(object).replaceAll(folder, url))
const atHome = <T extends object>(object: T): T => JSON.parse(JSON.stringify(object).replaceAll(url, folder))

function versionOf({ group, version }: Resource): string {
  return group === '' ? version : `${group}/${version}`
}

/** An object without what the server writes, and without what is asked of its controller. */
function meaning({ metadata, status: _, ...object }: KubernetesObject): object {
  const { name, namespace, labels, annotations = {}, ownerReferences } = metadata
  const own = Object.fromEntries(Object.entries(annotations).filter(([key]) => !requests.test(key)))
  return {
    ...object,
    metadata: JSON.parse(JSON.stringify({ name, namespace, labels: filled(labels), annotations: filled(own), ownerReferences })),
  }
}

/** An empty map that is applied would be owned as a whole. */
function filled(map: Record<string, string> = {}): Record<string, string> | undefined {
  return Object.keys(map).length > 0 ? map : undefined
}

/** The status of an object with the generation that it has on the real server: defaults count as changes here and not there. */
function asOf(generation: number | undefined, { metadata, status }: KubernetesObject): object {
  const here = (key: string, value: unknown) => (/generation$/i.test(key) && value === metadata.generation ? generation : value)
  return JSON.parse(JSON.stringify(status, here))
}

function asTold({ metadata, status: _, apiVersion: __, ...object }: KubernetesObject): object {
  return { ...object, labels: metadata.labels ?? {}, annotations: metadata.annotations ?? {} }
}

function expectOk({ status, text }: { status: number; text: string }, path: string): void {
  if (status >= 300) throw new Error(`the actors' write to ${path} was refused: ${text}`)
}
