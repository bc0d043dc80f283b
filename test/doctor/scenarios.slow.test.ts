import { afterAll, expect, it, onTestFinished } from 'vitest'
import { checks } from '../../src/doctor/checks.ts'
import { scenarios } from '../../src/sandbox/scenarios.ts'
import { told } from '../../src/terminal/doctor-report.ts'
import { openStage } from '../commands/init/stage.ts'
import { templates } from '../commands/init/trees.ts'
import { reader, schemaNamed } from '../commands/reports.ts'
import { run } from '../commands/run.ts'

const read = reader<Report>(schemaNamed('doctor', { strictRequired: true }))

interface Report {
  exitCode: number
  checks: { id: string; findings: { about: string; why: string; severity: 'error' | 'warning' | 'advice' }[] }[]
}

const notYet = ['components-listed']

/**
 * The checks that find something in each state, the first one told first; advice is left out. Of what is wrong only with what is
 * given to `init`, nothing shows before: it is not set up yet, and that is all.
 */
const diagnoses: Record<string, readonly string[]> = {
  'set-up': [],

  'flux-absent': ['flux-installed'],
  locked: ['lock-free', ...notYet],
  suspended: ['flux-suspended', ...notYet],
  'suspended-running': ['flux-suspended'],
  'tag-source': ['flux-branch', ...notYet],
  'oci-source': ['flux-branch', ...notYet],
  'unpushed-commit': ['flux-revision', 'credentials-secret', 'store-exists'],
  unpushed: ['flux-revision'],

  'dead-lock': ['operator-apart', 'credentials-secret'],
  'one-kustomization-running': ['operator-apart'],
  'v1-only-old-manifests': ['store-api-version', ...notYet],
  'v1beta1-manifests': ['store-api-version'],
  'missing-crd': ['crds-served', ...notYet],
  'webhook-down': ['webhook-answers'],
  'store-without-namespace': ['store-token-namespace'],
  'foreign-token-namespace': ['store-token-namespace'],
  'host-with-slash': ['connect-host'],
  'host-wrong-port': ['connect-host'],
  'host-unknown': ['connect-answers'],
  'host-answers-html': ['connect-answers'],
  'upper-case-vault-id': ['vault-id-case'],
  'vault-id-on-old-operator': ['vault-id-supported'],
  'unknown-vault': ['vaults-found'],
  'ambiguous-vault': ['vaults-found'],
  'several-stores-old-operator': ['store-race'],
  'dead-health-check': ['health-checks-live'],
  'unreached-file': ['files-reached'],
  'credentials-in-git': ['no-secret-in-git'],

  'namespace-terminating': ['namespace-exists'],
  'namespace-prunable': ['namespace-kept'],
  'foreign-secret': ['secret-owners', ...notYet],
  'no-secrets': ['credentials-secret', 'token-secret'],
  'wrong-encoding': ['credentials-encoding'],
  'credentials-truncated': ['credentials-whole'],
  'credentials-double-base64': ['credentials-encoding'],
  'credentials-as-file': ['credentials-encoding'],
  'token-stub': ['token-kind'],
  'service-account-token': ['token-kind'],
  'token-newline': ['token-whitespace'],
  'token-expired': ['token-expired'],
  'token-expiring': ['token-expiring'],
  'other-server-token': ['same-server'],
  'stale-ready': ['token-accepted'],

  'image-missing': ['pods-healthy'],
  'connect-pending': ['pods-healthy'],
  'connect-out-of-memory': ['pods-healthy'],
  'old-connect': ['connect-version'],

  'item-missing': ['items-found'],
  'item-twice': ['items-unique'],
  'field-twice': ['fields-found'],

  'connect-exposed': ['connect-exposed'],
  'wide-rbac': ['rbac-narrow'],
  'encryption-off': ['encryption-at-rest'],

  healthy: notYet,
  'v1beta1-only': notYet,
  'protected-branch': notYet,
  'dead-token': notYet,
  'expired-token': notYet,
  'wrong-vault': notYet,
  'duplicate-vault': notYet,
  'slow-connect': notYet,
}

it('has a row for each state', () => {
  expect(Object.keys(diagnoses).toSorted()).toEqual(Object.keys(scenarios).toSorted())
})

const seen: string[] = []
afterAll(() => {
  const line = (scenario: string, rest: string) => `| ${scenario.padEnd(28)} | ${rest}\n`
  process.stdout.write(`\n${line('scenario', 'diagnosis, the first one first')}${seen.map((each) => `${each}\n`).join('')}`)
})

it.each(Object.entries(diagnoses))('%s', async (scenario, ids) => {
  const stage = await openStage({ scenario, files: await templates() })
  onTestFinished(() => stage.close())
  const { sandbox, env } = stage
  await sandbox.settled()
  stage.writes()
  const report = read(await run(['doctor', '-o', 'json'], { cwd: sandbox.repository, home: sandbox.folder, env }))
  expect(stage.writes()).toEqual([])
  const results = report.checks.map(({ id, findings }) => ({ check: checks.find((each) => each.id === id) ?? fail(id), findings }))
  const found = told({ results } as unknown as Parameters<typeof told>[0]).filter(({ severity }) => severity !== 'advice')
  const order = [...new Set(found.map(({ check }) => check.id))]
  seen.push(`| ${scenario.padEnd(28)} | ${order.join(', ') || '-'}${found[0] === undefined ? '' : `: ${found[0].why}`}`)
  expect(order).toEqual(ids)
})

function fail(id: string): never {
  throw new Error(`there is no check ${id}`)
}
