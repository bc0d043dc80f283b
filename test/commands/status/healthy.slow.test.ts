import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { kinds } from '../../../src/sandbox/kinds.ts'
import { type Healthy, openHealthy, putExternalSecret, steady, withoutSecrets } from './stage.ts'

let at: Healthy
beforeAll(async () => {
  at = await openHealthy()
})
afterAll(() => at?.close())
beforeEach(() => {
  for (const { metadata } of at.sandbox.api.store.list(kinds.externalSecret))
    if (metadata.name !== 'my-app') at.sandbox.api.store.remove(kinds.externalSecret, metadata.namespace, metadata.name)
})

const days = (count: number) => ({ now: () => new Date(Date.now() + count * 86_400_000) })

test('is one screen', async () => {
  const { code, stdout, stderr } = await at.status([], { columns: 80, ...days(3) })
  expect([code, stderr]).toEqual([0, ''])
  const screen = steady(stdout)
  expect(screen.split('\n').filter((line) => line.length > 80)).toEqual([])
  expect(screen.split('\n').length).toBeLessThanOrEqual(24)
  expect(screen).toMatchInlineSnapshot(`
    "cluster     sandbox  https://127.0.0.1:6443  Kubernetes 1.34.1
    repository  ~/repository  main
    flux        2.9.4  GitRepository flux-system/flux-system  main at 0a1b2c3d
                the working tree is at the same commit
                ✔ external-secrets  ✔ external-secrets-operator
    operator    ✔ 2.9.0  external-secrets/external-secrets  serves v1
    connect     ✔ 1.8.2  external-secrets/onepassword-connect  ready, no restarts
    stores      ✔ ClusterSecretStore onepassword  Ready for 3 days  catalyst-eso
                ✔ SecretStore external-secrets/onepassword  Ready for 3 days
                  catalyst-eso
    token       ✔ external-secrets/onepassword-connect-token
                  expires in 86 days, reads catalyst-eso, Team Shared
    secrets     ✔ 1 ExternalSecret: 1 synced  oldest sync 3 days ago

    ✔ Healthy.
    "
  `)
})

test('has no colours where nobody sees them', async () => {
  expect((await at.status([])).stdout).not.toContain('\x1b')
  expect((await at.status(['--no-color'], { columns: 80 })).stdout).not.toContain('\x1b')
})

test('is one document', async () => {
  const report = await at.report()
  expect(report).toMatchObject({
    verdict: 'healthy',
    cluster: { context: 'sandbox', version: '1.34.1' },
    repository: { branch: 'main' },
    flux: {
      installed: true,
      kustomizations: [
        { name: 'external-secrets', state: 'ready' },
        { name: 'external-secrets-operator', state: 'ready' },
      ],
      tree: { is: 'same' },
    },
    operator: { served: ['v1'] },
    connect: { workloads: [{ name: 'onepassword-connect', version: '1.8.2', restarts: 0 }], elsewhere: [] },
    stores: [
      { kind: 'ClusterSecretStore', ready: true, vaults: ['catalyst-eso'] },
      { kind: 'SecretStore', ready: true },
    ],
    tokens: [{ state: 'valid', vaults: ['catalyst-eso', 'Team Shared'], connect: { is: 'accepted' } }],
    externalSecrets: { count: 1, synced: 1, failing: 0, oldest: { name: 'default/my-app' } },
    problems: [],
    unseen: [],
    errors: [],
  })
})

test('is one line with --short', async () => {
  const { stdout } = await at.status([], { env: { ...at.env, ESO_BOOTSTRAP_SHORT: '1' } })
  const [token] = (await at.report()).tokens ?? []
  expect(stdout).toBe(
    `✔ sandbox: healthy; ESO 2.9.0, Connect 1.8.2, 2 of 2 stores Ready, token until ${token?.expires?.slice(0, 10)}, 1 of 1 ExternalSecret synced\n`,
  )
})

test('everything is asked for at the same time', async () => {
  const lists = ['kustomizations', 'clustersecretstores', 'secretstores', 'deployments', 'externalsecrets']
  for (const resource of lists) at.sandbox.api.inject({ match: { verb: 'list', resource }, delay: 400 })
  at.requests()
  const running = at.begin()
  const waiting = () =>
    at.sandbox.api.log.filter(({ verb, status }) => verb === 'list' && status === 0).map(({ resource }) => resource.split('.')[0])
  await expect.poll(() => waiting().sort(), { interval: 5 }).toEqual(lists.toSorted())
  expect((await running.ended).code).toBe(0)
})

describe('the working tree', () => {
  test('is not needed', async () => {
    const { code, stdout } = await at.status([], { cwd: at.sandbox.folder })
    expect(code).toBe(0)
    expect(stdout).toContain('repository  none here: only the cluster is looked at\n')
    expect(await at.report([], { cwd: at.sandbox.folder })).toMatchObject({
      verdict: 'healthy',
      flux: { kustomizations: [{ name: 'external-secrets' }, { name: 'external-secrets-operator' }] },
    })
  })

  test('with a commit that was not pushed', async () => {
    await at.git('commit', '--quiet', '--allow-empty', '-m', 'x')
    const { code, stdout } = await at.status()
    expect([code, stdout]).toEqual([0, expect.stringContaining('the working tree: 1 commit not pushed')])
    expect(stdout).toContain('! the working tree\n  A commit was not pushed: Flux does not know of it.\n  → git push\n')
    expect((await at.report()).flux?.tree).toEqual({ is: 'differs', ahead: 1, behind: 0, unpushed: 1 })
    await at.git('reset', '--quiet', '--hard', 'origin/main')
  })
})

describe('ExternalSecrets', () => {
  test('the five that fail longest are named, and one of another provider is not judged', async () => {
    for (let index = 1; index <= 7; index++) putExternalSecret(at, `lost-${index}`, { key: 'nowhere' })
    putExternalSecret(at, 'other', { store: 'another' })
    await at.sandbox.settled()
    const report = await at.report()
    expect(report).toMatchObject({
      verdict: 'unhealthy',
      exitCode: 3,
      externalSecrets: { count: 8, synced: 1, failing: 7, elsewhere: 1 },
      problems: [{ id: 'item-not-found', severity: 'broken', why: 'No item "nowhere" is in the vaults that the store reads.' }],
    })
    expect(report.externalSecrets?.worst.map(({ name }) => name)).toEqual([1, 2, 3, 4, 5].map((index) => `default/lost-${index}`))
    expect(report.problems[0]?.about.at(-1)).toBe('2 more ExternalSecrets that fail')
    const { stdout } = await at.status(['--short'])
    expect(stdout.split('\n')).toEqual([
      expect.stringMatching(/^✖ sandbox: not healthy; .* 1 of 8 ExternalSecrets synced$/),
      'ExternalSecret default/lost-1 and 5 more: No item "nowhere" is in the vaults that the store reads.',
      '',
    ])
  })
})

describe('--watch', () => {
  test('shows what changes, when it does, and ends well with Ctrl-C', async () => {
    const before = at.sandbox.api.log.length
    const running = at.begin(['--watch'])
    await expect.poll(running.screen, { timeout: 10_000 }).toContain('✔ Healthy.')
    // It looks again when all is watched, and shows nothing anew.
    const looks = () =>
      at.sandbox.api.log.slice(before).filter(({ verb, resource }) => verb === 'list' && /^externalsecrets/.test(resource))
    await expect.poll(() => looks().filter(({ query }) => query.includes('limit=100')).length, { timeout: 10_000 }).toBeGreaterThan(1)
    putExternalSecret(at, 'lost', { key: 'nowhere' })
    await expect.poll(running.screen, { timeout: 10_000 }).toContain('ExternalSecret default/lost\n  No item "nowhere"')
    running.signal('SIGINT')
    const { code, stdout } = await running.ended
    expect(code).toBe(0)
    expect(stdout).not.toContain('\x1b')
    const blocks = stdout.split(/^\d{4}-\S+Z\n/m).map((block) => block.replace(/\d+ seconds?|a moment/g, 'AGE').trim())
    expect(blocks.length).toBeGreaterThan(2)
    expect(blocks.filter((block, index) => block === blocks[index - 1])).toEqual([])
    withoutSecrets(at, stdout)
  })

  test('on a terminal it has the alternate screen to itself, and leaves the last state behind', async () => {
    const running = at.begin(['--watch'], { columns: 80 })
    await expect.poll(running.screen, { timeout: 10_000 }).toContain('Healthy.')
    running.signal('SIGINT')
    const { code, stdout } = await running.ended
    expect(code).toBe(0)
    expect(stdout.startsWith('\x1b[?1049h')).toBe(true)
    const [, after = ''] = stdout.split('\x1b[?1049l')
    expect(after).toContain('Healthy.')
  })
})

test.each([
  [['--watch', '-o', 'json']],
  [['--short', '-o', 'json']],
  [['--watch', '--write']],
  [['--context', 'nowhere']],
  [['--expect-cluster', 'another']],
])('%j is refused with 2', async (flags) => {
  expect((await at.status(flags)).code).toBe(2)
})
