import type { KubernetesObject } from '../../src/kubernetes/object.ts'
import { kinds } from '../../src/sandbox/kinds.ts'
import type { Sandbox } from '../../src/sandbox/sandbox.ts'

const base64 = (text: string) => Buffer.from(text).toString('base64')

/** Puts a Secret there as a person with kubectl would. */
export function putSecret(sandbox: Sandbox, name: string, key: string, value: string): void {
  const metadata = { name, namespace: 'external-secrets' }
  sandbox.api.store.put({ apiVersion: 'v1', kind: 'Secret', metadata, type: 'Opaque', data: { [key]: base64(value) } }, 'a-person')
}

/** Credentials as an environment variable wants them, and a token: by hand, not by the program that is tested with the sandbox. */
export function putBootstrapSecrets(sandbox: Sandbox, credentials = base64(sandbox.access.credentials.reveal())): void {
  putSecret(sandbox, 'onepassword-connect-secret', '1password-credentials.json', credentials)
  const vaults = sandbox.account.vaults.map(({ id }) => ({ id }))
  putSecret(sandbox, 'onepassword-connect-token', 'token', sandbox.access.mint({ vaults }).reveal())
}

/** Asks for a reconcile as `flux reconcile --with-source` does, and waits until all is quiet. */
export async function reconcile(sandbox: Sandbox): Promise<void> {
  const { store } = sandbox.api
  const source = store.get(kinds.gitRepository, 'flux-system', 'flux-system')
  if (source) annotate(sandbox, source, 'reconcile.fluxcd.io/requestedAt')
  await sandbox.settled()
}

let count = 0

export function annotate(sandbox: Sandbox, object: KubernetesObject, name: string): void {
  count += 1
  const annotations = { ...object.metadata.annotations, [name]: `${Date.now()}-${count}` }
  sandbox.api.store.put({ ...object, metadata: { ...object.metadata, annotations } }, 'a-person')
}

/** The value in a Secret, decoded; undefined if there is no such Secret. */
export function secretValue(sandbox: Sandbox, name: string, key: string, namespace = 'external-secrets'): string | undefined {
  const data = sandbox.api.store.get(kinds.secret, namespace, name)?.['data']?.[key]
  return data === undefined ? undefined : Buffer.from(data, 'base64').toString()
}

/** The Ready condition of an object, as `status reason: message`. */
export function ready(sandbox: Sandbox, kind: (typeof kinds)[keyof typeof kinds], name: string, namespace?: string): string {
  const conditions = sandbox.api.store.get(kind, namespace, name)?.['status']?.conditions ?? []
  const found = conditions.find((each: { type: string }) => each.type === 'Ready')
  return found ? `${found.status} ${found.reason}: ${found.message}` : 'no condition'
}
