import { describe, expect, it } from 'vitest'
import { checks } from '../../../src/doctor/checks.ts'
import { steady } from '../status/stage.ts'
import { openDoctor } from './stage.ts'

describe('where all is well', () => {
  it('is silent about problems', async () => {
    const at = await openDoctor('set-up')
    const { code, stdout, stderr } = await at.doctor([], { columns: 80 })
    expect([code, stderr]).toEqual([0, ''])
    expect(steady(stdout)).toMatchInlineSnapshot(`
      "cluster     sandbox  https://127.0.0.1:6443
      repository  ~/repository  main

      cluster     ✔ 4 true
      flux        ✔ 6 true
      files       ✔ 15 true
      operator    ✔ 5 true
      credentials ✔ 4 true
      connect     ✔ 7 true
      token       ✔ 7 true
      stores      ✔ 3 true
      secrets     ✔ 5 true
      security    ✔ 2 true  · 1 advice  ? 1 not looked at

      · Deployment external-secrets/onepassword-connect  network-policy
        No NetworkPolicy selects its pods: every pod of the cluster can reach it.
        → kubectl get networkpolicies -n external-secrets
        → Write one that selects these pods and lets in the namespace of the operator.

      ? Not looked at: encryption-at-rest. No pod of the API server shows in
        kube-system, as in managed clusters and k3s: ask who runs it.

      Nothing is wrong with what could be looked at.
      More on each: eso-bootstrap doctor --explain network-policy
      "
    `)
    expect((await at.report()).checks.map(({ id }) => id)).toEqual(checks.map(({ id }) => id))
  })

  it('only reads', async () => {
    const at = await openDoctor('set-up')
    at.writes()
    await at.doctor(['--verbose'])
    expect(at.writes()).toEqual([])
  })

  it('--offline needs no cluster, and looks at the files', async () => {
    const at = await openDoctor('set-up')
    at.requests()
    const report = await at.report(['--offline'], { env: { ...at.env, KUBECONFIG: undefined } })
    expect(report).toMatchObject({ verdict: 'well', exitCode: 0 })
    expect(report.cluster).toBeUndefined()
    expect(report.checks.map(({ id }) => id)).toEqual(checks.filter(({ looksAt }) => looksAt === 'files').map(({ id }) => id))
    expect(at.requests()).toEqual([])
  })
})

describe('what can not be looked at', () => {
  it('is no warning: for somebody who may look at nothing', async () => {
    const at = await openDoctor('wrong-encoding')
    const kubeconfig = await at.user('nobody', [])
    expect(await at.found(['--kubeconfig', kubeconfig])).toEqual([])
    const { code, stdout } = await at.doctor(['--kubeconfig', kubeconfig])
    expect([code, stdout]).toEqual([0, expect.stringContaining('Nothing is wrong with what could be looked at.')])
    expect(stdout).toMatch(/\? Not looked at: /)
  })

  it('through a port-forward: the stores still tell the cause, as the operator saw it', async () => {
    const at = await openDoctor('unknown-vault')
    const rules = [{ verbs: ['get', 'list', 'watch'], apiGroups: ['*'], resources: ['*'] }]
    const kubeconfig = await at.user('reader', rules)
    at.sandbox.api.inject({ match: { resource: 'pods/portforward' }, status: 403 } as never)
    const report = await at.report(['--kubeconfig', kubeconfig])
    const told = report.checks.flatMap(({ id, findings }) =>
      findings.filter(({ severity }) => severity === 'error').map(({ why }) => [id, why]),
    )
    expect(told[0]).toEqual(['stores-ready', expect.stringContaining('catalyst-es0')])
  })

  it('in time is left, and the rest is told', async () => {
    const at = await openDoctor('token-expired')
    at.sandbox.api.inject({ match: { verb: 'list', resource: 'helmreleases' }, delay: 3_000 })
    const report = await at.report(['--timeout', '1s'])
    expect(report.checks.find(({ id }) => id === 'helm-releases')).toMatchObject({
      is: 'not-seen',
      notSeen: [{ why: 'It took longer than 1 s.' }],
    })
    expect(report.checks.find(({ id }) => id === 'token-expired')).toMatchObject({ is: 'found' })
  })

  it('because no API server answers: that is what is told, and exit 3', async () => {
    const at = await openDoctor('set-up')
    await at.sandbox.api.close()
    const { code, stdout } = await at.doctor([], { columns: 80 })
    expect(code).toBe(3)
    expect(stdout).toContain('api-server')
    expect(stdout).toContain('1 error.')
  })

  it('because there is no kubeconfig: --offline is named', async () => {
    const at = await openDoctor('set-up')
    const { code, stderr } = await at.doctor([], { env: { ...at.env, KUBECONFIG: undefined } })
    expect([code, stderr]).toEqual([expect.any(Number), expect.stringContaining('eso-bootstrap doctor --offline')])
    expect(code).not.toBe(0)
  })
})

describe('what is said', () => {
  it('is one screen of 80 columns, the cause first', async () => {
    const at = await openDoctor('wrong-encoding')
    const { stdout } = await at.doctor([], { columns: 80, env: { ...at.env, NO_COLOR: '1' } })
    expect(steady(stdout)).toMatchInlineSnapshot(`
      "cluster     sandbox  https://127.0.0.1:6443
      repository  ~/repository  main

      cluster     ✔ 4 true
      flux        ✔ 5 true  ? 1 not looked at
      files       ✔ 15 true
      operator    ✔ 5 true
      credentials ✔ 3 true  ✖ 1 error
      connect     ✔ 4 true  – 3 skipped
      token       ✔ 5 true  – 2 skipped
      stores      ✔ 1 true  – 2 skipped
      secrets     ✔ 4 true  – 1 skipped
      security    ✔ 2 true  · 1 advice  ? 1 not looked at

      ✖ Secret external-secrets/onepassword-connect-secret  credentials-encoding
        It holds the JSON itself, and Connect wants base64 text on one line:
        OP_SESSION is read from the Secret.
        → eso-bootstrap init --credentials <file> --replace (and restart Connect)
        → eso-bootstrap doctor --fix
          put the same credentials into Secret
          external-secrets/onepassword-connect-secret again, encoded as Connect reads
          them, and restart Deployment external-secrets/onepassword-connect

      · Deployment external-secrets/onepassword-connect  network-policy
        No NetworkPolicy selects its pods: every pod of the cluster can reach it.
        → kubectl get networkpolicies -n external-secrets
        → Write one that selects these pods and lets in the namespace of the operator.

      ? Not looked at: flux-ready. Flux is at work on it: whether it will be Ready is
        not known yet.
      ? Not looked at: encryption-at-rest. No pod of the API server shows in
        kube-system, as in managed clusters and k3s: ask who runs it.

      1 error.
      More on each: eso-bootstrap doctor --explain credentials-encoding
      "
    `)
    expect(stdout.split('\n').filter((line) => line.length > 80 && !line.includes('→'))).toEqual([])
  })

  it('has colours in a terminal alone', async () => {
    const at = await openDoctor('token-expired')
    expect((await at.doctor([], { columns: 80 })).stdout).toContain('\x1b[31m')
    for (const options of [{}, { columns: 80, env: { ...at.env, NO_COLOR: '1' } }, { columns: 80, env: { ...at.env, TERM: 'dumb' } }])
      expect((await at.doctor([], options)).stdout).not.toContain('\x1b')
  })

  it('leaves out what is ignored, and what that would have skipped is looked at', async () => {
    const at = await openDoctor('token-expired')
    expect(await at.found()).toEqual(['token-expired'])
    expect(await at.found(['--ignore', 'token-expired'])).toContain('stores-ready')
    const { code, stderr } = await at.doctor(['--ignore', 'token-expiry'])
    expect([code, stderr]).toEqual([2, expect.stringContaining('eso-bootstrap doctor --explain token-expired')])
  })

  it('is annotations for a workflow, at the lines', async () => {
    const at = await openDoctor('host-with-slash')
    const { code, stdout } = await at.doctor(['--offline', '-o', 'github'])
    expect(code).toBe(3)
    expect(stdout).toMatch(
      /^::error file=infrastructure\/base\/external-secrets\/secretstores\/onepassword-secretstore\.yaml,line=\d+,title=connect-host::/m,
    )
  })
})

it('Ctrl-C ends it at once', async () => {
  const at = await openDoctor('set-up')
  at.sandbox.api.inject({ match: { verb: 'list' }, delay: 5_000 })
  const running = at.open()
  await expect.poll(() => at.sandbox.api.log.some(({ status }) => status === 0)).toBe(true)
  running.signal('SIGINT')
  expect(await running.ended).toMatchObject({ code: 130 })
})
