import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import type { Cluster } from '../../src/kubernetes/cluster.ts'
import { makeId, makeToken } from '../../src/sandbox/credentials.ts'
import type { Client } from '../../test/contract/client.ts'
import { store } from './external-secrets.ts'

const namespace = 'external-secrets'
const group = '/apis/external-secrets.io/v1'
const connected = { server: makeId(), account: makeId(), vaults: [{ id: makeId() }] }
const issuedAt = new Date(Date.now() - 3_600_000)

/** The store that all ExternalSecrets read from, and its token. Connect isn't there, so that no token can be tried on it. */
export async function makeBridge(client: Client): Promise<void> {
  const token = Buffer.from(makeToken({ ...connected, issuedAt }).reveal()).toString('base64')
  const name = 'onepassword-connect-token'
  const connectTokenSecretRef = { name, key: 'token', namespace }
  const onepassword = {
    connectHost: 'http://connect.external-secrets.svc:8080',
    vaults: { homelab: 1 },
    auth: { secretRef: { connectTokenSecretRef } },
  }
  const objects = {
    '/api/v1/namespaces': { metadata: { name: namespace } },
    [`/api/v1/namespaces/${namespace}/secrets`]: { metadata: { name, namespace }, data: { token } },
    [`${group}/clustersecretstores`]: {
      apiVersion: 'external-secrets.io/v1',
      kind: store.kind,
      metadata: { name: store.name },
      spec: { provider: { onepassword } },
    },
  }
  for (const [path, body] of Object.entries(objects)) {
    const { status, text } = await client.send('POST', path, { body })
    if (status !== 201) throw new Error(`POST ${path}: ${status} ${text.slice(0, 300)}`)
  }
}

/** Finds the store valid whenever it was changed, and says so in an event, as the operator does. Throws if that can't be written. */
export async function validateStore(cluster: Cluster, client: Client, signal: AbortSignal): Promise<void> {
  const resource = await cluster.resource('external-secrets.io', store.kind)
  if (resource === undefined) throw new Error(`there is no kind ${store.kind}`)
  const conditions = [{ type: 'Ready', status: 'True', reason: 'Valid', message: 'store validated', lastTransitionTime: now() }]
  let seen = ''
  let nth = 0
  for await (const { object } of cluster.watch(resource, {}, signal)) {
    const asked = JSON.stringify(object.metadata.annotations ?? {})
    if (asked === seen) continue
    seen = asked
    const { name, uid } = object.metadata
    await client.merge(`${group}/clustersecretstores/${name}/status`, { status: { conditions } }, 'external-secrets')
    const body = {
      metadata: { name: `${name}.${++nth}`, namespace: 'default' },
      involvedObject: { apiVersion: 'external-secrets.io/v1', kind: store.kind, name, uid },
      ...{ type: 'Normal', reason: 'Valid', message: 'store validated', count: 1, firstTimestamp: now(), lastTimestamp: now() },
    }
    const { status, text } = await client.send('POST', '/api/v1/namespaces/default/events', { body })
    if (status !== 201) throw new Error(`the event was not taken: ${status} ${text.slice(0, 300)}`)
  }
}

let tokens = 0

/** A file with a new token, which fits. */
export async function newToken(folder: string): Promise<string> {
  const path = join(folder, `token-${++tokens}`)
  await writeFile(path, makeToken({ ...connected, issuedAt }).reveal(), { mode: 0o600 })
  return path
}

function now(): string {
  return `${new Date().toISOString().slice(0, 19)}Z`
}
