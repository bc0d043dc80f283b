import { afterAll, beforeAll, expect, test } from 'vitest'
import { externalSecretsReady, fieldsFound, itemsFound, itemsUnique } from '../../../src/doctor/secrets/external-secrets.ts'
import { secretsOwnKeys } from '../../../src/doctor/secrets/own-keys.ts'
import { addItem } from '../../../src/sandbox/connect/account.ts'
import { type Healthy, openHealthy, putExternalSecret } from '../../commands/status/stage.ts'
import { failing, ready } from '../../flux/cluster.ts'
import { openGround, store } from '../cluster/ground.ts'
import { clusterWorld, found } from '../worlds.ts'

const checks = [externalSecretsReady, itemsFound, itemsUnique, fieldsFound, secretsOwnKeys]

let stage: Healthy
beforeAll(async () => {
  stage = await openHealthy()
})
afterAll(() => stage?.close())

async function findings(): Promise<Record<string, string[]>> {
  const world = await clusterWorld(stage)
  const told = await Promise.all(checks.map(async (check) => [check.id, found(await check.look(world))] as const))
  await world.close()
  return Object.fromEntries(told.filter(([, some]) => some.length > 0))
}

test('where all is well, nothing is found, and nothing is written', async () => {
  stage.writes()
  expect(await findings()).toEqual({})
  expect(stage.writes()).toEqual([])
})

test('what the operator says of items and fields is found, each by its check', async () => {
  const [vault] = stage.sandbox.account.vaults
  if (vault === undefined) throw new Error('there is no vault')
  for (const value of ['one', 'two']) addItem(vault, { title: 'twice', fields: [[stage.sandbox.item.field, value]] })
  addItem(vault, { title: 'other-fields', fields: [['else', 'x']] })
  putExternalSecret(stage, 'a', { key: 'nowhere' })
  putExternalSecret(stage, 'b', { key: 'twice' })
  putExternalSecret(stage, 'c', { key: 'other-fields' })
  putExternalSecret(stage, 'd', { store: 'typo' })
  await stage.sandbox.settled()
  expect(await findings()).toEqual({
    'items-found': [expect.stringContaining('ExternalSecret default/a: No item "nowhere" ')],
    'items-unique': [expect.stringContaining('ExternalSecret default/b: 2 items ')],
    'fields-found': [expect.stringContaining('ExternalSecret default/c: The item "other-fields" has 0 fields ')],
    'external-secrets-ready': [expect.stringContaining('ExternalSecret default/d: There is no store typo.')],
  })
})

test('ten thousand that fail are told by five and a number, and listed once', async () => {
  const ground = await openGround()
  ground.put(store('onepassword', undefined, ready))
  const secretStoreRef = { kind: 'ClusterSecretStore', name: 'onepassword' }
  const spec = { secretStoreRef, data: [{ secretKey: 'key', remoteRef: { key: 'item' } }] }
  const kind = { apiVersion: 'external-secrets.io/v1', kind: 'ExternalSecret' }
  const status = failing('SecretSyncedError', 'could not apply template: no')
  for (let nth = 0; nth < 10_000; nth++) ground.put({ ...kind, metadata: { name: `app-${nth}`, namespace: 'default' }, spec, status })
  ground.server.log.length = 0
  const told = found(await externalSecretsReady.look(ground.world()))
  const pages = ground.server.log.filter(({ resource }) => resource === 'externalsecrets').length
  await ground.close()
  expect([told.length, told.at(-1), pages]).toEqual([6, '9995 more ExternalSecrets: They are not synchronised either.', 100])
})
