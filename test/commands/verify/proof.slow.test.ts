import { afterAll, afterEach, beforeAll, describe, expect, onTestFinished, test } from 'vitest'
import { changeField } from '../../../src/sandbox/connect/account.ts'
import { mayAll } from '../../sandbox/rules.ts'
import { openVerifying, type Verifying } from './stage.ts'

let at: Verifying
beforeAll(async () => {
  at = await openVerifying()
})
afterAll(() => at?.close())
afterEach(() => expect(at.traces()).toEqual([]))

const cluster = 'ClusterSecretStore onepassword'

describe('a value', () => {
  test('comes through, is what Connect gives, and is told of by its length and its way', async () => {
    const before = new Set(at.sandbox.api.store.all().map(({ kind, metadata }) => `${kind} ${metadata.namespace}/${metadata.name}`))
    const ended = await at.verify()
    expect(ended.code).toBe(0)
    expect(ended.stdout.replace(/\s+/g, ' ')).toMatch(
      /✔ Proven: my-app-credentials\/api-key came through ClusterSecretStore onepassword, and is what Connect gives. 52 bytes, salted digest [0-9a-f]{12} Connect \d+ ms .* store \d+ ms .* sync \d+ ms /,
    )
    expect(ended.stderr).toContain('cluster     sandbox')
    const after = at.sandbox.api.store.all().map(({ kind, metadata }) => `${kind} ${metadata.namespace}/${metadata.name}`)
    expect(after.filter((name) => !before.has(name) && !name.startsWith('Event '))).toEqual([])
  })

  test('is proven through every store, one after the other, each in its own namespace', async () => {
    const report = await at.report({ store: undefined, 'all-stores': true })
    expect(report).toMatchObject({ verdict: 'proven', exitCode: 0, item: 'my-app-credentials', field: 'api-key' })
    expect(report.stores).toMatchObject([
      { store: cluster, namespace: 'external-secrets', verdict: 'proven', value: { length: 52 } },
      { store: 'SecretStore external-secrets/onepassword', namespace: 'external-secrets', verdict: 'proven' },
    ])
    for (const { milliseconds } of report.stores) expect(Object.keys(milliseconds)).toEqual(['connect', 'store', 'sync'])
  })

  test('comes into the namespace of choice', async () => {
    at.requests()
    expect(await at.report({ namespace: 'default' })).toMatchObject({
      verdict: 'proven',
      stores: [{ store: cluster, namespace: 'default' }],
    })
    const made = at.requests().filter(({ verb, resource }) => verb === 'create' && resource === 'externalsecrets')
    expect(made.map(({ path }) => path)).toEqual([expect.stringMatching(/\/namespaces\/default\/externalsecrets$/)])
  })

  test('is the field with the label password where no other is named, and an item may be named by its id', async () => {
    expect(await at.report({ item: at.item.title })).toMatchObject({ verdict: 'proven', field: 'password' })
    expect(await at.report({ item: `${at.item.id}/api-key` })).toMatchObject({ verdict: 'proven', item: at.item.id })
  })
})

describe('a comparison', () => {
  test('that finds something else proves nothing', async () => {
    const end = await at.between((_, body) => body.replaceAll(at.sandbox.item.value, 'something else'))
    onTestFinished(end)
    const report = await at.report()
    expect(report).toMatchObject({ verdict: 'failed', exitCode: 3, stores: [{ verdict: 'failed', errors: [{ id: 'value-differs' }] }] })
    expect(JSON.stringify(report)).not.toContain('something else')
  })

  test('is made again with what Connect gives by then', async () => {
    let reads = 0
    const old = at.sandbox.item.value
    const end = await at.between((path, body) => {
      if (path.endsWith(`/items/${at.item.id}`) && ++reads === 1) changeField(at.item, 'api-key', 'changed-before-it-was-synchronised')
      return body
    })
    onTestFinished(() => {
      end()
      changeField(at.item, 'api-key', old)
    })
    expect(await at.report()).toMatchObject({ verdict: 'proven', stores: [{ value: { length: 34 } }] })
    expect(reads).toBe(2)
  })

  test.each([
    ['of what is no Connect', () => at.between(() => '<html>'), 'what answers at its connectHost is not 1Password Connect'],
    [
      'where Connect gives nothing',
      () => at.between((path, body) => (path.includes('?') ? '[]' : body)),
      'The token sees no vault with the title "catalyst-eso"',
    ],
  ])('%s is left out, and that is said', async (_, between, why) => {
    onTestFinished(await between())
    expect(await at.report()).toMatchObject({ verdict: 'uncompared', exitCode: 0, stores: [{ verdict: 'uncompared', uncompared: why }] })
    expect((await at.verify()).stdout.replace(/\s+/g, ' ')).toContain(`It was not compared with what Connect gives. Why: ${why}`)
  })

  test('of a document is left out: the operator reads its file', async () => {
    at.add({ title: 'a-document', category: 'DOCUMENT', files: { password: 'in-a-file' } })
    const uncompared = 'the item is a document, and only fields are compared'
    expect(await at.report({ item: 'a-document' })).toMatchObject({ verdict: 'uncompared', stores: [{ uncompared, value: { length: 9 } }] })
  })

  const least = [
    ...['clustersecretstores', 'secretstores'].map((resource) =>
      mayAll('external-secrets.io', resource, { verbs: ['get', 'list', 'watch'] }),
    ),
    mayAll('external-secrets.io', 'externalsecrets', { namespaces: ['external-secrets'] }),
    mayAll('', 'secrets', { namespaces: ['external-secrets'] }),
  ]

  test.each([
    ['find Connect', [], 'You may not get services onepassword-connect in external-secrets'],
    ['forward a port', [mayAll('', 'services'), mayAll('', 'pods')], 'this user may not forward a port to a pod in external-secrets'],
  ])('is left out for somebody who may not %s', async (_, more, uncompared) => {
    expect(await at.report({}, await at.as(...least, ...more))).toMatchObject({
      verdict: 'uncompared',
      exitCode: 0,
      stores: [{ uncompared }],
    })
  })

  test('is left out for somebody who may not read the token', async () => {
    const here = { namespaces: ['default'] }
    const rules = [...least.slice(0, 2), mayAll('external-secrets.io', 'externalsecrets', here), mayAll('', 'secrets', here)]
    expect(await at.report({ namespace: 'default' }, await at.as(...rules))).toMatchObject({
      verdict: 'uncompared',
      stores: [{ uncompared: expect.stringMatching(/^You may not get secrets onepassword-connect-token in external-secrets/) }],
    })
  })

  test('is not begun by somebody who may not make an ExternalSecret', async () => {
    at.requests()
    const report = await at.report({}, await at.as(...least.slice(0, 2)))
    expect(report).toMatchObject({ verdict: 'failed', exitCode: 4, stores: [], errors: [{ id: 'permission-missing' }] })
    expect(at.writes()).toEqual([])
  })
})
