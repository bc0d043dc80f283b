import { writeFile } from 'node:fs/promises'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import type { Rule } from '../../../src/sandbox/api/access.ts'
import { kinds } from '../../../src/sandbox/kinds.ts'
import { granted, wordsOf } from '../../docs/asked.ts'
import { status } from '../../docs/roles.ts'
import { type Healthy, openHealthy, putExternalSecret } from './stage.ts'

let at: Healthy
beforeAll(async () => {
  at = await openHealthy()
})
afterAll(() => at?.close())

const rule = (group: string, resources: string[], verbs = ['get', 'list'], namespaces?: string[]): Rule => ({
  apiGroups: [group],
  resources,
  verbs,
  ...(namespaces && { namespaces }),
})
const rules = {
  flux: [
    rule('kustomize.toolkit.fluxcd.io', ['kustomizations']),
    rule('source.toolkit.fluxcd.io', ['gitrepositories']),
    rule('apiextensions.k8s.io', ['customresourcedefinitions']),
  ],
  deployments: [rule('apps', ['deployments'])],
  pods: [rule('', ['pods', 'services'])],
  forward: [rule('', ['pods/portforward'], ['get', 'create'])],
  stores: [rule('external-secrets.io', ['clustersecretstores']), rule('external-secrets.io', ['secretstores'])],
  secrets: [rule('', ['secrets'])],
  externalSecrets: [rule('external-secrets.io', ['externalsecrets'])],
}
type Part = keyof typeof rules

let users = 0
const without = (...parts: Part[]) =>
  at.user(
    `viewer-${++users}`,
    Object.entries(rules).flatMap(([part, each]) => (parts.includes(part as Part) ? [] : each)),
  )

test('the permissions of docs/reference are enough, and hold nothing that is not asked for', async () => {
  at.requests()
  const kubeconfig = await at.user('reader', status)
  const running = at.begin(['--watch', '--kubeconfig', kubeconfig])
  await expect.poll(running.screen, { timeout: 10_000 }).toContain('✔ Healthy.')
  putExternalSecret(at, 'lost', { key: 'nowhere' })
  await expect.poll(running.screen, { timeout: 10_000 }).toContain('No item "nowhere"')
  running.signal('SIGINT')
  await running.ended
  const asked = at.requests()
  at.sandbox.api.store.remove(kinds.externalSecret, 'default', 'lost')
  at.sandbox.account.revoked.add((await at.report()).tokens?.[0]?.id ?? '')
  at.requests()
  expect(await at.begin(['--kubeconfig', kubeconfig]).ended).toMatchObject({ code: 3 })
  asked.push(...at.requests())
  at.sandbox.account.revoked.clear()
  expect(asked.filter((each) => each.status === 403)).toEqual([])
  const known = new Set(asked.filter(({ user }) => user === 'reader').flatMap((request) => wordsOf(request) ?? []))
  const everywhere = (words: string) => words.replace(/ in [^ ]+$/, ' everywhere')
  const all = granted(status)
  expect([...known].filter((each) => !all.includes(each) && !all.includes(everywhere(each)))).toEqual([])
  expect(all.filter((each) => !known.has(each) && ![...known].some((other) => everywhere(other) === each))).toEqual([
    // Asked for since Kubernetes 1.35.
    'create pods/portforward in external-secrets',
  ])
})

describe('what may not be looked at is told, and nothing false', () => {
  test.each<[without: Part, section: string, exit: number]>([
    ['flux', 'flux', 0],
    ['pods', 'connect', 0],
    ['secrets', 'tokens', 0],
    ['externalSecrets', 'externalSecrets', 0],
  ])('%s', async (part, section, exit) => {
    const kubeconfig = await without(part)
    const report = await at.report(['--kubeconfig', kubeconfig])
    expect(report).toMatchObject({ verdict: 'partly', exitCode: exit, problems: [] })
    expect([...new Set(report.unseen.map((each) => each.section))]).toEqual([section])
    expect(report.unseen[0]).toMatchObject({ id: 'forbidden', why: expect.stringMatching(/^You may not (get|list) /) })
  })

  test('stores, and with them tokens', async () => {
    const report = await at.report(['--kubeconfig', await without('stores')])
    expect(report).toMatchObject({ verdict: 'partly', problems: [], externalSecrets: { count: 1, synced: 1 } })
    expect([...new Set(report.unseen.map((each) => each.section))]).toEqual(['stores', 'tokens'])
    expect(report.stores).toBeUndefined()
  })

  test('Deployments of other namespaces', async () => {
    const own = [...rules.stores, ...rules.secrets, rule('apps', ['deployments'], ['list'], ['external-secrets'])]
    const report = await at.report(['--kubeconfig', await at.user('namespaced', own)])
    expect(report).toMatchObject({ connect: { workloads: [{ name: 'onepassword-connect' }] }, problems: [] })
    expect(report.operator?.workloads.length).toBe(3)
  })

  test('Deployments at all', async () => {
    const report = await at.report(['--kubeconfig', await without('deployments')])
    expect(report).toMatchObject({ verdict: 'partly', problems: [], stores: [{ ready: true }, { ready: true }] })
    expect([...new Set(report.unseen.map((each) => each.section))]).toEqual(['operator', 'connect'])
  })

  test('a port that may not be forwarded leaves the token untried', async () => {
    const kubeconfig = await without('forward')
    const report = await at.report(['--kubeconfig', kubeconfig])
    expect(report).toMatchObject({ verdict: 'healthy', tokens: [{ state: 'valid', connect: { is: 'not-asked' } }] })
    const { stdout } = await at.status(['--kubeconfig', kubeconfig])
    expect(stdout.replace(/\s+/g, ' ')).toMatch(
      /expires in 89 days, reads 2 vaults not tried on Connect: You may not get pods\/portforward/,
    )
  })
})

test('nothing at all: 4', async () => {
  const kubeconfig = await at.user('nobody', [])
  const { code, stdout } = await at.status(['--kubeconfig', kubeconfig])
  expect(code).toBe(4)
  expect(stdout).not.toMatch(/✔|^!/m)
  const text = stdout.replace(/\s+/g, ' ')
  expect(text).toContain('? Not looked at: Flux. You may not list kustomizations.kustomize.toolkit.fluxcd.io.')
  expect(text).toContain('? Not looked at: the operator, Connect. You may not list deployments.apps.')
  expect(stdout).toContain('✖ Nothing could be looked at.')
  expect(await at.report(['--kubeconfig', kubeconfig])).toMatchObject({ verdict: 'unseen', problems: [] })
  expect((await at.status(['--short', '--kubeconfig', kubeconfig])).stdout).toMatch(/^\? sandbox: not seen\nYou may not /)
})

test('an API server that is not there: 3, and nothing is said to be broken', async () => {
  const text = at.sandbox.api.kubeconfig('admin').replace(/127\.0\.0\.1:\d+/, '127.0.0.1:1')
  const path = `${at.sandbox.folder}/nowhere.kubeconfig`
  await writeFile(path, text)
  const report = await at.report(['--kubeconfig', path])
  expect(report).toMatchObject({ verdict: 'unseen', exitCode: 3, problems: [] })
  expect(new Set(report.unseen.map(({ id }) => id))).toEqual(new Set(['server-unreachable']))
})
