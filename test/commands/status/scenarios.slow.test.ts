import { expect, onTestFinished, test } from 'vitest'
import { kinds } from '../../../src/sandbox/kinds.ts'
import { openStage } from '../init/stage.ts'
import { templates } from '../init/trees.ts'
import { putExternalSecret, statusAt } from './stage.ts'

/** The scenario, and what `status` says at the end of its screen. */
const rows: [scenario: string, tail: string][] = [
  [
    'wrong-encoding',
    `✖ ClusterSecretStore onepassword, SecretStore external-secrets/onepassword,
  Secret external-secrets/onepassword-connect-token, ExternalSecret
  default/my-app
  Connect cannot read its credentials: it wants base64 text and the Secret holds
  something else.
  → eso-bootstrap init --credentials <file> --replace
Not healthy: 1 problem.
`,
  ],
  [
    'stale-ready',
    `✖ Secret external-secrets/onepassword-connect-token
  Connect refuses the token.
  → eso-bootstrap rotate-token --token <source>
Not healthy: 1 problem.
`,
  ],
  [
    'flux-absent',
    `✖ Flux
  Neither Flux nor External Secrets Operator is installed here.
  → flux bootstrap …
Not healthy: 1 problem.
`,
  ],
  [
    'healthy',
    `✖ the stores
  None in this cluster reads 1Password through Connect.
  → eso-bootstrap init
Not healthy: 1 problem.
`,
  ],
  [
    'dead-lock',
    `✖ External Secrets Operator
  It is not installed here.
  → eso-bootstrap init
✖ Kustomization flux-system/external-secrets
  The cluster does not serve ClusterSecretStore at external-secrets.io/v1: its
  CRD isn't installed yet, or the manifest is written for another version.
  → kubectl api-resources --api-group=external-secrets.io
Not healthy: 2 problems.
`,
  ],
]

test.each(rows)('%s', async (scenario, tail) => {
  const stage = await openStage({ scenario, files: await templates() })
  onTestFinished(() => stage.close())
  const { status } = statusAt(stage)
  // What reads from a store that isn't Ready suffers from the same, and is no problem of its own.
  if (scenario === 'wrong-encoding') putExternalSecret(stage, 'my-app')
  await stage.sandbox.settled()
  const { code, stdout } = await status([], { columns: 80, env: { ...stage.env, NO_COLOR: '1' } })
  expect(code).toBe(3)
  expect(stdout.split('\n\n').at(-1)).toBe(tail)
})

test('a token that is not there, is none, or has come to its end', async () => {
  const stage = await openStage({ scenario: 'stale-ready', files: await templates() })
  onTestFinished(() => stage.close())
  const { sandbox } = stage
  const { report } = statusAt(stage)
  const secret = sandbox.api.store.get(kinds.secret, 'external-secrets', 'onepassword-connect-token')
  if (secret === undefined) throw new Error('there is no token Secret')
  const hold = (data: Record<string, string>) => void sandbox.api.store.commit({ ...secret, data })
  const token = (days: number) => {
    const [issuedAt, expires] = [-40, days].map((each) => new Date(Date.now() + each * 86_400_000))
    const vaults = sandbox.account.vaults.map(({ id }) => ({ id }))
    return {
      token: Buffer.from(sandbox.access.mint({ vaults, ...(issuedAt && { issuedAt }), ...(expires && { expires }) }).reveal()).toString(
        'base64',
      ),
    }
  }
  const told = async () => {
    const { problems, tokens = [], verdict } = await report()
    return [verdict, tokens[0]?.state, ...problems.map(({ id, severity }) => `${severity}: ${id}`)]
  }
  hold({})
  expect(await told()).toEqual(['unhealthy', 'missing', 'broken: token-secret-missing'])
  hold({ token: Buffer.from('swordfish').toString('base64') })
  expect(await told()).toEqual(['unhealthy', 'unreadable', 'broken: token-unreadable'])
  hold(token(-3))
  expect(await told()).toEqual(['unhealthy', 'expired', 'broken: token-expired'])
  hold(token(8.5))
  expect(await told()).toEqual(['healthy', 'expiring', 'warning: token-expiring'])
})

test('an operator and a Connect that do not run', async () => {
  const stage = await openStage({ scenario: 'stale-ready', files: await templates() })
  onTestFinished(() => stage.close())
  stage.sandbox.account.revoked.clear()
  const { api, settled } = stage.sandbox
  for (const name of ['external-secrets', 'onepassword-connect']) {
    const found = api.store.get(kinds.deployment, 'external-secrets', name)
    if (found === undefined) throw new Error(`there is no Deployment ${name}`)
    api.store.put({ ...found, spec: { ...found['spec'], replicas: 0 } }, 'a-person')
  }
  await settled()
  const { problems, tokens, connect } = await statusAt(stage).report()
  expect(problems.map(({ id, about, why }) => [id, about, why])).toEqual([
    ['operator-not-running', ['Deployment external-secrets/external-secrets'], 'It is scaled to zero.'],
    ['connect-not-running', ['Deployment external-secrets/onepassword-connect'], 'It is scaled to zero.'],
  ])
  expect(tokens).toMatchObject([{ state: 'valid', connect: { is: 'not-asked', why: expect.stringContaining('no ready pod behind it') } }])
  expect(connect?.workloads).toMatchObject([{ ready: 0, wanted: 0 }])
})
