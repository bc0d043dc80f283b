import { afterAll, beforeAll } from 'vitest'
import { contract } from '../contract/contract.ts'
import { clientOf } from './client.ts'
import { type ControlPlane, startControlPlane } from './control-plane.ts'
import { grant } from './rbac.ts'

let plane: ControlPlane
beforeAll(async () => {
  // Few enough to have too many; what cluster-admins ask is never too much.
  plane = await startControlPlane({ flags: ['--enable-priority-and-fairness=false', '--max-requests-inflight=4'] })
})
afterAll(() => plane?.stop())

contract(async (namespace) => {
  const client = clientOf(plane)
  await client.send('POST', '/api/v1/namespaces', { body: { apiVersion: 'v1', kind: 'Namespace', metadata: { name: namespace } } })
  return {
    ...client,
    allow: (user, rules) => grant(client, user, rules),
    compact: plane.compact,
    async overload() {
      await grant(client, 'many', [{ apiGroups: [''], resources: ['configmaps'], verbs: ['list'] }])
      // The server waits for this resourceVersion for seconds, as many times as it may.
      const ask = () => client.send('GET', '/api/v1/configmaps?resourceVersion=999999999', { user: 'many' })
      const replies = await Promise.all(Array.from({ length: 8 }, ask))
      return replies.find(({ status }) => status === 429) ?? Promise.reject(new Error('eight at once were not too many'))
    },
  }
})
