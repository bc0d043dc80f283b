import { startTestServer } from '../sandbox/api/client.ts'
import { contract } from './contract.ts'

contract(async (namespace) => {
  const server = await startTestServer({ bookmarkEvery: 20 })
  await server.send('POST', '/api/v1/namespaces', { body: { apiVersion: 'v1', kind: 'Namespace', metadata: { name: namespace } } })
  return {
    ...server,
    allow: async (user, rules) => server.allow(user, rules),
    compact: async () => server.compact(),
    async overload() {
      server.inject({ answer: 'overload' })
      return server.send('GET', '/api/v1/namespaces')
    },
  }
})
