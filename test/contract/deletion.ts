import { afterAll, beforeAll, expect, test } from 'vitest'
import { type Api, type Open, secret, secretsIn } from './api.ts'

const namespace = 'deletion'
const secrets = secretsIn(namespace)

export function deletionContract(open: Open): void {
  let server: Api
  beforeAll(async () => {
    server = await open(namespace)
  })
  afterAll(() => server.close())

  test('the answer is a Status that names what is gone', async () => {
    const made = await server.send('POST', secrets, { body: secret('gone', {}) })
    const gone = await server.send('DELETE', `${secrets}/gone`)
    expect([gone.status, JSON.parse(gone.text)]).toEqual([
      200,
      {
        kind: 'Status',
        apiVersion: 'v1',
        metadata: {},
        status: 'Success',
        details: { name: 'gone', kind: 'secrets', uid: made.object.metadata.uid },
      },
    ])
    expect((await server.send('DELETE', `${secrets}/gone`)).status).toBe(404)
  })

  test('preconditions hold or it is 409', async () => {
    const made = (await server.send('POST', secrets, { body: secret('guarded', {}) })).object.metadata
    const remove = (preconditions: object) =>
      server.send('DELETE', `${secrets}/guarded`, { body: { kind: 'DeleteOptions', apiVersion: 'v1', preconditions } })
    const uid = await remove({ uid: 'other' })
    expect([uid.status, uid.failure.message]).toEqual([
      409,
      `Operation cannot be fulfilled on Secret "guarded": the UID in the precondition (other) does not match the UID in record (${made.uid}). The object might have been deleted and then recreated`,
    ])
    expect((await remove({ resourceVersion: '1' })).failure.message).toBe(
      `Operation cannot be fulfilled on Secret "guarded": the ResourceVersion in the precondition (1) does not match the ResourceVersion in record (${made.resourceVersion}). The object might have been modified`,
    )
    expect((await remove({ uid: made.uid, resourceVersion: made.resourceVersion })).status).toBe(200)
  })

  test('a finalizer holds the object until it is taken off', async () => {
    await server.send('POST', secrets, { body: secret('held', {}, { metadata: { name: 'held', finalizers: ['example.test/wait'] } }) })
    const marked = await server.send('DELETE', `${secrets}/held`)
    expect(marked.object.metadata.deletionTimestamp).toBeTruthy()
    expect((await server.send('GET', `${secrets}/held`)).status).toBe(200)
    expect((await server.merge(`${secrets}/held`, { metadata: { finalizers: null } })).status).toBe(200)
    expect((await server.send('GET', `${secrets}/held`)).status).toBe(404)
  })

  test('a dry run deletes nothing', async () => {
    await server.send('POST', secrets, { body: secret('kept', {}) })
    expect((await server.send('DELETE', `${secrets}/kept?dryRun=All`)).status).toBe(200)
    expect((await server.send('GET', `${secrets}/kept`)).status).toBe(200)
  })

  test('a collection goes by its selector', async () => {
    for (const [name, group] of Object.entries({ one: 'x', two: 'x', three: 'y' })) {
      await server.send('POST', secrets, { body: secret(name, {}, { metadata: { name, labels: { group } } }) })
    }
    const gone = await server.send('DELETE', `${secrets}?labelSelector=group%3Dx`)
    expect(gone.object['items']).toHaveLength(2)
    expect((await server.send('GET', `${secrets}/three`)).status).toBe(200)
  })

  test('the namespaces that every cluster needs stay', async () => {
    const refused = await server.send('DELETE', '/api/v1/namespaces/default')
    expect([refused.status, refused.failure.message]).toEqual([403, 'namespaces "default" is forbidden: this namespace may not be deleted'])
  })

  test('a namespace is made Active, then Terminating, and refuses content from then on', async () => {
    const body = { apiVersion: 'v1', kind: 'Namespace', metadata: { name: 'short' } }
    const made = await server.send('POST', '/api/v1/namespaces', { body })
    expect(made.object).toMatchObject({
      metadata: { labels: { 'kubernetes.io/metadata.name': 'short' } },
      spec: { finalizers: ['kubernetes'] },
      status: { phase: 'Active' },
    })
    const inside = secretsIn('short')
    await server.send('POST', inside, { body: secret('held', {}, { metadata: { name: 'held', finalizers: ['example.test/wait'] } }) })
    expect((await server.send('DELETE', '/api/v1/namespaces/short')).object['status']).toEqual({ phase: 'Terminating' })
    const late = await server.send('POST', inside, { body: secret('late', {}) })
    expect([late.status, late.failure.message]).toEqual([
      403,
      'secrets "late" is forbidden: unable to create new content in namespace short because it is being terminated',
    ])
    expect(late.failure.details?.causes?.[0]?.reason).toBe('NamespaceTerminating')
  })
}
