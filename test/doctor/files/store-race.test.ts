import { expect, it } from 'vitest'
import { storeRace } from '../../../src/doctor/files/store-race.ts'
import { base, seed, storesFile } from '../../commands/init/trees.ts'
import { enabledFiles, filesWorld } from '../worlds.ts'

const release = `${base}/operator/helmrelease.yaml`

/** The templates with this in the second store, at a version of the operator. */
async function look(version: string, change = (text: string) => text) {
  const files = await enabledFiles((text, path) => {
    if (path === release) return text.replace(/^( +version: ).*$/m, `$1${version}`)
    if (path !== storesFile) return text
    const [first = '', second = ''] = text.split('\n---\n')
    return `${first}\n---\n${change(second)}`
  })
  return storeRace.look(filesWorld(files))
}

const others: [string, (text: string) => string][] = [
  ['another vault', (text) => text.replace('homelab: 1', 'apps: 1')],
  ['another host', (text) => text.replace('onepassword-connect.external', 'connect-b.external')],
  ['a token in another namespace', (text) => text.replace('namespace: external-secrets', 'namespace: apps')],
  ['another token', (text) => text.replace('onepassword-connect-token', 'other-token')],
]

it.each(others)('finds a store with %s, as long as the operator is old', async (_, change) => {
  expect(await look('2.4.1', change)).toMatchObject([
    {
      about: expect.stringMatching(/^ClusterSecretStore onepassword, SecretStore (external-secrets|apps).onepassword$/),
      why: expect.stringContaining('2.4.1'),
      at: { path: storesFile },
    },
  ])
  expect(await look('2.5.0', change)).toEqual([])
  expect(await look('2.x', change)).toEqual([])
})

it('is true where both read alike, in whatever words', async () => {
  expect(await look('2.4.1')).toEqual([])
  expect(await look('2.4.1', (text) => text.replace('onepassword-connect.external-secrets.svc:', 'onepassword-connect:'))).toEqual([])
  expect(await look('2.4.1', (text) => text.replace('.svc:', '.svc.cluster.local:'))).toEqual([])
  const enabled = Object.fromEntries(Object.entries(await seed()).map(([path, text]) => [path, text.replaceAll('# - ', '- ')]))
  expect(await storeRace.look(filesWorld(enabled))).toEqual([])
})
