import { afterAll, beforeAll } from 'vitest'
import { contract } from '../contract/contract.ts'
import { clientOf } from './client.ts'
import { type ControlPlane, startControlPlane } from './control-plane.ts'
import { grant } from './rbac.ts'

let plane: ControlPlane
beforeAll(async () => {
  plane = await startControlPlane()
})
afterAll(() => plane?.stop())

contract(async (namespace) => {
  const client = clientOf(plane)
  await client.send('POST', '/api/v1/namespaces', { body: { apiVersion: 'v1', kind: 'Namespace', metadata: { name: namespace } } })
  return { ...client, allow: (user, rules) => grant(client, user, rules), compact: plane.compact }
})
