import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { secretsOwnKeys } from '../../../src/doctor/secrets/own-keys.ts'
import type { Cluster } from '../../../src/kubernetes/cluster.ts'
import type { KubernetesObject } from '../../../src/kubernetes/object.ts'
import { secrets } from '../../../src/kubernetes/resources.ts'
import { kinds } from '../../../src/sandbox/kinds.ts'
import { ready } from '../../flux/cluster.ts'
import { type Ground, openGround, store } from '../cluster/ground.ts'
import { found } from '../worlds.ts'

const operator = 'externalsecrets.external-secrets.io/app'
const value = (text: string) => Buffer.from(text).toString('base64')

let here: Ground
beforeEach(async () => {
  here = await openGround()
  here.put(store('onepassword', undefined, ready))
})
afterEach(() => here.close())

/** An ExternalSecret of one key, and the Secret that the operator has made of it. */
function put(name: string, spec: object = {}, keys: Record<string, string> = { key: value('swordfish') }): KubernetesObject {
  const secretStoreRef = { kind: 'ClusterSecretStore', name: 'onepassword' }
  const data = [{ secretKey: 'key', remoteRef: { key: 'item' } }]
  const metadata = { name, namespace: 'default' }
  here.put({
    apiVersion: 'external-secrets.io/v1',
    kind: 'ExternalSecret',
    metadata,
    spec: { secretStoreRef, data, ...spec },
    status: ready,
  })
  const { apiVersion, kind, metadata: made } = here.server.store.get(kinds.externalSecret, 'default', name) as KubernetesObject
  const owner = { apiVersion, kind, name, uid: made.uid ?? '', controller: true }
  const labels = { 'reconcile.external-secrets.io/created-by': 'a-digest' }
  const secret = { apiVersion: 'v1', kind: 'Secret', metadata: { ...metadata, labels, ownerReferences: [owner] }, data: keys }
  return here.server.store.put(secret, `externalsecrets.external-secrets.io/${name}`)
}

/** As somebody with this field manager changes it. */
function edit(secret: KubernetesObject, data: Record<string, string>, manager = 'kubectl-edit'): void {
  here.server.store.put({ ...secret, data: { ...secret['data'], ...data } }, manager)
}

const look = async () => found(await secretsOwnKeys.look(here.world()))

describe('a Secret that an ExternalSecret owns', () => {
  it('holds what the operator put there, and nothing is found; no value leaves the API server, and ExternalSecrets are not listed', async () => {
    put('app')
    here.put({ apiVersion: 'v1', kind: 'Secret', metadata: { name: 'other', namespace: 'default' }, data: { key: value('x') } })
    const asked: unknown[] = []
    const world = here.world()
    const list: Cluster['list'] = (resource, options) => {
      asked.push([resource.plural, options])
      return here.cluster.list(resource, options)
    }
    expect(await secretsOwnKeys.look({ ...world, cluster: { ...world.cluster, list } })).toEqual([])
    const labelSelector = 'reconcile.external-secrets.io/created-by'
    expect(asked).toEqual([['secrets', expect.objectContaining({ metadataOnly: true, labelSelector })]])
    for await (const each of here.cluster.list(secrets, { metadataOnly: true }))
      expect(Object.keys(each).toSorted()).toEqual(['apiVersion', 'kind', 'metadata'])
  })

  it('with keys of somebody else is found, with whose they are', async () => {
    edit(put('app'), { added: value('by hand'), more: value('too') })
    put('untouched')
    expect(await secretsOwnKeys.look(here.world())).toEqual([
      {
        about: 'Secret default/app',
        why: "It holds added, more, which kubectl-edit put there. The ExternalSecret app owns the Secret and doesn't name it: the next sync takes it away.",
        fix: [
          'Put it into a Secret of its own, or into the item that the ExternalSecret reads',
          'kubectl get externalsecret app -n default -o yaml',
        ],
      },
    ])
  })

  it('may have been there before with the same value, which belongs to who wrote it first', async () => {
    const secret = put('app')
    here.server.store.remove(kinds.secret, 'default', 'app')
    here.server.store.put({ ...secret, metadata: { name: 'app', namespace: 'default' } }, 'kubectl-create')
    const { ownerReferences, labels } = secret.metadata
    here.server.store.put(
      { ...secret, metadata: { name: 'app', namespace: 'default', labels, ownerReferences } } as KubernetesObject,
      operator,
    )
    const [written] = here.server.store.list(kinds.secret, 'default')
    const ownsData = written?.metadata.managedFields?.map(({ manager, fieldsV1 }) => [manager, 'f:data' in fieldsV1])
    expect(Object.fromEntries(ownsData ?? [])).toEqual({ 'kubectl-create': true, [operator]: false })
    expect(await look()).toEqual([])
  })

  it.each([
    ['whose keys are those of items', { data: undefined, dataFrom: [{ extract: { key: 'item' } }] }],
    ['whose keys are those of a template elsewhere', { target: { template: { templateFrom: [{ target: 'Data' }] } } }],
    ['that names it in a template', { target: { template: { data: { added: '{{ .key }}' } } } }],
    ['that leaves the keys of others alone', { target: { creationPolicy: 'Merge' } }],
    ['that writes to another one by now', { target: { name: 'another' } }],
  ])('of an ExternalSecret %s is not known to lose anything', async (_, spec) => {
    edit(put('app', spec), { added: value('by hand') })
    expect(await look()).toEqual([])
  })

  it('of which there are many: five, and how many more', async () => {
    for (let nth = 0; nth < 8; nth++) edit(put(`app-${nth}`), { added: value('by hand') })
    expect((await look()).at(-1)).toBe('3 more Secrets: They hold keys of others, too.')
  })

  it('may not be looked at', async () => {
    here.server.inject({ match: { verb: 'list', resource: 'secrets' }, answer: { status: 403, reason: 'Forbidden', message: 'no' } })
    await expect(secretsOwnKeys.look(here.world())).rejects.toMatchObject({ id: 'forbidden' })
  })
})
