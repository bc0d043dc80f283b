import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { secretOwners } from '../../../src/doctor/cluster/secret-owners.ts'
import { Failure } from '../../../src/failure.ts'
import type { KubernetesObject } from '../../../src/kubernetes/object.ts'
import { kinds } from '../../../src/sandbox/kinds.ts'
import { failing, ready } from '../../flux/cluster.ts'
import { enabledFiles, found } from '../worlds.ts'
import { deployment, type Ground, openGround, store } from './ground.ts'

let here: Ground
beforeEach(async () => {
  here = await openGround()
})
afterEach(() => here.close())

const secret = (name: string, metadata: object = {}): KubernetesObject => ({
  apiVersion: 'v1',
  kind: 'Secret',
  metadata: { name, namespace: 'external-secrets', ...metadata },
  data: { token: Buffer.from('swordfish').toString('base64') },
})
const token = 'onepassword-connect-token'
const about = `Secret external-secrets/${token}`

function external(status: object, from = 'other'): KubernetesObject {
  const secretStoreRef = { kind: 'ClusterSecretStore', name: from }
  const spec = { secretStoreRef, target: { name: token }, data: [{ secretKey: 'token', remoteRef: { key: 'connect' } }] }
  return {
    apiVersion: 'external-secrets.io/v1',
    kind: 'ExternalSecret',
    metadata: { name: 'taken-over', namespace: 'external-secrets' },
    spec,
    status,
  }
}

/** Puts the ExternalSecret, and the token Secret that it owns. */
function putOwned(status: object, from?: string): void {
  here.put(external(status, from))
  const owner = here.server.store.get(kinds.externalSecret, 'external-secrets', 'taken-over')
  if (owner === undefined) throw new Error('there is no ExternalSecret')
  const { apiVersion, kind, metadata } = owner
  here.put(secret(token, { ownerReferences: [{ apiVersion, kind, name: metadata.name, uid: metadata.uid }] }))
}

describe('secret-owners', () => {
  it('is true where nobody else writes them, and where they are not there', async () => {
    here.put(store())
    expect(await secretOwners.look(here.world())).toEqual([])
    here.put(secret(token, { labels: { 'app.kubernetes.io/managed-by': 'eso-bootstrap' } }))
    expect(await secretOwners.look(here.world())).toEqual([])
  })

  it('finds what Flux applies: it works, and stands in the way of the next rotation', async () => {
    const labels = { 'kustomize.toolkit.fluxcd.io/name': 'secrets', 'kustomize.toolkit.fluxcd.io/namespace': 'flux-system' }
    here.put(store(), secret(token, { labels }))
    expect(await secretOwners.look(here.world())).toMatchObject([
      { about, why: expect.stringMatching(/^It is applied by the Flux Kustomization flux-system\/secrets\. /), severity: 'warning' },
    ])
  })

  it('finds what a chart makes', async () => {
    const helm = { labels: { 'app.kubernetes.io/managed-by': 'Helm' }, annotations: { 'meta.helm.sh/release-name': 'connect' } }
    const session = [{ name: 'OP_SESSION', valueFrom: { secretKeyRef: { name: 'op-credentials', key: '1password-credentials.json' } } }]
    const connect = deployment('onepassword-connect', { image: '1password/connect-api:1.8.2' })
    connect['spec'].template.spec.containers[0].env = session
    here.put(connect, secret('op-credentials', helm))
    expect(await secretOwners.look(here.world())).toMatchObject([
      {
        about: 'Secret external-secrets/op-credentials',
        why: expect.stringContaining('It is made by the Helm release connect.'),
        severity: 'warning',
      },
    ])
  })

  it('finds what an ExternalSecret writes: an error where that one fails', async () => {
    here.put(store())
    putOwned(failing('SecretSyncedError', 'no'))
    const [finding] = await secretOwners.look(here.world())
    expect(finding).toMatchObject({ about, why: expect.stringContaining('It is written by the ExternalSecret taken-over.') })
    expect(finding).not.toHaveProperty('severity')
    putOwned(ready)
    expect(await secretOwners.look(here.world())).toMatchObject([{ severity: 'warning' }])
  })

  it('says where the token comes through the store that needs it', async () => {
    here.put(store())
    putOwned(ready, 'onepassword')
    expect(found(await secretOwners.look(here.world()))).toEqual([
      expect.stringContaining('It is read through the ClusterSecretStore onepassword, which needs this very token'),
    ])
  })

  it('knows them by the files, before there is a store', async () => {
    here.put(secret(token, { labels: { 'reconcile.external-secrets.io/managed': 'true' } }))
    expect(await secretOwners.look(here.world(await enabledFiles()))).toMatchObject([{ about, severity: 'warning' }])
  })

  it('is not known where nothing names one, or it may not be read', async () => {
    expect(await secretOwners.look(here.world())).toMatchObject([{ notSeen: 'the Secrets' }])
    here.put(store())
    putOwned(ready)
    here.server.allow('stores', [{ apiGroups: ['external-secrets.io'], resources: ['*'], verbs: ['list'] }])
    const cluster = await here.connect('stores')
    expect(await secretOwners.look({ ...here.world(), cluster })).toMatchObject([
      { notSeen: about, why: `You may not get secrets ${token} in external-secrets.` },
    ])
    const refuse = () => Promise.reject(new Failure({ id: 'forbidden', exit: 'refused', what: 'You may not.' }))
    const world = here.world()
    const live = { ...world.live, clusterStores: refuse, namespacedStores: refuse, deployments: refuse }
    expect((await secretOwners.look({ ...world, live })).map((each) => 'notSeen' in each && each.notSeen)).toEqual([
      'the Secrets that stores name',
      'the Secrets that Connect reads',
    ])
  })

  it('shows no value', async () => {
    here.put(store())
    putOwned(ready, 'onepassword')
    const text = JSON.stringify(await secretOwners.look(here.world()))
    expect(text).toContain('taken-over')
    expect(text).not.toContain('swordfish')
    expect(text).not.toContain(Buffer.from('swordfish').toString('base64'))
  })
})
