import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { apiServer } from '../../../src/doctor/cluster/api-server.ts'
import { lockFree } from '../../../src/doctor/cluster/lock.ts'
import { Failure } from '../../../src/failure.ts'
import { connect } from '../../../src/kubernetes/client.ts'
import type { Cluster } from '../../../src/kubernetes/cluster.ts'
import { type Ground, openGround, store } from './ground.ts'

let here: Ground
beforeAll(async () => {
  here = await openGround()
})
afterAll(() => here.close())

describe('api-server', () => {
  const answering = (version: Cluster['version']) => {
    const world = here.world()
    return { ...world, cluster: { ...world.cluster, context: 'home', version } }
  }
  const refusing = (id: string) =>
    answering(() => Promise.reject(new Failure({ id, exit: 'blocked', what: 'It did not.', why: 'So.', fix: 'mend it' })))

  it('is true where it answers, also where it answers that it may not', async () => {
    expect(await apiServer.look(here.world())).toEqual([])
    expect(await apiServer.look(refusing('forbidden'))).toEqual([])
  })

  it.each<[string, (kubeconfig: string) => string, why: RegExp]>([
    ['nobody answers', (text) => text.replace(/127\.0\.0\.1:\d+/, '127.0.0.1:1'), /127\.0\.0\.1:1/],
    ['nobody knows us', (text) => text.replace(/token: .*/, 'token: an-old-one'), /doesn't accept the credentials of the context/],
  ])('is not where %s', async (_, change, why) => {
    const kubeconfig = join(here.folder, 'altered')
    await writeFile(kubeconfig, change(here.server.kubeconfig()))
    const cluster = await connect({ kubeconfig, env: {}, home: here.folder, timeout: 5_000 })
    const all = await apiServer.look({ ...here.world(), cluster })
    cluster.close()
    expect(all).toMatchObject([
      {
        about: `the context ${cluster.context}`,
        why: expect.stringMatching(why),
        fix: expect.arrayContaining([expect.stringContaining('kubectl')]),
      },
    ])
  })

  it('ends with the signal, and with what is a mistake of ours', async () => {
    const stop = new AbortController()
    const reason = new Failure({ id: 'interrupted', exit: 'interrupted', what: 'Interrupted.' })
    stop.abort(reason)
    await expect(apiServer.look({ ...refusing('server-unreachable'), signal: stop.signal })).rejects.toBe(reason)
    await expect(apiServer.look(answering(() => Promise.reject(new TypeError('ours'))))).rejects.toThrow(TypeError)
  })
})

describe('lock-free', () => {
  const lease = (namespace: string, age = 0) => {
    const time = new Date(Date.now() - age).toISOString().replace('Z', '000Z')
    const spec = { holderIdentity: 'ann@laptop 1a2b', leaseDurationSeconds: 60, acquireTime: time, renewTime: time }
    return { apiVersion: 'coordination.k8s.io/v1', kind: 'Lease', metadata: { name: 'eso-bootstrap', namespace }, spec }
  }

  it('is true where nobody holds the Lease any more', async () => {
    expect(await lockFree.look(here.world())).toEqual([])
    here.put(lease('external-secrets', 61_000))
    expect(await lockFree.look(here.world())).toEqual([])
  })

  it('names who holds it, in the namespace that the stores name', async () => {
    here.put(store('onepassword', 'vault'), { apiVersion: 'v1', kind: 'Namespace', metadata: { name: 'vault' } }, lease('vault'))
    const [finding, ...others] = await lockFree.look(here.world())
    expect(others).toEqual([])
    expect(finding).toMatchObject({ about: 'Lease vault/eso-bootstrap', why: expect.stringContaining('ann@laptop 1a2b') })
  })

  it('is not known where the Lease may not be read', async () => {
    here.server.allow('stores', [{ apiGroups: ['external-secrets.io'], resources: ['*'], verbs: ['list'] }])
    const cluster = await here.connect('stores')
    await expect(lockFree.look({ ...here.world(), cluster })).rejects.toMatchObject({ id: 'forbidden' })
  })
})
