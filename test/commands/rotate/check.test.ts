import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import type { KubernetesObject } from '../../../src/kubernetes/object.ts'
import { kinds } from '../../../src/sandbox/kinds.ts'
import type { Expiry } from '../../../src/steps/rotation/check-expiry.ts'
import type { Flags } from '../init/stage.ts'
import { reportIn } from './schema.ts'
import { openRotation, type Rotation, words } from './stage.ts'

const now = new Date('2026-11-25T12:00:00Z')
const inDays = (days: number) => new Date(now.getTime() + days * 86_400_000)
const place = ['external-secrets', 'onepassword-connect-token'] as const

let rotation: Rotation
let secret: KubernetesObject
beforeAll(async () => {
  rotation = await openRotation()
  const found = rotation.sandbox.api.store.get(kinds.secret, ...place)
  if (found === undefined) throw new Error('there is no token Secret')
  secret = found
})
afterAll(() => rotation?.close())
beforeEach(() => {
  rotation.sandbox.api.store.commit(secret)
  rotation.writes()
})

const encoded = (text: string) => Buffer.from(text).toString('base64')
const hold = (value: string, key = 'token') => void rotation.sandbox.api.store.commit({ ...secret, data: { [key]: encoded(value) } })
const token = (expires: number | 'never') => () =>
  rotation.sandbox.access.mint({ issuedAt: inDays(-10), expires: expires === 'never' ? 'never' : inDays(expires) }).reveal()
const command = (flags: Flags) => rotation.command(['rotate-token', ...words({ check: true, ...flags })], { now: () => now }).ended

/** What is said to people and as JSON, the same both times; nothing is written. */
async function check(flags: Flags = {}) {
  const human = await command(flags)
  const report = reportIn(await command({ ...flags, output: 'json' }))
  expect(report).toMatchObject({ command: 'rotate-token', exitCode: human.code, clusters: [], replaced: [] })
  expect(rotation.writes()).toEqual([])
  return { report, human: human.stdout.replace(/\s+/g, ' ').trim() }
}

const what = 'Secret external-secrets/onepassword-connect-token'
const users = 'used by ClusterSecretStore onepassword, SecretStore external-secrets/onepassword'
const again = '→ eso-bootstrap rotate-token --mint (or --token <source>)'

interface Row {
  of: string
  holds: () => string
  flags?: Flags
  code: number
  verdict: string
  expiry: Partial<Expiry>
  human: string
  errors?: string[]
}

const rows: Row[] = [
  {
    of: 'one that is valid',
    holds: token(45),
    code: 0,
    verdict: 'valid',
    expiry: { state: 'valid', days: 45 },
    human: `✔ ${what} valid: 2027-01-09, 45 days left ${users}`,
  },
  {
    of: 'one that expires within 30 days',
    holds: token(29.5),
    code: 10,
    verdict: 'expiring',
    expiry: { state: 'expiring', days: 29, expires: '2026-12-25T00:00:00.000Z' },
    human: `! ${what} expires soon: 2026-12-25, 29 days left ${users} ${again}`,
  },
  {
    of: 'one that does not within the time that is said',
    holds: token(29.5),
    flags: { within: '14d' },
    code: 0,
    verdict: 'valid',
    expiry: { state: 'valid', days: 29 },
    human: `✔ ${what} valid: 2026-12-25, 29 days left ${users}`,
  },
  {
    of: 'one that does within the time that is said',
    holds: token(1.2),
    flags: { within: '36h' },
    code: 10,
    verdict: 'expiring',
    expiry: { state: 'expiring', days: 1 },
    human: `! ${what} expires soon: 2026-11-26, one day left ${users} ${again}`,
  },
  {
    of: 'one that is at its end',
    holds: token(0.2),
    code: 10,
    verdict: 'expiring',
    expiry: { state: 'expiring', days: 0 },
    human: `! ${what} expires soon: 2026-11-25, less than a day left ${users} ${again}`,
  },
  {
    of: 'one that has expired',
    holds: token(-3),
    code: 10,
    verdict: 'expiring',
    expiry: { state: 'expired', days: 3 },
    human: `✖ ${what} has expired: 2026-11-22, 3 days ago ${users} ${again}`,
  },
  {
    of: 'one that never does',
    holds: token('never'),
    code: 0,
    verdict: 'valid',
    expiry: { state: 'endless' },
    human: `✔ ${what} never expires ${users}`,
  },
  {
    of: 'what is no token',
    holds: () => 'swordfish',
    code: 3,
    verdict: 'failed',
    expiry: { state: 'unreadable' },
    human: `✖ ${what} is no Connect token ${users} → eso-bootstrap rotate-token --token <source>`,
    errors: ['token-unreadable'],
  },
]

describe('--check', () => {
  test.each(rows)('$of', async ({ holds, flags, code, verdict, expiry, human, errors = [] }) => {
    hold(holds())
    const found = await check(flags)
    expect(found.report).toMatchObject({ exitCode: code, verdict })
    const [namespace, name] = place
    expect(found.report.tokens).toMatchObject([{ cluster: 'sandbox', secret: { namespace, name, key: 'token' }, ...expiry }])
    expect(found.report.errors.map(({ id }) => id)).toEqual(errors)
    expect(found.human).toBe(human)
  })

  test.each([
    ['no Secret', () => rotation.sandbox.api.store.remove(kinds.secret, ...place)],
    ['no such key', () => hold('x', 'another')],
  ])('%s', async (_, act) => {
    act()
    const { report, human } = await check()
    expect(report).toMatchObject({
      exitCode: 3,
      verdict: 'failed',
      errors: [{ id: 'token-secret-missing' }],
      tokens: [{ state: 'missing' }],
    })
    expect(human).toBe(`✖ ${what} is not there ${users} → eso-bootstrap init (puts the first token there)`)
  })

  test('tells nothing of a secret', async () => {
    hold('swordfish')
    const { stdout, stderr } = await command({ verbose: true })
    expect(stdout + stderr).not.toContain('swordfish')
  })

  describe('several Secrets', () => {
    const other = (expires: number) => {
      const { store } = rotation.sandbox.api
      const found = store.get(kinds.clusterSecretStore, undefined, 'onepassword')
      const { onepassword } = found?.['spec'].provider ?? {}
      const auth = { secretRef: { connectTokenSecretRef: { name: 'apps-token', key: 'token', namespace: 'default' } } }
      const metadata = { name: 'apps-token', namespace: 'default' }
      store.put({ apiVersion: 'v1', kind: 'Secret', metadata, type: 'Opaque', data: { token: encoded(token(expires)()) } }, 'a-person')
      const spec = { provider: { onepassword: { ...onepassword, auth } } }
      store.put({ apiVersion: found?.apiVersion ?? '', kind: 'ClusterSecretStore', metadata: { name: 'apps' }, spec }, 'a-person')
    }

    test('each has its line, and the nearest end decides', async () => {
      hold(token(45)())
      other(5)
      const { report, human } = await check()
      expect(report).toMatchObject({ exitCode: 10, verdict: 'expiring' })
      expect(report.tokens?.map(({ secret: { name }, state, stores }) => [name, state, stores])).toEqual([
        ['apps-token', 'expiring', ['ClusterSecretStore apps']],
        ['onepassword-connect-token', 'valid', ['ClusterSecretStore onepassword', 'SecretStore external-secrets/onepassword']],
      ])
      expect(human).toBe(
        `! Secret default/apps-token expires soon: 2026-11-30, 5 days left used by ClusterSecretStore apps ✔ ${what} valid: 2027-01-09, 45 days left ${users} ${again}`,
      )
    })

    test('--store names the one that counts', async () => {
      hold(token(45)())
      other(5)
      expect((await check({ store: 'apps' })).report).toMatchObject({ exitCode: 10, tokens: [{ state: 'expiring' }] })
      const { report } = await check({ store: 'onepassword' })
      expect(report).toMatchObject({ exitCode: 0, tokens: [{ state: 'valid' }] })
    })

    test('one that can not be read counts for more than one that is near its end', async () => {
      hold('swordfish')
      other(5)
      expect((await check()).report).toMatchObject({ exitCode: 3, verdict: 'failed', errors: [{ id: 'token-unreadable' }] })
    })
  })

  test('a context that is not there', async () => {
    const report = reportIn(await command({ output: 'json', context: 'nowhere' }))
    expect(report).toMatchObject({ verdict: 'failed', exitCode: 2, clusters: [], errors: [{ id: 'context-unknown' }] })
  })
})
