import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import type { ClusterCheck } from '../../../src/doctor/check.ts'
import { externalSecretsReady, fieldsFound, itemsFound, itemsUnique } from '../../../src/doctor/secrets/external-secrets.ts'
import type { KubernetesObject } from '../../../src/kubernetes/object.ts'
import { failing, ready } from '../../flux/cluster.ts'
import { type Ground, openGround, store } from '../cluster/ground.ts'
import { found } from '../worlds.ts'

const checks = [externalSecretsReady, itemsFound, itemsUnique, fieldsFound]
const generic = 'could not get secret data from provider'
const missing = (item: string) => `key not found in 1Password Vaults: ${item} in: map[homelab:1]`

let here: Ground
beforeEach(async () => {
  here = await openGround()
  here.put(store('onepassword', undefined, ready))
})
afterEach(() => here.close())

interface Told {
  status?: object
  reads?: object
  spec?: object
}

function put(name: string, { status = failing('SecretSyncedError', generic), reads = {}, spec = {} }: Told = {}): KubernetesObject {
  const object = {
    apiVersion: 'external-secrets.io/v1',
    kind: 'ExternalSecret',
    metadata: { name, namespace: 'default' },
    spec: {
      secretStoreRef: { kind: 'ClusterSecretStore', name: 'onepassword', ...reads },
      data: [{ secretKey: 'key', remoteRef: { key: 'item' } }],
      ...spec,
    },
    status,
  }
  here.put(object)
  return object
}

function warn(name: string, message: string, at = '2026-03-01T08:00:00Z', more: object = {}): void {
  here.put({
    apiVersion: 'v1',
    kind: 'Event',
    metadata: { name: `${name}.${at}`.toLowerCase().replaceAll(':', '-'), namespace: 'default' },
    involvedObject: { kind: 'ExternalSecret', name, namespace: 'default' },
    type: 'Warning',
    reason: 'UpdateFailed',
    message,
    lastTimestamp: at,
    ...more,
  })
}

/** What each check finds, those that find nothing left out. */
async function findings(now?: Date): Promise<Record<string, string[]>> {
  const world = here.world({}, now)
  const told = await Promise.all(checks.map(async (check: ClusterCheck) => [check.id, found(await check.look(world))] as const))
  return Object.fromEntries(told.filter(([, some]) => some.length > 0))
}

const isList = ({ verb, resource }: { verb: string; resource: string }) => verb === 'list' && /^(externalsecrets|events)$/.test(resource)
const lists = () => here.server.log.filter(isList).map(({ resource }) => resource)

describe('ExternalSecrets', () => {
  it('that are synchronised, or none: nothing is found, and their events are not asked for', async () => {
    expect(await findings()).toEqual({})
    put('app', { status: ready })
    here.server.log.length = 0
    expect(await findings()).toEqual({})
    expect(lists()).toEqual(['externalsecrets'])
  })

  it('are told apart by what is said of them, in one pass', async () => {
    warn(put('no-item').metadata.name, `error processing spec.data[0] (key: db), err: ${missing('db')}`)
    warn(put('two-items').metadata.name, "expected one 1Password Item matching: 'db', got 2")
    warn(put('no-field').metadata.name, "expected one 1Password ItemField matching: 'user' in 'db', got 0")
    warn(put('no-file').metadata.name, "error finding 1Password Document: 'db', 'ca.pem'")
    warn(put('owned').metadata.name, 'unable to mutate secret app: secret is owned by another ExternalSecret: app')
    warn(put('other').metadata.name, 'something that nobody knows')
    put('silent')
    here.server.log.length = 0
    expect(await findings()).toEqual({
      'external-secrets-ready': [
        'ExternalSecret default/other: something that nobody knows',
        expect.stringContaining('ExternalSecret default/owned: Another ExternalSecret has the Secret for itself. '),
        `ExternalSecret default/silent: ${generic}`,
      ],
      'items-found': [expect.stringContaining('ExternalSecret default/no-item: No item "db" is in the vaults that the store reads. ')],
      'items-unique': [expect.stringContaining('ExternalSecret default/two-items: 2 items in one vault have the title "db". ')],
      'fields-found': [
        expect.stringContaining('ExternalSecret default/no-field: The item "db" has 0 fields with the label "user"'),
        expect.stringContaining('ExternalSecret default/no-file: The item "db" has no file "ca.pem".'),
      ],
    })
    expect(lists().toSorted()).toEqual(['events', 'externalsecrets'])
  })

  it('are told with what can be done, and not with a flag of init', async () => {
    warn(put('app').metadata.name, missing('db'))
    put('silent')
    const world = here.world()
    expect(await itemsFound.look(world)).toMatchObject([{ fix: ['op item list --vault <vault>'] }])
    expect(await externalSecretsReady.look(world)).toMatchObject([{ fix: ['kubectl describe externalsecret silent -n default'] }])
  })

  it('have the cause that was told last', async () => {
    put('app')
    warn('app', missing('new'), '2026-03-01T09:00:00.5Z')
    warn('app', missing('old'), '2026-03-01T08:00:00Z', { metadata: { name: 'app.z', namespace: 'default' } })
    warn('app', missing('of another one before it'), '2026-03-01T10:00:00Z', {
      involvedObject: { kind: 'ExternalSecret', name: 'app', namespace: 'default', uid: 'gone' },
    })
    expect((await findings())['items-found']).toEqual([expect.stringContaining('No item "new" ')])
  })

  it('of which there are many: the five that fail longest, and how many more', async () => {
    for (let nth = 10; nth < 22; nth++) {
      const lastTransitionTime = `2026-01-01T00:00:${50 - nth}Z`
      const since = { type: 'Ready', status: 'False', reason: 'SecretSyncedError', message: generic, lastTransitionTime }
      warn(put(`app-${nth}`, { status: { conditions: [since] } }).metadata.name, missing('db'))
    }
    const { 'items-found': all = [] } = await findings()
    expect(all.map((each) => each.split(':')[0])).toEqual([
      ...[21, 20, 19, 18, 17].map((nth) => `ExternalSecret default/app-${nth}`),
      '7 more ExternalSecrets',
    ])
  })
})

describe('stores', () => {
  it("that aren't Ready: what waits for them is told with them", async () => {
    here.put(store('onepassword', undefined, failing('InvalidProviderConfig', 'unable to validate store')))
    warn(put('app').metadata.name, 'status 401: Invalid bearer token')
    expect(await findings()).toEqual({})
  })

  it('that are Ready again: what waited for them is told to wait', async () => {
    warn(put('app').metadata.name, 'error processing spec.data[0] (key: db), err: ClusterSecretStore "onepassword" is not ready')
    expect(await externalSecretsReady.look(here.world())).toEqual([
      {
        about: 'ExternalSecret default/app',
        why: 'It failed while its store was not Ready, which it is now. The operator tries again within seven minutes.',
        fix: ['kubectl annotate externalsecret app -n default force-sync=$(date +%s) --overwrite'],
        severity: 'warning',
      },
    ])
  })

  it('of which one is not ours: that it is not ready is told as it is', async () => {
    const sourceRef = { storeRef: { kind: 'ClusterSecretStore', name: 'vault' } }
    const data = [{ secretKey: 'a', remoteRef: { key: 'x' } }, { secretKey: 'b', remoteRef: { key: 'y' }, sourceRef }] // biome-ignore format: two entries
    warn(put('app', { spec: { data } }).metadata.name, 'ClusterSecretStore "vault" is not ready')
    expect(await findings()).toEqual({
      'external-secrets-ready': [expect.stringContaining('ExternalSecret default/app: The store vault is not Ready. ')],
    })
  })

  it('of other providers are none of our business, but for those that are not there', async () => {
    warn(put('elsewhere', { reads: { name: 'vault' } }).metadata.name, 'permission denied')
    const gone = 'could not get ClusterSecretStore "onepasword", clustersecretstores.external-secrets.io "onepasword" not found'
    warn(put('typo', { reads: { name: 'onepasword' } }).metadata.name, gone)
    expect(await findings()).toEqual({
      'external-secrets-ready': [expect.stringContaining('ExternalSecret default/typo: There is no store onepasword. ')],
    })
  })
})

describe('what does not fail', () => {
  it('is told where nothing was written all the same', async () => {
    const status = { conditions: [{ type: 'Ready', status: 'True', reason: 'SecretMissing', message: 'no' }] }
    put('merged', { status, spec: { target: { name: 'app', creationPolicy: 'Merge' } } })
    expect(await externalSecretsReady.look(here.world())).toMatchObject([
      { why: expect.stringContaining('there is no Secret app to merge into'), severity: 'warning' },
    ])
  })

  it('is told where the operator has not looked for minutes, and not before', async () => {
    put('app', { status: {} })
    expect(await findings()).toEqual({})
    const later = new Date(Date.now() + 11 * 60_000)
    expect((await findings(later))['external-secrets-ready']).toEqual([
      'ExternalSecret default/app: The operator has not looked at it since it was made.',
    ])
  })
})

describe('what may not be looked at', () => {
  const refuse = (resource: string, times = 10) =>
    here.server.inject({ match: { verb: 'list', resource }, times, answer: { status: 403, reason: 'Forbidden', message: 'no' } })

  it('is the warnings: what is known without them is told, and that they were not seen', async () => {
    warn(put('app').metadata.name, missing('db'))
    refuse('events')
    expect(await itemsFound.look(here.world())).toEqual([{ notSeen: 'why ExternalSecrets fail', why: expect.stringContaining('events') }])
    expect(found(await externalSecretsReady.look(here.world()))).toEqual([`ExternalSecret default/app: ${generic}`])
  })

  it.each(['externalsecrets', 'clustersecretstores', 'secretstores'])('is %s: nothing is known', async (resource) => {
    put('app')
    refuse(resource)
    for (const check of checks) await expect(check.look(here.world())).rejects.toMatchObject({ id: 'forbidden' })
  })
})
