import { stripVTControlCharacters } from 'node:util'
import { describe, expect, it } from 'vitest'
import { isReady } from '../../../src/kubernetes/object.ts'
import { kinds } from '../../../src/sandbox/kinds.ts'
import { secretValue } from '../../sandbox/bootstrap.ts'
import { appValue } from '../init/stage.ts'
import { openDoctor } from './stage.ts'

const flat = (screen: string) => stripVTControlCharacters(screen).replace(/\s+/g, ' ')

describe('--fix mends', () => {
  it.each(['wrong-encoding', 'credentials-double-base64', 'credentials-as-file'])(
    '%s: the same credentials in the right encoding, Connect restarts, and a value comes',
    async (scenario) => {
      const at = await openDoctor(scenario)
      const before = at.sandbox.connect()
      at.writes()
      const report = await at.report(['--fix', '--yes'])
      expect(report.repairs).toMatchObject([
        { check: 'credentials-encoding', about: 'Secret external-secrets/onepassword-connect-secret', is: 'done' },
      ])
      expect(at.writes()).toEqual(['patch secrets/onepassword-connect-secret', 'patch deployments/onepassword-connect'])
      await at.sandbox.settled()
      expect(at.sandbox.connect().some((each) => before.includes(each))).toBe(false)
      const stored = secretValue(at.sandbox, 'onepassword-connect-secret', '1password-credentials.json', 'external-secrets') ?? ''
      const { credentials } = at.sandbox.access
      expect(credentials.reveal()).toBe(scenario === 'credentials-as-file' ? stored : Buffer.from(stored, 'base64').toString())
      // What the operator still holds against the stores is mended by a second run.
      await at.report(['--fix', '--yes'])
      await at.sandbox.settled()
      // An ExternalSecret that waits for its next try is a warning at most.
      const errors = (await at.report()).checks.flatMap(({ findings }) => findings.filter(({ severity }) => severity === 'error'))
      expect(errors).toEqual([])
      expect(await appValue(at)).toBe(at.sandbox.item.value)
    },
  )

  it('a store that the operator has given up for a while, once its token is right', async () => {
    const at = await openDoctor('set-up')
    const { api, account, settled } = at.sandbox
    const [, payload = ''] = (secretValue(at.sandbox, 'onepassword-connect-token', 'token', 'external-secrets') ?? '').split('.')
    account.revoked.add(JSON.parse(Buffer.from(payload, 'base64url').toString()).jti)
    // Each failure makes the operator wait twice as long until the next try.
    for (let nth = 0; nth < 5; nth++) {
      for (const store of [...api.store.list(kinds.clusterSecretStore), ...api.store.list(kinds.secretStore)])
        api.store.put({ ...store, metadata: { ...store.metadata, annotations: { nth: `${nth}` } } }, 'a-person')
      await settled()
    }
    account.revoked.clear()
    expect(await at.found()).toContain('stores-ready')
    const { repairs } = await at.report(['--fix', '--yes'])
    expect(repairs?.map(({ check, about, is }) => [check, about, is])).toEqual([
      ['stores-ready', 'ClusterSecretStore onepassword', 'done'],
      ['stores-ready', 'SecretStore external-secrets/onepassword', 'done'],
    ])
    await settled()
    expect(isReady(api.store.list(kinds.clusterSecretStore)[0])).toBe(true)
  })

  it('the namespace that Flux could prune', async () => {
    const at = await openDoctor('namespace-prunable')
    expect(await at.report(['--fix', '--yes'])).toMatchObject({
      verdict: 'partly',
      exitCode: 0,
      repairs: [{ check: 'namespace-kept', is: 'done' }],
    })
    const { metadata } = at.sandbox.api.store.get(kinds.namespace, undefined, 'external-secrets') ?? {}
    expect(metadata?.annotations?.['kustomize.toolkit.fluxcd.io/prune']).toBe('disabled')
  })

  it('nothing where there is nothing to mend, and says so by what it shows', async () => {
    const at = await openDoctor('token-expired')
    at.writes()
    expect(await at.report(['--fix', '--yes'])).toMatchObject({ verdict: 'errors', exitCode: 3, repairs: [] })
    expect(at.writes()).toEqual([])
  })
})

describe('a person', () => {
  it('is asked for each, and a no leaves all as it is', async () => {
    const at = await openDoctor('wrong-encoding')
    at.writes()
    const running = at.open(['--fix'], { columns: 80 })
    await expect.poll(running.screen, { timeout: 10_000 }).toContain('Do this?')
    expect(flat(running.screen())).toContain('put the same credentials into Secret external-secrets/onepassword-connect-secret')
    running.type('n\r')
    const { code, stdout } = await running.ended
    expect([code, stdout]).toEqual([3, expect.stringContaining('credentials-encoding')])
    expect(at.writes()).toEqual([])
  })

  it('says yes, and sees what was done', async () => {
    const at = await openDoctor('namespace-prunable')
    const running = at.open(['--fix'], { columns: 80 })
    await expect.poll(running.screen, { timeout: 10_000 }).toContain('Do this?')
    running.type('y\r')
    const { code, stdout, stderr } = await running.ended
    expect([code, flat(stderr)]).toEqual([0, expect.stringContaining('✔ Namespace external-secrets annotated')])
    expect(stdout).not.toContain('namespace-kept')
  })

  it('presses Ctrl-C at the question: nothing is changed', async () => {
    const at = await openDoctor('wrong-encoding')
    at.writes()
    const running = at.open(['--fix'], { columns: 80 })
    await expect.poll(running.screen, { timeout: 10_000 }).toContain('Do this?')
    running.signal('SIGINT')
    expect(await running.ended).toMatchObject({ code: 130 })
    expect(at.writes()).toEqual([])
  })

  it('who is not there is not asked', async () => {
    const at = await openDoctor('wrong-encoding')
    const { code, stderr } = await at.doctor(['--fix'])
    expect([code, stderr]).toEqual([2, expect.stringContaining('--yes')])
    expect((await at.doctor(['--fix', '-o', 'sarif'])).code).toBe(2)
  })
})

it('what may not be mended is told, and the exit code is 5', async () => {
  const at = await openDoctor('wrong-encoding')
  const everything = [{ verbs: ['get', 'list', 'watch'], apiGroups: ['*'], resources: ['*'] }]
  const kubeconfig = await at.user('reader', everything)
  const report = await at.report(['--fix', '--yes', '--kubeconfig', kubeconfig])
  expect(report).toMatchObject({ exitCode: 5, repairs: [{ is: 'failed', outcome: expect.stringContaining('may not patch') }] })
})

it('while another run is at work nothing is mended, and the exit code is 6', async () => {
  const at = await openDoctor('namespace-prunable')
  const now = new Date().toISOString().replace('Z', '000Z')
  const spec = { holderIdentity: 'somebody', leaseDurationSeconds: 3600, acquireTime: now, renewTime: now }
  const metadata = { name: 'eso-bootstrap', namespace: 'external-secrets' }
  at.sandbox.api.store.put({ apiVersion: 'coordination.k8s.io/v1', kind: 'Lease', metadata, spec }, 'eso-bootstrap')
  at.writes()
  expect(await at.report(['--fix', '--yes'])).toMatchObject({ exitCode: 6, errors: [{ id: 'busy' }] })
  expect(at.writes()).toEqual([])
})
