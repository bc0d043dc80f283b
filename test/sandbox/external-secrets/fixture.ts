import type { KubernetesObject } from '../../../src/kubernetes/object.ts'
import { kinds } from '../../../src/sandbox/kinds.ts'
import { type Sandbox, startSandbox } from '../../../src/sandbox/sandbox.ts'
import { putBootstrapSecrets } from '../bootstrap.ts'
import { live, seedTree } from '../tree.ts'

/** A sandbox in which all is set up, with the operator in this version. */
export async function startReady(version = '2.x'): Promise<Sandbox> {
  const apiVersion = /^0\.1[0-5]\./.test(version) ? 'external-secrets.io/v1beta1' : 'external-secrets.io/v1'
  const files = { ...seedTree({ vault: 'catalyst-eso', version, apiVersion }), ...live }
  const sandbox = await startSandbox({ files, env: process.env })
  putBootstrapSecrets(sandbox)
  await revalidate(sandbox)
  return sandbox
}

let count = 0

/** Touches the store, as the annotation of a rotation does. */
export async function revalidate(sandbox: Sandbox): Promise<void> {
  await sandbox.settled()
  const store = sandbox.api.store.get(kinds.clusterSecretStore, undefined, 'onepassword')
  count += 1
  if (store) touch(sandbox, store, { 'test/revalidate': String(count) })
  await sandbox.settled()
}

export function touch(sandbox: Sandbox, object: KubernetesObject, annotations: Record<string, string>): void {
  const metadata = { ...object.metadata, annotations: { ...object.metadata.annotations, ...annotations } }
  sandbox.api.store.put({ ...object, metadata }, 'a-person')
}

interface Wanted {
  name: string
  namespace?: string
  spec: object
}

/** An ExternalSecret against the ClusterSecretStore of the seed. */
export async function putExternalSecret(sandbox: Sandbox, { name, namespace = 'external-secrets', spec }: Wanted): Promise<void> {
  const secretStoreRef = { name: 'onepassword', kind: 'ClusterSecretStore' }
  sandbox.api.store.put(
    { apiVersion: 'external-secrets.io/v1', kind: 'ExternalSecret', metadata: { name, namespace }, spec: { secretStoreRef, ...spec } },
    'a-person',
  )
  await sandbox.settled()
}

export function externalSecret(sandbox: Sandbox, name: string): KubernetesObject {
  const found = sandbox.api.store.get(kinds.externalSecret, 'external-secrets', name)
  if (!found) throw new Error(`there is no ExternalSecret ${name}`)
  return found
}

/** Messages of the Warning events about an object. */
export function warnings(sandbox: Sandbox, name: string): string[] {
  const events = sandbox.api.store.list(kinds.event)
  return events.filter((each) => each['type'] === 'Warning' && each['involvedObject'].name === name).map((each) => each['message'])
}
