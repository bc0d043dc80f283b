import { expect, test } from 'vitest'
import { healthOf } from '../../../src/sandbox/flux/health.ts'

const store = (status?: object) => ({
  apiVersion: 'external-secrets.io/v1',
  kind: 'ClusterSecretStore',
  metadata: { name: 'onepassword', generation: 2 },
  ...(status && { status }),
})
const is = (type: string, status: string) => ({ conditions: [{ type, status }] })

test.each([
  ['no status at all', store(), 'Current'],
  ['Ready', store(is('Ready', 'True')), 'Current'],
  ['not Ready, which isn’t a failure', store(is('Ready', 'False')), 'InProgress'],
  ['Reconciling', store(is('Reconciling', 'True')), 'InProgress'],
  ['Stalled', store(is('Stalled', 'True')), 'Failed'],
  ['an older generation', store({ observedGeneration: 1, ...is('Ready', 'True') }), 'InProgress'],
  ['absent', undefined, 'NotFound'],
])('%s', (_, object, health) => {
  expect(healthOf(object)).toBe(health)
})

const expressions = [
  {
    apiVersion: 'external-secrets.io/v1beta1',
    kind: 'ClusterSecretStore',
    failed: "status.conditions.filter(e, e.type == 'Ready').all(e, e.status == 'False')",
    current: "status.conditions.filter(e, e.type == 'Ready').all(e, e.status == 'True')",
  },
]

test.each([
  ['waits without a status', store(), 'InProgress'],
  ['fails fast', store(is('Ready', 'False')), 'Failed'],
  ['is current', store(is('Ready', 'True')), 'Current'],
  ['takes none for all', store(is('Other', 'True')), 'Failed'],
])('with the usual expressions a store %s', (_, object, health) => {
  expect(healthOf(object, expressions)).toBe(health)
})
