import { enabled, fromOci, withVault } from './files.ts'
import { ociUrl, type Scenario } from './stage.ts'

/** What may stand between a commit and the cluster. */
export const gitScenarios: Record<string, Scenario> = {
  'unpushed-commit': {
    says: 'Vault and components are right in the last commit, but nobody pushed it.',
    after: async ({ clone, files, vault }) => {
      await clone.commit(enabled(withVault(files, vault)), 'Enable Connect and the stores', { push: false })
    },
  },
  'protected-branch': {
    says: 'The remote declines pushes to main, as a protected branch does.',
    after: async ({ origin }) => {
      const refuse = 'echo "GH006: Protected branch update failed for refs/heads/main." >&2; exit 1'
      await origin.setHook('pre-receive', `while read -r old new ref; do\n  if [ "$ref" = refs/heads/main ]; then ${refuse}; fi\ndone`)
    },
  },
  'tag-source': {
    says: 'Flux follows the tag v1.0.0: what is pushed to main never arrives.',
    ref: { tag: 'v1.0.0' },
    before: async ({ clone }) => {
      await clone.git('tag', 'v1.0.0')
      await clone.git('push', '--quiet', 'origin', 'v1.0.0')
    },
  },
  'oci-source': {
    says: 'Flux reads an OCI artifact that a pipeline builds: a push alone changes nothing.',
    oci: true,
    files: fromOci,
    before: async ({ clone, origin, published }) => {
      const commit = (await clone.git('rev-parse', 'HEAD')).trim()
      published.set(ociUrl, { remote: origin.url, commit, branch: 'main' })
    },
  },
}
