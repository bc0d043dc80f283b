import { readFile } from 'node:fs/promises'
import { describe, expect, test } from 'vitest'
import { kinds } from '../../../src/sandbox/kinds.ts'
import { clusterScenarios } from '../../../src/sandbox/scenarios/cluster.ts'
import { gitScenarios } from '../../../src/sandbox/scenarios/git.ts'
import { onepasswordScenarios } from '../../../src/sandbox/scenarios/onepassword.ts'
import { reportIn } from './schema.ts'
import { appValue, type Flags, openStage, type Stage } from './stage.ts'
import { base, storesFile, templates } from './trees.ts'

interface Row {
  exit: number
  id?: string
  what?: string
  /** A beginning of one of the ways out. */
  fix?: string
  flags?: Flags
  /** What a person does about it, and how `init` is called then. */
  wayOut?: (stage: Stage) => Promise<Flags | undefined> | Flags
}

const proof = { 'verify-item': 'my-app-credentials/api-key' }
const soon = { timeout: '5s' }

const rows: Record<string, Row> = {
  healthy: { exit: 0, flags: proof },
  'flux-absent': { exit: 3, id: 'flux-absent', what: 'Flux is not installed on this cluster.', fix: 'flux bootstrap' },
  'wrong-encoding': {
    exit: 3,
    id: 'field-conflict',
    what: 'owned by the field manager kubectl-create, and has to be written anew: it holds the same credentials as json, which Connect cannot read',
    fix: 'eso-bootstrap init --take-ownership',
    wayOut: () => ({ 'take-ownership': true }),
  },
  'dead-lock': { exit: 3, id: 'dead-lock', what: 'holds the operator and the stores', fix: 'Comment the stores out', wayOut: commentedOut },
  'v1beta1-only': { exit: 0, flags: proof },
  'v1-only-old-manifests': {
    exit: 3,
    id: 'api-version-not-served',
    what: `${storesFile} declares the ClusterSecretStore onepassword as external-secrets.io/v1beta1, which this cluster does not serve.`,
    fix: `sed -i 's#external-secrets.io/v1beta1#external-secrets.io/v1#' ${storesFile}`,
    wayOut: (stage) => inFile(stage, storesFile, (text) => text.replaceAll('/v1beta1', '/v1')),
  },
  'missing-crd': {
    exit: 3,
    id: 'crds-missing',
    what: 'External Secrets Operator is installed, but its CRDs are not on this cluster.',
    fix: 'Set installCRDs: true',
    wayOut: (stage) =>
      inFile(stage, `${base}/operator/helmrelease.yaml`, (text) => text.replace('installCRDs: false', 'installCRDs: true')),
  },
  suspended: {
    exit: 3,
    id: 'suspended',
    what: 'flux-system/external-secrets is suspended',
    fix: 'flux resume kustomization',
    wayOut: resumed,
  },
  'foreign-secret': {
    exit: 3,
    id: 'secret-owned-by-external-secret',
    what: 'by the ExternalSecret onepassword-connect-token',
    fix: 'Change the item',
  },
  locked: { exit: 6, id: 'busy', what: 'somebody@another-machine 4711', fix: 'Wait until it has ended' },
  'unpushed-commit': {
    exit: 3,
    id: 'unpushed-commits',
    what: 'main holds a commit that is not on origin yet.',
    fix: 'git push origin main',
    wayOut: (stage) => stage.git('push', '--quiet', 'origin', 'main').then(() => undefined),
  },
  'protected-branch': { exit: 3, id: 'branch-protected', what: 'did not accept a push to main', fix: 'Make a pull request' },
  'tag-source': { exit: 3, id: 'source-not-a-branch', what: 'follows the tag v1.0.0, not a branch', fix: 'eso-bootstrap init --offline' },
  'oci-source': {
    exit: 3,
    id: 'source-not-git',
    what: 'from the OCIRepository flux-system/flux-system',
    fix: 'eso-bootstrap init --offline',
  },
  'dead-token': {
    exit: 5,
    id: 'token-refused',
    what: 'Connect refuses the token.',
    fix: 'op connect token create',
    flags: soon,
    wayOut: (stage) => ({ token: stage.sandbox.newTokenPath, replace: true }),
  },
  'stale-ready': {
    exit: 4,
    id: 'token-refused',
    what: 'Connect refuses the token.',
    fix: 'op connect token create',
    flags: { ...soon, ...proof },
    wayOut: (stage) => ({ token: stage.sandbox.newTokenPath, replace: true, 'take-ownership': true }),
  },
  'expired-token': {
    exit: 3,
    id: 'token-expired',
    what: 'The token has been expired since',
    fix: 'op connect token create',
    wayOut: (stage) => ({ token: stage.sandbox.newTokenPath }),
  },
  'wrong-vault': {
    exit: 5,
    id: 'vault-not-found',
    what: 'no vault with the title "Catalyst-ESO"',
    fix: 'op vault list',
    flags: soon,
    wayOut: () => ({ vault: 'catalyst-eso' }),
  },
  'duplicate-vault': {
    exit: 5,
    id: 'vault-ambiguous',
    what: '2 vaults have the title "catalyst-eso".',
    fix: 'eso-bootstrap init --vault <id>',
    flags: soon,
    wayOut: ({ sandbox }) => ({ vault: sandbox.account.vaults.find(({ items }) => items.length > 0)?.id }),
  },
  'slow-connect': { exit: 0 },
}

// The other scenarios are of a bridge that stands: doctor's table has their rows.
test('each state that init may begin in has its row', () => {
  const begun = ['healthy', ...Object.keys({ ...clusterScenarios, ...gitScenarios, ...onepasswordScenarios })]
  expect(Object.keys(rows)).toEqual(begun)
})

describe.concurrent('what init says of', () => {
  test.each(Object.entries(rows))('%s', async (scenario, { exit, id, what, fix, flags, wayOut }) => {
    const stage = await openStage({ scenario, files: await templates() })
    try {
      const report = reportIn(await stage.init({ output: 'json', ...flags }))
      expect(report.exitCode, JSON.stringify(report.errors)).toBe(exit)
      expect(report.errors.map((error) => error.id)).toEqual(id === undefined ? [] : [id])
      const [error] = report.errors
      if (what !== undefined) expect(error?.what).toContain(what)
      if (fix !== undefined) expect(error?.fix.filter((each) => each.startsWith(fix))).toHaveLength(1)
      expect(error?.what ?? '').not.toMatch(/did not (get there|become Ready) within/)
      if (exit === 3 || exit === 6) expect(await stage.git('status', '--porcelain')).toBe('')

      if (wayOut === undefined && exit !== 0) return
      const after = (await wayOut?.(stage)) ?? {}
      const again = reportIn(await stage.init({ output: 'json', ...after }))
      expect(again.errors).toEqual([])
      expect(await appValue(stage)).toBe(stage.sandbox.item.value)
    } finally {
      await stage.close()
    }
  })
})

async function inFile({ sandbox }: Stage, path: string, change: (text: string) => string): Promise<undefined> {
  const text = change(await readFile(`${sandbox.repository}/${path}`, 'utf8'))
  await sandbox.clone.commit({ [path]: text }, 'As it was advised')
  reconcileAll(sandbox)
  await sandbox.settled()
}

async function commentedOut(stage: Stage): Promise<undefined> {
  const path = `${base}/kustomization.yaml`
  await inFile(stage, path, (text) => text.replace(/^( *)- (onepassword-connect|secretstores)$/gm, '$1# - $2'))
}

async function resumed({ sandbox }: Stage): Promise<undefined> {
  for (const each of sandbox.api.store.list(kinds.kustomization))
    sandbox.api.store.put({ ...each, spec: { ...each['spec'], suspend: false } }, 'a-person')
}

/** As `flux reconcile source git flux-system` does. */
function reconcileAll({ api }: Stage['sandbox']): void {
  const source = api.store.get(kinds.gitRepository, 'flux-system', 'flux-system')
  if (source === undefined) return
  const annotations = { ...source.metadata.annotations, 'reconcile.fluxcd.io/requestedAt': new Date().toISOString() }
  api.store.put({ ...source, metadata: { ...source.metadata, annotations } }, 'a-person')
}
