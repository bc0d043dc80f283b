import { expect, it } from 'vitest'
import { connectHost } from '../../../src/doctor/files/connect-host.ts'
import { base, storesFile } from '../../commands/init/trees.ts'
import { enabledFiles, filesWorld } from '../worlds.ts'

const service = `${base}/onepassword-connect/service.yaml`
const inside = 'http://onepassword-connect.external-secrets.svc'

async function look(host: string, more = (text: string) => text) {
  const files = await enabledFiles((text, path) => {
    if (path === storesFile) return text.replace(/connectHost: .*/, `connectHost: "${host}"`)
    return path === service ? more(text) : text
  })
  return {
    found: await connectHost.look(filesWorld(files)),
    line: (files[storesFile] ?? '').split('\n').findIndex((each) => each.includes('connectHost')) + 1,
  }
}

it.each([
  `${inside}:8080`,
  `${inside}.cluster.local:8080`,
  'http://onepassword-connect:8080',
  'http://onepassword-connect',
  'HTTP://onepassword-connect:8080',
  'http://10.0.0.7:8081',
  'http://nas.lan:8081',
  'https://connect.example.com',
  'https://home.example.com/connect',
  'http://other.elsewhere.svc',
  `$\{CONNECT_HOST}`,
])('is true for %s', async (host) => {
  expect((await look(host)).found).toEqual([])
})

it.each<[string, string, string]>([
  ['onepassword-connect:8080', 'is no http:// or https:// address.', 'Write it as'],
  ['http:/10.0.0.7:8080', 'is no http:// or https:// address.', 'Write it as'],
  ['', 'is no http:// or https:// address.', 'Write it as'],
  ['http://onepassword connect:8080', 'is no http:// or https:// address.', 'Write it as'],
  [`${inside}:8080/`, 'ends with a slash', `connectHost: ${inside}:8080`],
  ['https://home.example.com/connect/', 'ends with a slash', 'connectHost: https://home.example.com/connect'],
  [`${inside}:8080/v1`, 'goes on behind the port', `connectHost: ${inside}:8080`],
  ['https://connect.example.com/v1', 'goes on behind the port', 'connectHost: https://connect.example.com'],
  [`${inside}:8080?a=b`, 'goes on behind the port', `connectHost: ${inside}:8080`],
  [`${inside}:8081`, 'has the port of connect-sync, 8081', `connectHost: ${inside}:8080`],
  [
    'http://onepassword-connect.external-secrets:8081',
    'has the port of connect-sync, 8081',
    'connectHost: http://onepassword-connect.external-secrets:8080',
  ],
  ['http://other.elsewhere.svc:8081', 'has the port of connect-sync, 8081', 'connectHost: http://other.elsewhere.svc:8080'],
  [inside, 'leads to port 80, which the Service does not have.', `connectHost: ${inside}:8080`],
])('finds %s', async (host, why, fix) => {
  const { found, line } = await look(host)
  expect(found).toMatchObject([
    {
      about: 'ClusterSecretStore onepassword',
      why: expect.stringContaining(`Its connectHost ${why}`),
      fix: [expect.stringContaining(fix)],
      at: { path: storesFile, line },
    },
  ])
})

it('believes a Service that leads to connect-api from another port', async () => {
  const ports =
    'apiVersion: v1\nkind: Service\nmetadata: { name: onepassword-connect, namespace: external-secrets }\nspec: { ports: [{ port: 8080 }, { port: 8081, targetPort: 8080 }] }\n'
  expect((await look(`${inside}:8081`, () => ports)).found).toEqual([])
})

it('knows the port of connect-sync by what the Service says', async () => {
  const ports = (text: string) => `${text}    - name: sync\n      port: 9000\n      targetPort: 8081\n`
  expect((await look(`${inside}:9000`, ports)).found).toMatchObject([
    { why: expect.stringContaining('the port of connect-sync, 9000'), fix: [`connectHost: ${inside}:8080`] },
  ])
})

it('is not seen without a folder', async () => {
  await expect(connectHost.look(filesWorld({}))).rejects.toThrow('has no External Secrets folder')
})
