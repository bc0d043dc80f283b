import { expect, onTestFinished, test } from 'vitest'
import { parse } from 'yaml'
import { startTestServer } from './client.ts'

test('the server is of the version that was told, and its kubeconfig holds all that a client needs', async () => {
  const server = await startTestServer({ version: 'v1.33.2' })
  onTestFinished(() => server.close())
  expect((await server.send('GET', '/version')).object).toMatchObject({ major: '1', minor: '33', gitVersion: 'v1.33.2' })
  const config = parse(server.kubeconfig())
  expect(config['current-context']).toBe('sandbox')
  expect(config.clusters[0].cluster.server).toBe(server.url)
  expect(Buffer.from(config.clusters[0].cluster['certificate-authority-data'], 'base64').toString()).toBe(server.ca)
  expect(config.users[0].user.token).toBe(server.token())
})
