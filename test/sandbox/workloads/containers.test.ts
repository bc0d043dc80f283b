import { expect, test } from 'vitest'
import { viewOf } from '../../../src/sandbox/workloads/containers.ts'

test('a field of the pod becomes a variable', () => {
  const env = ['name', 'namespace'].map((field) => ({ name: field, valueFrom: { fieldRef: { fieldPath: `metadata.${field}` } } }))
  const pod = {
    apiVersion: 'v1',
    kind: 'Pod',
    metadata: { name: 'web', namespace: 'shop' },
    spec: { containers: [{ name: 'main', image: 'web', env }] },
  }
  const view = viewOf({ get: () => undefined }, pod, 'main')
  expect('env' in view && Object.fromEntries(view.env)).toEqual({ name: 'web', namespace: 'shop' })
})
