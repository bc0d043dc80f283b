import { describe, expect, it } from 'vitest'
import type { Failure } from '../../src/failure.ts'
import { consumerOf, runsConnect } from '../../src/manifests/consumer.ts'

type Container = Record<string, unknown>

const owner = (containers: Container[], volumes: unknown[] = []) => ({ spec: { template: { spec: { containers, volumes } } } })
const api = (more: Container): Container => ({ name: 'connect-api', image: '1password/connect-api:1.7.3', ...more })
const sync = (more: Container): Container => ({ name: 'connect-sync', image: '1password/connect-sync:1.7.3', ...more })
const fromSecret = (name: string, key: string) => ({ env: [{ name: 'OP_SESSION', valueFrom: { secretKeyRef: { name, key } } }] })
const session = (value: string) => [{ name: 'OP_SESSION', value }]
const thrown = (work: () => unknown) => {
  try {
    work()
  } catch (error) {
    return error as Failure
  }
  throw new Error('nothing was thrown')
}

describe('OP_SESSION from a secretKeyRef', () => {
  it('is read from the environment, by both containers', () => {
    const both = fromSecret('onepassword-connect-secret', '1password-credentials.json')
    expect(consumerOf(owner([api(both), sync(both)]))).toEqual({
      consumer: 'environment',
      because: 'OP_SESSION is read from the Secret',
      secret: { name: 'onepassword-connect-secret', key: '1password-credentials.json' },
    })
  })

  it('counts only for the Secret that is asked for', () => {
    const it = owner([api(fromSecret('other', 'k'))])
    expect(consumerOf(it, 'onepassword-connect-secret')).toBeUndefined()
    expect(consumerOf(it, 'other')?.consumer).toBe('environment')
  })

  it('counts in a container with an image of another name', () => {
    expect(consumerOf(owner([{ name: 'x', image: 'registry/mirror:1', ...fromSecret('s', 'k') }]))?.secret).toEqual({ name: 's', key: 'k' })
  })
})

describe('a Secret as a whole environment', () => {
  it('gives OP_SESSION under that key', () => {
    expect(consumerOf(owner([api({ envFrom: [{ secretRef: { name: 's' } }] })]))).toMatchObject({
      consumer: 'environment',
      secret: { name: 's', key: 'OP_SESSION' },
    })
  })

  it('gives it under the key without the prefix', () => {
    expect(consumerOf(owner([api({ envFrom: [{ prefix: 'OP_', secretRef: { name: 's' } }] })]))?.secret.key).toBe('SESSION')
  })

  it('says nothing about a container that is no Connect', () => {
    expect(consumerOf(owner([{ name: 'app', image: 'nginx', envFrom: [{ secretRef: { name: 's' } }] }]))).toBeUndefined()
  })
})

describe('OP_SESSION as a path', () => {
  const path = '/home/opuser/.op/1password-credentials.json'
  const volume = { name: 'credentials', secret: { secretName: 'op-credentials' } }

  it('is a file, where a key is mounted at that very path', () => {
    const mounts = { env: session(path), volumeMounts: [{ name: 'credentials', mountPath: path, subPath: '1password-credentials.json' }] }
    expect(consumerOf(owner([api(mounts), sync(mounts)], [volume]))).toEqual({
      consumer: 'file',
      because: 'OP_SESSION names a file that is mounted from the Secret',
      secret: { name: 'op-credentials', key: '1password-credentials.json' },
    })
  })

  it('is a file in a folder that the Secret is mounted as', () => {
    const mounts = { env: session('/credentials/op.json'), volumeMounts: [{ name: 'credentials', mountPath: '/credentials/' }] }
    expect(consumerOf(owner([api(mounts)], [volume]))?.secret).toEqual({ name: 'op-credentials', key: 'op.json' })
  })

  it('finds the key through items and projections', () => {
    const mounts = { env: session('/c/op.json'), volumeMounts: [{ name: 'credentials', mountPath: '/c' }] }
    const items = [{ key: 'the-key', path: 'op.json' }]
    expect(consumerOf(owner([api(mounts)], [{ name: 'credentials', secret: { secretName: 's', items } }]))?.secret.key).toBe('the-key')
    const projected = { name: 'credentials', projected: { sources: [{ configMap: { name: 'c' } }, { secret: { name: 's', items } }] } }
    expect(consumerOf(owner([api(mounts)], [projected]))).toMatchObject({ consumer: 'file', secret: { name: 's', key: 'the-key' } })
  })

  it('is the usual path where OP_SESSION is not set', () => {
    const mounts = { volumeMounts: [{ name: 'credentials', mountPath: path, subPath: 'k' }] }
    expect(consumerOf(owner([api(mounts)], [volume]))).toMatchObject({ consumer: 'file', secret: { key: 'k' } })
  })

  it('tells nothing where no Secret is mounted there', () => {
    const mounts = { env: session(path), volumeMounts: [{ name: 'data', mountPath: '/home/opuser/.op/data' }] }
    expect(consumerOf(owner([api(mounts)], [{ name: 'data', emptyDir: {} }]))).toBeUndefined()
    expect(consumerOf(owner([api({ env: session('eyJ2ZXJpZmllciI6e30') })]))).toBeUndefined()
  })
})

describe('two containers that differ', () => {
  it('in the encoding they need are refused', () => {
    const file = { env: session('/c/k'), volumeMounts: [{ name: 'v', mountPath: '/c' }] }
    const failure = thrown(() => consumerOf(owner([api(fromSecret('s', 'k')), sync(file)], [{ name: 'v', secret: { secretName: 's' } }])))
    expect(failure).toMatchObject({ id: 'encodings-disagree', exit: 'blocked' })
    expect(failure.message).toContain('connect-api and connect-sync')
  })

  it('in the Secret or its key are refused', () => {
    const failure = thrown(() => consumerOf(owner([api(fromSecret('s', 'k')), sync(fromSecret('s', 'other'))])))
    expect(failure).toMatchObject({ id: 'credentials-disagree', exit: 'blocked' })
    expect(failure.message).toContain('s/k and s/other')
  })
})

it('sees Connect by its images, from any registry, pinned or not', () => {
  for (const image of ['1password/connect-api', 'ghcr.io/1password/connect-sync:1.8.2@sha256:ab', 'mirror:5000/connect-api@sha256:ab']) {
    expect(runsConnect(owner([{ name: 'x', image }]))).toBe(true)
  }
  expect(runsConnect(owner([{ name: 'x', image: '1password/onepassword-operator:1' }]))).toBe(false)
  expect(runsConnect({})).toBe(false)
})
