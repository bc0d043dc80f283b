import { expect, onTestFinished, test } from 'vitest'
import { diagnose } from '../../../src/doctor/diagnose.ts'
import { operatorApart } from '../../../src/doctor/files/operator-apart.ts'
import { kinds } from '../../../src/sandbox/kinds.ts'
import { openStage, type Stage } from '../../commands/init/stage.ts'
import { templates } from '../../commands/init/trees.ts'
import { clusterWorld } from '../worlds.ts'
import { clusterChecks } from './checks.ts'

/** What each check says that isn't true: `id`, or `id ← the check that it was skipped for`, or `id ?`. */
async function told(stage: Stage): Promise<string[]> {
  const { close, ...world } = await clusterWorld(stage)
  onTestFinished(() => close())
  const all = [operatorApart, ...clusterChecks].map((check) => ({ check, look: () => check.look(world) }))
  const results = await diagnose(all, { deadline: 10_000, signal: world.signal })
  return results.flatMap(({ check: { id }, is, because, findings }) => {
    if (is === 'skipped') return [`${id} ← ${because}`]
    if (is === 'not-seen') return [`${id} ?`]
    return findings.map(({ about }) => `${id}: ${about}`)
  })
}

async function opened(scenario: string, files?: Record<string, string>): Promise<Stage> {
  const stage = await openStage({ scenario, files: files ?? (await templates()) })
  onTestFinished(() => stage.close())
  return stage
}

const behind = (cause: string, ...ids: string[]) => ids.map((id) => `${id} ← ${cause}`)

test('a dead-lock is told as that, and not as what follows from it', async () => {
  const all = await told(await opened('dead-lock'))
  expect(all.filter((each) => !each.includes('←') && !each.startsWith('namespace-kept'))).toEqual([
    'operator-apart: Kustomization flux-system/external-secrets',
  ])
  expect(all).toEqual(
    expect.arrayContaining(
      behind('operator-apart', 'operator-runs', 'crds-served', 'crds-current', 'helm-releases', 'webhook-answers', 'flux-ready'),
    ),
  )
})

test('without Flux nothing is told that it would bring', async () => {
  expect((await told(await opened('flux-absent'))).filter((each) => !each.includes('←'))).toEqual(['flux-installed: Flux'])
})

test('CRDs that a chart leaves out are the cause of what Flux refuses', async () => {
  const stage = await opened('missing-crd')
  expect((await told(stage)).toSorted()).toEqual([
    'crds-current ← crds-served',
    'crds-served: External Secrets Operator',
    'flux-ready ← crds-served',
  ])
})

test('a Flux Kustomization that cannot be built is the cause of what it does not bring', async () => {
  const files = await templates()
  const operator = Object.keys(files).find((path) => path.endsWith('operator/kustomization.yaml')) ?? ''
  const broken = { ...files, [operator]: `${files[operator]}  - nowhere.yaml\n` }
  const all = await told(await opened('healthy', broken))
  expect(all.filter((each) => each.startsWith('flux-ready'))).toEqual(['flux-ready: Kustomization flux-system/external-secrets-operator'])
  expect(all).toEqual(expect.arrayContaining(['namespace-exists ?', 'operator-runs ?', 'crds-served ?']))
})

test('a webhook that is down is the cause of what Flux cannot apply', async () => {
  const stage = await opened('stale-ready')
  const webhook = stage.sandbox.api.store.get(kinds.deployment, 'external-secrets', 'external-secrets-webhook')
  if (webhook === undefined) throw new Error('there is no webhook')
  stage.sandbox.api.store.put({ ...webhook, spec: { ...webhook['spec'], replicas: 0 } }, 'a-person')
  await stage.sandbox.settled()
  expect((await told(stage)).filter((each) => !each.startsWith('helm-releases'))).toEqual([
    'webhook-answers: ValidatingWebhookConfiguration secretstore-validate',
    'webhook-answers: ValidatingWebhookConfiguration externalsecret-validate',
    'flux-ready ← webhook-answers',
  ])
})
