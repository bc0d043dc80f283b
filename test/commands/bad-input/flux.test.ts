import { kinds } from '../../../src/sandbox/kinds.ts'
import type { Place } from './place.ts'
import { type Row, refuses } from './refusals.ts'

const change = (kind: { group: string; kind: string }, name: string, spec: object) => (at: Place) =>
  at.change(kind, name, 'flux-system', { spec })

const follows = (ref: object) => change(kinds.gitRepository, 'flux-system', { ref })

const instead = 'eso-bootstrap init --offline --vault <vault>'

const rows: Row[] = [
  {
    wrong: 'a --kustomization that is not there',
    with: () => ({ flags: { kustomization: 'apps/external-secrets' } }),
    exit: 'blocked',
    id: 'kustomization-not-found',
    what: 'There is no Flux Kustomization apps/external-secrets on this cluster.',
    fix: 'flux get kustomizations -A',
  },
  {
    wrong: 'a --kustomization that builds something else',
    with: () => ({ flags: { kustomization: 'external-secrets-operator' } }),
    exit: 'blocked',
    id: 'folder-not-reached',
    what: 'The Flux Kustomization flux-system/external-secrets-operator does not build infrastructure/base/external-secrets/kustomization.yaml: it builds infrastructure/base/external-secrets/operator.',
    fix: 'Leave --kustomization out',
  },
  {
    wrong: 'a Flux Kustomization that is suspended',
    with: change(kinds.kustomization, 'external-secrets', { suspend: true }),
    exit: 'blocked',
    id: 'suspended',
    what: 'The Flux Kustomization flux-system/external-secrets is suspended.',
    why: 'Flux does nothing with it until it is resumed.',
    fix: 'flux resume kustomization external-secrets -n flux-system',
  },
  {
    wrong: 'a source that is suspended',
    with: change(kinds.gitRepository, 'flux-system', { suspend: true }),
    exit: 'blocked',
    id: 'suspended',
    what: 'The Flux GitRepository flux-system/flux-system is suspended.',
    fix: 'flux resume source git flux-system -n flux-system',
  },
  {
    wrong: 'a source that follows a tag',
    with: follows({ tag: 'v1.0.0' }),
    exit: 'blocked',
    id: 'source-not-a-branch',
    what: 'The GitRepository flux-system/flux-system follows the tag v1.0.0, not a branch.',
    why: 'A push to a branch would never be picked up.',
    fix: instead,
  },
  {
    wrong: 'a source that follows versions',
    with: follows({ semver: '>=1.0.0' }),
    exit: 'blocked',
    id: 'source-not-a-branch',
    what: 'The GitRepository flux-system/flux-system follows the semver >=1.0.0, not a branch.',
    fix: instead,
  },
  {
    wrong: 'a source that is an OCI artifact',
    with: async (at) => {
      const spec = { interval: '1h', url: 'oci://registry.example.com/cluster', ref: { tag: 'latest' } }
      const metadata = { name: 'artifact', namespace: 'flux-system' }
      await at.put({ apiVersion: 'source.toolkit.fluxcd.io/v1', kind: 'OCIRepository', metadata, spec })
      const sourceRef = { kind: 'OCIRepository', name: 'artifact' }
      await at.change(kinds.kustomization, 'external-secrets', 'flux-system', { spec: { sourceRef } })
    },
    exit: 'blocked',
    id: 'source-not-git',
    what: 'Flux takes these files from the OCIRepository flux-system/artifact, not from git.',
    why: 'A pushed commit reaches the cluster only after your pipeline has published it as an artifact.',
    fix: instead,
  },
  {
    wrong: 'a source that is not there',
    with: change(kinds.kustomization, 'external-secrets', { sourceRef: { kind: 'GitRepository', name: 'gone' } }),
    exit: 'blocked',
    id: 'source-missing',
    what: 'The Flux Kustomization flux-system/external-secrets names the source GitRepository gone, which does not exist.',
    fix: 'kubectl get gitrepository -A',
  },
  {
    wrong: 'a clone of another repository',
    with: async (at) => {
      await at.git('remote', 'set-url', 'origin', 'https://somebody:secret-of-his-own@git.example.com/fork.git')
      await at.git('checkout', '--quiet', '--orphan', 'other')
      await at.git('commit', '--quiet', '--message', 'Another history')
      await at.git('branch', '--quiet', '--force', 'main')
      await at.git('switch', '--quiet', 'main')
      await at.git('branch', '--quiet', '--delete', '--force', 'other')
      await at.git('update-ref', 'refs/remotes/origin/main', 'main')
      await at.git('reflog', 'expire', '--expire=now', '--all')
      await at.git('gc', '--quiet', '--prune=now')
      return { secrets: ['secret-of-his-own'] }
    },
    exit: 'blocked',
    id: 'source-other-repository',
    what: 'This clone is not the repository that Flux follows (file://<remote>).',
    why: 'Its remotes are origin https://git.example.com/fork.git.',
    fix: 'eso-bootstrap init --repo <a clone of that repository>',
  },
  {
    wrong: 'a folder that no Flux Kustomization builds',
    with: async (at) => {
      const base = 'infrastructure/base/external-secrets'
      await at.git('mv', base, 'elsewhere')
      await at.commit({})
      return { flags: { path: 'elsewhere' } }
    },
    exit: 'blocked',
    id: 'folder-not-reached',
    what: 'No Flux Kustomization on this cluster builds elsewhere/kustomization.yaml.',
    why: 'A file that no Flux Kustomization reaches through its resources and components is never applied, however often it is pushed.',
    fix: 'flux get kustomizations -A',
  },
]

refuses(rows)
