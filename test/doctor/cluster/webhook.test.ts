import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { webhookAnswers } from '../../../src/doctor/cluster/webhook.ts'
import { Failure } from '../../../src/failure.ts'
import type { KubernetesObject } from '../../../src/kubernetes/object.ts'
import { found } from '../worlds.ts'
import { type Ground, openGround, operator } from './ground.ts'

let here: Ground
beforeAll(async () => {
  here = await openGround()
})
afterAll(() => here.close())

const certificate = Buffer.from('-----BEGIN CERTIFICATE-----').toString('base64')
const service = { namespace: 'external-secrets', name: 'external-secrets-webhook' }

function configuration(name: string, { caBundle = certificate, failurePolicy = 'Fail' } = {}): KubernetesObject {
  const webhooks = [{ name: `validate.${name}`, failurePolicy, clientConfig: { service, caBundle } }]
  return { apiVersion: 'admissionregistration.k8s.io/v1', kind: 'ValidatingWebhookConfiguration', metadata: { name }, webhooks }
}

function slice(endpoints: object[]): KubernetesObject {
  const labels = { 'kubernetes.io/service-name': service.name }
  const metadata = { name: 'external-secrets-webhook-x1y2z', namespace: service.namespace, labels }
  return { apiVersion: 'discovery.k8s.io/v1', kind: 'EndpointSlice', metadata, endpoints }
}

beforeEach(() => {
  here.put(configuration('secretstore-validate'), configuration('externalsecret-validate'), ...operator())
  here.put(
    { apiVersion: 'v1', kind: 'Service', metadata: service, spec: { ports: [{ port: 443 }] } },
    slice([{ conditions: { ready: true } }]),
  )
})

const silent =
  'No ready pod is behind the Service external-secrets/external-secrets-webhook: the API server refuses every store and ExternalSecret.'

describe('webhook-answers', () => {
  it('is true where a pod is ready behind it, or none says that it is not', async () => {
    expect(await webhookAnswers.look(here.world())).toEqual([])
    here.put(slice([{ conditions: { ready: false } }, { conditions: {} }]))
    expect(await webhookAnswers.look(here.world())).toEqual([])
  })

  it('is true where there is none', async () => {
    for (const name of ['secretstore-validate', 'externalsecret-validate']) here.remove('ValidatingWebhookConfiguration', name)
    here.remove('EndpointSlice', 'external-secrets-webhook-x1y2z', service.namespace)
    expect(await webhookAnswers.look(here.world())).toEqual([])
  })

  it.each([
    ['no endpoint', []],
    ['none that is ready', [{ conditions: { ready: false } }]],
  ])('finds one with %s, and why as far as its Deployment says', async (_, endpoints) => {
    here.put(slice(endpoints))
    expect(found(await webhookAnswers.look(here.world()))).toEqual([
      `ValidatingWebhookConfiguration secretstore-validate: ${silent}`,
      `ValidatingWebhookConfiguration externalsecret-validate: ${silent}`,
    ])
    here.put(...operator('2.9.0', { replicas: 0 }))
    expect(await webhookAnswers.look(here.world())).toMatchObject([
      {
        why: `${silent} It is scaled to zero.`,
        fix: ['kubectl scale deployment external-secrets-webhook -n external-secrets --replicas=1'],
      },
      {},
    ])
  })

  it('finds one whose Service is gone; a warning where it is not insisted on', async () => {
    here.remove('Service', service.name, service.namespace)
    here.put(slice([]), configuration('externalsecret-validate', { failurePolicy: 'Ignore' }))
    const all = await webhookAnswers.look(here.world())
    expect(all).toMatchObject([
      { about: 'ValidatingWebhookConfiguration secretstore-validate', why: expect.stringContaining('which does not exist') },
      { about: 'ValidatingWebhookConfiguration externalsecret-validate', severity: 'warning' },
    ])
    expect(all[0]).not.toHaveProperty('severity')
  })

  it.each([
    ['nothing', ''],
    ['a line break', 'Cg=='],
  ])('finds one with %s for a certificate', async (_, caBundle) => {
    here.put(configuration('externalsecret-validate', { caBundle }))
    expect(await webhookAnswers.look(here.world())).toMatchObject([
      { about: 'ValidatingWebhookConfiguration externalsecret-validate', why: expect.stringContaining('no certificate') },
    ])
  })

  it('is not known where it may not be read', async () => {
    here.server.allow('nobody', [])
    await expect(webhookAnswers.look({ ...here.world(), cluster: await here.connect('nobody') })).rejects.toMatchObject({ id: 'forbidden' })
  })

  it('is found also where the Deployments may not be listed', async () => {
    here.put(slice([]))
    const rule = (apiGroup: string, resource: string) => ({ apiGroups: [apiGroup], resources: [resource], verbs: ['get', 'list'] })
    here.server.allow('some', [
      rule('admissionregistration.k8s.io', 'validatingwebhookconfigurations'),
      rule('discovery.k8s.io', 'endpointslices'),
      rule('', 'services'),
    ])
    const world = { ...here.world(), cluster: await here.connect('some') }
    world.live = {
      ...world.live,
      deployments: () => Promise.reject(new Failure({ id: 'forbidden', exit: 'refused', what: 'You may not.' })),
    }
    expect(found(await webhookAnswers.look(world))).toContain(`ValidatingWebhookConfiguration secretstore-validate: ${silent}`)
  })
})
