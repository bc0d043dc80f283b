import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import type { KubernetesObject } from '../../../src/kubernetes/object.ts'
import { kinds } from '../../../src/sandbox/kinds.ts'
import { openRotation, type Rotation } from '../rotate/stage.ts'
import { type StatusAt, statusAt, steady, withoutSecrets } from './stage.ts'

let rotation: Rotation
let at: StatusAt
let objects: KubernetesObject[]
beforeAll(async () => {
  rotation = await openRotation()
  at = statusAt(rotation)
  objects = rotation.sandbox.api.store.all()
})
afterAll(() => rotation?.close())
beforeEach(() => {
  for (const { metadata } of rotation.sandbox.api.store.list(kinds.externalSecret))
    if (metadata.name !== 'my-app') rotation.sandbox.api.store.remove(kinds.externalSecret, metadata.namespace, metadata.name)
})

const days = (count: number) => ({ now: () => new Date(Date.now() + count * 86_400_000) })

test('is one screen', async () => {
  const { code, stdout, stderr } = await at.status([], { columns: 80, ...days(3) })
  expect([code, stderr]).toEqual([0, ''])
  // biome-ignore lint/suspicious/noControlCharactersInRegex: colours
  const screen = steady(stdout.replace(/\x1b\[\d+m/g, ''))
  expect(screen.split('\n').filter((line) => line.length > 80)).toEqual([])
  expect(screen.split('\n').length).toBeLessThanOrEqual(24)
  expect(screen).toMatchInlineSnapshot(`
    "cluster     sandbox  https://127.0.0.1:6443  Kubernetes 1.34.1
    repository  ~/repository  main
    flux        2.9.4  GitRepository flux-system/flux-system  main at 0a1b2c3d
                the working tree is at the same commit
                ✔ external-secrets
    operator    ✔ 0.11.0  external-secrets/external-secrets  serves v1beta1
    connect     ✔ 1.7.3  external-secrets/onepassword-connect  ready, no restarts
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
  expect((await at.status([], { columns: 80, env: { ...rotation.env, NO_COLOR: '1' } })).stdout).not.toContain('\x1b')
  expect((await at.status(['--no-color'], { columns: 80 })).stdout).not.toContain('\x1b')
})

test('is one document', async () => {
  const report = await at.report()
  expect(report).toMatchObject({
    verdict: 'healthy',
    cluster: { context: 'sandbox', version: '1.34.1' },
    repository: { branch: 'main' },
    flux: { installed: true, kustomizations: [{ name: 'external-secrets', state: 'ready' }], tree: { is: 'same' } },
    operator: { served: ['v1beta1'] },
    connect: { workloads: [{ name: 'onepassword-connect', version: '1.7.3', restarts: 0 }], elsewhere: [] },
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
  const { stdout } = await at.status(['--short'], days(3))
  const [token] = (await at.report()).tokens ?? []
  expect(stdout).toBe(
    `✔ sandbox: healthy; ESO 0.11.0, Connect 1.7.3, 2 of 2 stores Ready, token until ${token?.expires?.slice(0, 10)}, 1 of 1 ExternalSecret synced\n`,
  )
})

describe('the working tree', () => {
  test('is not needed', async () => {
    const { code, stdout } = await at.status([], { cwd: rotation.sandbox.folder })
    expect(code).toBe(0)
    expect(stdout).toContain('repository  none here: only the cluster is looked at\n')
    expect(await at.report([], { cwd: rotation.sandbox.folder })).toMatchObject({
      verdict: 'healthy',
      flux: { kustomizations: [{ name: 'external-secrets' }] },
    })
  })

  test('with a commit that was not pushed', async () => {
    await rotation.git('commit', '--quiet', '--allow-empty', '-m', 'x')
    const { code, stdout } = await at.status()
    expect([code, stdout]).toEqual([0, expect.stringContaining('the working tree: 1 commit not pushed')])
    expect(stdout).toContain('! the working tree\n  A commit was not pushed: Flux does not know of it.\n  → git push\n')
    await rotation.git('reset', '--quiet', '--hard', 'HEAD~2')
    expect((await at.report()).flux?.tree).toEqual({ is: 'differs', ahead: 0, behind: 1, unpushed: 0 })
    await rotation.git('reset', '--quiet', '--hard', 'origin/main')
  })
})

describe('ExternalSecrets', () => {
  test('the five that fail longest are named, and one of another provider is not judged', async () => {
    const data = (key: string) => ({ data: [{ secretKey: 'value', remoteRef: { key, property: 'x' } }] })
    for (let index = 1; index <= 7; index++) rotation.putExternalSecret(`lost-${index}`, data('nowhere'))
    rotation.putExternalSecret('other', { secretStoreRef: { kind: 'ClusterSecretStore', name: 'another' } })
    await rotation.sandbox.settled()
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
    const running = at.begin(['--watch'])
    await expect.poll(running.screen, { timeout: 10_000 }).toContain('✔ Healthy.')
    await expect
      .poll(() => rotation.requests().some(({ query, resource }) => /watch=/.test(query) && resource.startsWith('externalsecrets')))
      .toBe(true)
    rotation.putExternalSecret('lost', { data: [{ secretKey: 'value', remoteRef: { key: 'nowhere' } }] })
    await expect.poll(running.screen, { timeout: 10_000 }).toContain('ExternalSecret default/lost\n  No item "nowhere"')
    running.signal('SIGINT')
    const { code, stdout } = await running.ended
    expect(code).toBe(0)
    expect(stdout).not.toContain('\x1b')
    expect(stdout.match(/^cluster /gm)?.length).toBeLessThanOrEqual(3)
    withoutSecrets(rotation, stdout)
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

test('objects of the cluster are as they were', () => {
  const versions = (all: KubernetesObject[]) =>
    all
      .filter(({ kind }) => /^(Secret|Deployment|CustomResourceDefinition|ClusterSecretStore|SecretStore|Lease)$/.test(kind))
      .map(({ metadata }) => metadata.uid)
      .sort()
  expect(versions(rotation.sandbox.api.store.all())).toEqual(versions(objects))
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
