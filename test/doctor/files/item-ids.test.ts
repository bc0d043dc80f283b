import { expect, it } from 'vitest'
import { itemIdSupported } from '../../../src/doctor/files/item-ids.ts'
import { base } from '../../commands/init/trees.ts'
import { enabledFiles, filesWorld } from '../worlds.ts'

const id = 'abcdefghijklmnopqrstuvwx23'
const app = `${base}/secretstores/app.yaml`

function external(
  key: string,
  store = '{ kind: ClusterSecretStore, name: onepassword }',
  data = `  data:\n    - secretKey: a\n      remoteRef: { key: title }\n    - secretKey: b\n      remoteRef:\n        key: ${key}\n`,
) {
  return `---\napiVersion: external-secrets.io/v1\nkind: ExternalSecret\nmetadata: { name: app, namespace: apps }\nspec:\n  secretStoreRef: ${store}\n${data}`
}

async function look(text: string, version = '2.1.0') {
  const files = await enabledFiles((each, path) => {
    if (path === `${base}/operator/helmrelease.yaml`) return each.replace(/^( +version: ).*$/m, `$1${version}`)
    return path === `${base}/secretstores/kustomization.yaml` ? each.replace('resources:\n', 'resources:\n  - app.yaml\n') : each
  })
  return itemIdSupported.look(filesWorld({ ...files, [app]: text }))
}

it('finds an id in data or dataFrom, at its line', async () => {
  const about = {
    about: 'ExternalSecret apps/app',
    why: `It names the item ${id} by its id, which External Secrets Operator 2.1.0 takes for a title.`,
  }
  expect(await look(external(id))).toMatchObject([{ ...about, at: { path: app, line: 12 } }])
  const whole = external(id, undefined, `  dataFrom:\n    - extract: { key: ${id} }\n`)
  expect(await look(whole)).toMatchObject([{ ...about, at: { path: app, line: 8 } }])
})

it.each([
  ['a title', external('homelab')],
  ['a title of 26 letters', external('abcdefghijklmnopqrstuvwxyz')],
  ['a store of somebody else', external(id, '{ kind: ClusterSecretStore, name: vault }')],
  ['a store of the same name in a namespace, where ours is for the cluster', external(id, '{ kind: SecretStore, name: other }')],
])('is true for %s', async (_, text) => {
  expect(await look(text)).toEqual([])
})

it('is true from 2.2.0 on, and where the version is not known', async () => {
  for (const version of ['2.2.0', '2.x', '">=1.0.0"']) expect(await look(external(id), version)).toEqual([])
})

it('is not seen without a folder, where that would have to be known', async () => {
  await expect(look('')).resolves.toEqual([])
  expect(await itemIdSupported.look(filesWorld({}))).toEqual([])
})
