import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { describe, expect, it, onTestFinished } from 'vitest'
import { lookAtAll } from '../../src/engine/look.ts'
import { needsOf } from '../../src/engine/plan.ts'
import { connect } from '../../src/kubernetes/client.ts'
import type { Access } from '../../src/kubernetes/cluster.ts'
import { opCli } from '../../src/onepassword/op.ts'
import { parseRotation, type RotationInputs } from '../../src/rotation-inputs.ts'
import type { Rule } from '../../src/sandbox/api/access.ts'
import { createConnectAccess } from '../../src/sandbox/connect/identity.ts'
import { kinds } from '../../src/sandbox/kinds.ts'
import { rotationSteps } from '../../src/steps/rotation/index.ts'
import { openPair } from '../../src/steps/rotation/pair.ts'
import { openRotation as openWorld } from '../../src/steps/rotation/world.ts'
import { openRotation, type Rotation, words as typed } from '../commands/rotate/stage.ts'
import { granted, words, wordsOf } from './asked.ts'
import { rotation as roles } from './roles.ts'

interface Situation {
  command: RotationInputs['command']
  rules: Rule[]
  flags?: Record<string, string | true>
  before?: (rotation: Rotation) => void
}

const { always, credentials, throwAway, better } = roles

/** One after the other in one cluster. */
const situations: Situation[] = [
  { command: 'rotate-token', rules: [...always, ...better], flags: { all: true } },
  {
    command: 'rotate-token',
    rules: [...always, ...throwAway, ...better],
    flags: { 'verify-item': 'my-app-credentials/api-key' },
    before: ({ sandbox }) => sandbox.api.store.remove(kinds.externalSecret, 'default', 'my-app'),
  },
  {
    command: 'rotate-credentials',
    rules: [...always, ...credentials, ...better],
    before: (rotation) => rotation.putExternalSecret('my-app'),
  },
]

/** A new pair for it in files, as flags; for a token alone, a token of the same server. */
async function newPair({ sandbox, newToken, held }: Rotation, command: RotationInputs['command']): Promise<Record<string, string>> {
  if (command === 'rotate-token') return { token: (await newToken()).path }
  const { '1password.com/auuid': account } = JSON.parse(Buffer.from((held() ?? '').split('.')[1] ?? '', 'base64url').toString())
  const access = createConnectAccess(account)
  sandbox.account.servers.push(access.identity)
  const [file, token] = ['new-credentials', 'its-token'].map((name) => join(sandbox.folder, name)) as [string, string]
  await writeFile(file, access.credentials.reveal(), { mode: 0o600 })
  await writeFile(token, access.mint({ vaults: sandbox.account.vaults, issuedAt: new Date(Date.now() - 3_600_000) }).reveal(), {
    mode: 0o600,
  })
  return { credentials: file, token }
}

/** What a run would ask for, by looking only: the requests of the looks, and what the steps say they need. */
async function askedFor(rotation: Rotation, kubeconfig: string, inputs: RotationInputs): Promise<string[]> {
  const { env, sandbox } = rotation
  const signal = new AbortController().signal
  const cluster = await connect({ kubeconfig, env, home: sandbox.folder, timeout: 15_000 })
  const at = { env, cwd: sandbox.repository, now: () => new Date(), stdin: async () => '', op: opCli(env), signal }
  const world = openWorld(inputs, { cluster: async () => cluster, pair: openPair(inputs, at), now: at.now, interactive: false, signal })
  rotation.requests()
  const looked = await lookAtAll(rotationSteps(inputs, undefined), world)
  cluster.close()
  expect(looked.flatMap(({ error }) => error ?? [])).toEqual([])
  const needs = (needsOf(looked) as Access[]).map(({ verb, group, resource, namespace }) => words(verb, group, resource, namespace))
  return [...rotation.requests().flatMap((request) => wordsOf(request) ?? []), ...needs]
}

async function situated(rotation: Rotation, { command, rules, flags = {}, before = () => {} }: Situation): Promise<string[]> {
  before(rotation)
  const { api, folder } = rotation.sandbox
  api.allow('ci', rules)
  const kubeconfig = join(folder, 'ci.kubeconfig')
  await writeFile(kubeconfig, api.kubeconfig('ci'), { mode: 0o600 })
  const given = { ...flags, kubeconfig, ...(await newPair(rotation, command)) }
  const asked = await askedFor(rotation, kubeconfig, parseRotation(command, given, { env: rotation.env, cwd: rotation.sandbox.repository }))
  const { code, stderr } = await rotation.command([command, ...typed({ yes: true, ...given })]).ended
  expect([code, stderr]).toEqual([0, expect.not.stringContaining('may not')])
  const requests = rotation.requests()
  expect(requests.filter(({ status }) => status === 403)).toEqual([])
  return [...asked, ...requests.flatMap((request) => wordsOf(request) ?? [])]
}

describe('the permissions of docs/reference for the rotations', () => {
  it('are enough, and hold nothing that is not asked for', async () => {
    const rotation = await openRotation()
    onTestFinished(() => rotation.close())
    const asked = new Set<string>()
    for (const each of situations) for (const words of await situated(rotation, each)) asked.add(words)
    const all = new Set(granted([...always, ...credentials, ...throwAway, ...better]))
    // A rule for the whole cluster is one for each namespace.
    const isGranted = (words: string) => all.has(words) || all.has(words.replace(/ in [^ ]+$/, ' everywhere'))
    expect([...asked].filter((each) => !isGranted(each))).toEqual([])
    const isAsked = (words: string) => asked.has(words) || [...asked].some((each) => each.replace(/ in [^ ]+$/, ' everywhere') === words)
    expect([...all].filter((each) => !isAsked(each))).toEqual([
      // Asked for by an access review only, before a port is forwarded.
      'create pods/portforward in external-secrets',
      // Read when Connect doesn't accept a new pair.
      'get pods/log in external-secrets',
    ])
  }, 60_000)

  it('let nobody read other Secrets, without what is to know more or a throw-away ExternalSecret', () => {
    const readers = [...always, ...credentials].filter(
      ({ resources, verbs }) => resources?.includes('secrets') && /get|list|watch/.test(verbs.join()),
    )
    expect(readers.map(({ resourceNames }) => resourceNames)).toEqual([['onepassword-connect-token'], ['onepassword-connect-secret']])
  })
})
