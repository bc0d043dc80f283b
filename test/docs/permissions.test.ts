import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { describe, expect, it, onTestFinished } from 'vitest'
import { lookAtAll } from '../../src/engine/look.ts'
import { needsOf } from '../../src/engine/plan.ts'
import { parseInputs } from '../../src/inputs.ts'
import type { Access } from '../../src/kubernetes/cluster.ts'
import { opCli } from '../../src/onepassword/op.ts'
import type { RawOptions } from '../../src/raw-options.ts'
import type { Rule } from '../../src/sandbox/api/access.ts'
import { isRead } from '../../src/sandbox/api/requests.ts'
import type { SandboxOptions } from '../../src/sandbox/sandbox.ts'
import { bootstrap } from '../../src/steps/index.ts'
import { openPlaces } from '../../src/steps/places.ts'
import { openWorld } from '../../src/steps/world.ts'
import { openStage, type Stage } from '../commands/init/stage.ts'
import { templates } from '../commands/init/trees.ts'
import { granted, words, wordsOf } from './asked.ts'
import { always, causes, proof } from './roles.ts'

async function stageFor(options: Partial<SandboxOptions>, rules: Rule[]) {
  const stage = await openStage(options)
  onTestFinished(() => stage.close())
  stage.sandbox.api.allow('ci', rules)
  const kubeconfig = join(stage.sandbox.folder, 'ci.kubeconfig')
  await writeFile(kubeconfig, stage.sandbox.api.kubeconfig('ci'))
  return { stage, kubeconfig }
}

interface Situation {
  options(): Promise<Partial<SandboxOptions>>
  rules: Rule[]
  flags: Record<string, string | true>
}

/** Where layouts and states differ in what they ask for. */
const situations: Record<string, Situation> = {
  'the operator beside Connect, and a proof': {
    options: async () => ({}),
    rules: [...always, ...proof],
    flags: { 'verify-item': 'my-app-credentials/api-key' },
  },
  'the operator beside Flux, and credentials to be replaced': {
    options: async () => ({ scenario: 'wrong-encoding', files: await templates() }),
    rules: always,
    flags: { 'take-ownership': true },
  },
}

/** What a run would ask for, by looking only: the requests of the looks, and what the steps say they need. */
async function askedFor(stage: Stage, flags: RawOptions): Promise<string[]> {
  const { sandbox, env } = stage
  const at = { env, cwd: sandbox.repository }
  const raw = { ...flags, git: 'push', vault: [sandbox.vault], credentials: sandbox.credentialsPath, token: sandbox.tokenPath }
  const inputs = parseInputs(raw, at)
  const places = openPlaces(inputs, { env, home: sandbox.folder })
  const nobody = { stdin: async () => '', op: opCli(env), interactive: false }
  const world = openWorld(inputs, places, { ...at, ...nobody, now: () => new Date(), signal: new AbortController().signal })
  stage.requests()
  const looked = await lookAtAll(bootstrap, world)
  await places.close()
  expect(looked.flatMap(({ error }) => error ?? [])).toEqual([])
  const reads = stage.requests().flatMap((request) => wordsOf(request) ?? [])
  const needs = (needsOf(looked) as Access[]).map(({ verb, group, resource, namespace }) => words(verb, group, resource, namespace))
  return [...reads, ...needs]
}

describe('the permissions of docs/reference', () => {
  it('are enough, and hold nothing that is not asked for', async () => {
    const looks = Object.values(situations).map(async ({ options, rules, flags }) => {
      const { stage, kubeconfig } = await stageFor(await options(), rules)
      const given = { ...flags, kubeconfig }
      const asked = await askedFor(stage, given)
      const { code, stderr } = await stage.init(given)
      expect([code, stderr]).toEqual([0, expect.not.stringContaining('may not')])
      return asked
    })
    const asked = (await Promise.all(looks)).flat()
    expect([...new Set(asked)].sort()).toEqual([...new Set(granted([...always, ...proof]))].sort())
  }, 60_000)

  it('let nobody read other Secrets, without a proof', () => {
    const readers = always.filter(({ resources, verbs }) => resources?.includes('secrets') && /get|list|watch/.test(verbs.join()))
    expect(readers.map(({ resourceNames }) => resourceNames)).toEqual([['onepassword-connect-secret', 'onepassword-connect-token']])
  })

  it('let the cause be found', async () => {
    const { stage, kubeconfig } = await stageFor({ scenario: 'dead-token', files: await templates() }, [...always, ...causes])
    const { stderr } = await stage.init({ kubeconfig, timeout: '8s' })
    expect(stderr).toContain('Connect refuses the token.')
    const asked = stage.requests().filter((request) => isRead(request) && /^(pods|pods\/log|events)$/.test(request.resource))
    expect(asked.filter(({ status }) => status === 403)).toEqual([])
    const unasked = granted(causes).filter((each) => !asked.some((request) => wordsOf(request) === each))
    // Read only when the HelmRelease there is late.
    expect(unasked).toEqual(['list events in flux-system'])
  }, 60_000)
})
