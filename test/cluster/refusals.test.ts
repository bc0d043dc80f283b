import { mkdtemp, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { Failure } from '../../src/failure.ts'
import { connect } from '../../src/kubernetes/client.ts'
import type { Cluster } from '../../src/kubernetes/cluster.ts'
import { secrets } from '../../src/kubernetes/resources.ts'
import { secret } from '../contract/api.ts'
import type { Client } from '../contract/client.ts'
import { clientOf } from './client.ts'
import { type ControlPlane, startControlPlane } from './control-plane.ts'

const registration = '/apis/admissionregistration.k8s.io/v1'
const canary = 'canary-3f9a-not-a-real-secret'

let plane: ControlPlane
let client: Client
beforeAll(async () => {
  plane = await startControlPlane()
  client = clientOf(plane)
})
afterAll(() => plane?.stop())

async function clusterOf(kubeconfig: string): Promise<Cluster> {
  const folder = await mkdtemp(join(tmpdir(), 'kubeconfig-'))
  const file = join(folder, 'config')
  await writeFile(file, kubeconfig)
  return connect({ kubeconfig: file, env: {}, home: folder, timeout: 10_000 })
}

/** How the attempt to write a Secret into `default` ends, in our own words. */
async function refusalOf(cluster: Cluster, labels: Record<string, string>): Promise<Failure | undefined> {
  const metadata = { name: 'tried', namespace: 'default', labels }
  const error = await cluster.apply(secrets, secret('tried', { token: canary }, { metadata }), { dryRun: true }).catch((thrown) => thrown)
  if (!(error instanceof Failure)) return undefined
  expect(JSON.stringify([error, error.message, error.why, error.fix])).not.toContain(canary)
  return error
}

async function make(plural: string, kind: string, name: string, rest: object): Promise<void> {
  const body = { apiVersion: 'admissionregistration.k8s.io/v1', kind, metadata: { name }, ...rest }
  const reply = await client.send('POST', `${registration}/${plural}`, { body })
  expect([reply.status, reply.text]).toEqual([201, expect.anything()])
}

const rule = { apiGroups: [''], apiVersions: ['v1'], operations: ['CREATE', 'UPDATE'], resources: ['secrets'] }

test('a webhook that does not answer is named', async () => {
  await make('validatingwebhookconfigurations', 'ValidatingWebhookConfiguration', 'absent', {
    webhooks: [
      {
        name: 'validate.absent.test',
        clientConfig: { url: 'https://127.0.0.1:9/' },
        rules: [rule],
        objectSelector: { matchLabels: { ask: 'webhook' } },
        sideEffects: 'None',
        admissionReviewVersions: ['v1'],
      },
    ],
  })
  const cluster = await clusterOf(plane.kubeconfig)
  // The server learns of its webhooks a moment after they were made.
  await expect
    .poll(() => refusalOf(cluster, { ask: 'webhook' }), { timeout: 20_000 })
    .toMatchObject({
      id: 'webhook-unreachable',
      message: expect.stringContaining('validate.absent.test'),
    })
  expect(await refusalOf(cluster, {})).toBeUndefined()
  cluster.close()
})

test('a policy that refuses is told from an invalid object', async () => {
  await make('validatingadmissionpolicies', 'ValidatingAdmissionPolicy', 'none', {
    spec: {
      matchConstraints: { resourceRules: [rule], objectSelector: { matchLabels: { ask: 'policy' } } },
      validations: [{ expression: 'false', messageExpression: '"not " + string(object.data.token)' }],
    },
  })
  await make('validatingadmissionpolicybindings', 'ValidatingAdmissionPolicyBinding', 'none', {
    spec: { policyName: 'none', validationActions: ['Deny'] },
  })
  const cluster = await clusterOf(plane.kubeconfig)
  await expect.poll(() => refusalOf(cluster, { ask: 'policy' }), { timeout: 20_000 }).toMatchObject({ id: 'admission-refused' })
  cluster.close()
})

test('a certificate of somebody who may nothing is forbidden, a token that nobody gave out is unauthorized', async () => {
  const nobody = await clusterOf(await plane.asUser('nobody'))
  expect(await refusalOf(nobody, {})).toMatchObject({ id: 'forbidden', exit: 'refused' })
  nobody.close()
  const config = JSON.parse(plane.kubeconfig)
  const stranger = await clusterOf(JSON.stringify({ ...config, users: [{ name: 'admin', user: { token: 'nonsense' } }] }))
  expect(await refusalOf(stranger, {})).toMatchObject({ id: 'unauthorized', exit: 'refused' })
  stranger.close()
})
