/** A message of Flux that is understood: what it comes from, what to do, and whether it heals when Flux tries again. */
export interface Cause {
  cause: string
  fix?: string[]
  heals: boolean
}

interface Rule {
  says: RegExp
  /** `found` are the groups of the expression. */
  means(...found: string[]): Cause
}

const never = (cause: string, ...fix: string[]): Cause => ({ cause, fix, heals: false })
const later = (cause: string, ...fix: string[]): Cause => ({ cause, fix, heals: true })

/**
 * Texts of kustomize-controller, kustomize, the API server and source-controller, the telling ones first.
 * https://github.com/fluxcd/pkg/tree/main/ssa, https://fluxcd.io/flux/components/kustomize/kustomizations/#troubleshooting
 */
const rules: Rule[] = [
  {
    says: /no matches for kind "([^"]+)" in version "([^"]+)"/,
    means: (kind, version) =>
      later(
        `The cluster does not serve ${kind} at ${version}: its CRD isn't installed yet, or the manifest is written for another version.`,
        `kubectl api-resources --api-group=${version?.split('/')[0]}`,
        'If the operator that brings the CRD is in the same Flux Kustomization, split it: https://external-secrets.io/latest/examples/gitops-using-fluxcd/',
      ),
  },
  {
    says: /failed calling webhook "([^"]+)".*(?:refused|no endpoints|deadline exceeded|timeout|EOF|x509|not found)/s,
    means: (webhook) => later(`The webhook ${webhook} doesn't answer yet: the pod behind it is still starting.`),
  },
  {
    says: /admission webhook "([^"]+)" denied the request/,
    means: (webhook) => never(`The webhook ${webhook} finds the manifest wrong; the message says what.`),
  },
  {
    says: /namespaces "([^"]+)" not found/,
    means: (name) =>
      later(`The namespace ${name} does not exist, and nothing that is applied before creates it.`, `kubectl get namespace ${name}`),
  },
  {
    says: /kustomization path not found(?:: stat \/tmp\/[^/]+\/([^:]+))?/,
    means: (path) =>
      never(
        `The folder ${path ? `${path} ` : ''}that spec.path names is not in the commit that Flux fetched.`,
        'Check spec.path against the pushed branch.',
      ),
  },
  {
    says: /is SOPS encrypted, configuring decryption is required/,
    means: () =>
      never(
        'A file is encrypted with SOPS, but the Flux Kustomization has no spec.decryption.',
        'https://fluxcd.io/flux/guides/mozilla-sops/',
      ),
  },
  {
    says: /(?:error decrypting|failed to decrypt|cannot get sops data key)/i,
    means: () => never('A file is encrypted with SOPS for a key that Flux does not have.', 'https://fluxcd.io/flux/guides/mozilla-sops/'),
  },
  {
    says: /dependency '([^']+)' revision is not up to date/,
    means: (name) => later(`It waits for ${name}, which has not applied this commit yet.`),
  },
  {
    says: /dependency '([^']+)' (?:not found|is not ready)/,
    means: (name) =>
      later(
        `It waits for the Flux Kustomization ${name}, which is not ready.`,
        `kubectl describe kustomization.kustomize.toolkit.fluxcd.io ${qualified(name)}`,
      ),
  },
  {
    says: /kustomization\.yaml is empty/,
    means: () => never('Flux before 2.3 refuses a kustomization.yaml whose lists are all empty.', 'Add one live entry, or update Flux.'),
  },
  {
    says: /variable not set(?: \(strict mode\))?(?:: "(\w+)")?/,
    means: (name) =>
      never(
        `A manifest uses ${name ? `the variable ${name}` : 'a variable'} that nothing sets; since Flux 2.9 that fails the build.`,
        'Set it in spec.postBuild.substitute, or give it a default; where no variable is meant, write $$ for each $.',
      ),
  },
  {
    says: /substitute from '([^']+)' error/,
    means: (name) =>
      never(
        `spec.postBuild.substituteFrom names ${name}, which can't be read.`,
        'It must be in the namespace of the Flux Kustomization, or be optional.',
      ),
  },
  {
    says: /already registered id: ([^\s,]+)/,
    means: (id) => never(`The object ${id} is listed twice.`, 'Take one of the two entries out.'),
  },
  {
    says: /expected kind '?(?:!= )?'?Component'/,
    means: () => never('A folder stands in the wrong list: a Component belongs under components, a Kustomization under resources.'),
  },
  {
    says: /failed early due to stalled resources: \[(.*)\]/s,
    means: (objects) =>
      objects?.includes('HelmRelease/')
        ? never(`What it waits for has failed for good: ${objects}.`, 'kubectl get helmreleases -A')
        : later(`What it waits for has failed: ${objects}.`),
  },
  {
    says: /health check failed after (\S+?):? timeout waiting for: \[(.*)\]/s,
    means: (time, objects) => later(`It waited ${time} for what is not ready: ${objects}.`),
  },
  {
    says: /is forbidden: User "([^"]+)" cannot (\w+) resource "([^"]+)"/,
    means: (user, verb, resource) => never(`${user}, as whom Flux applies, may not ${verb} ${resource}.`),
  },
  {
    says: /field is immutable/,
    means: () =>
      never(
        'A field is changed that Kubernetes lets nobody change.',
        'Delete the object so that Flux makes it anew, or set spec.force for one run.',
      ),
  },
  {
    says: /unknown field "([^"]+)"|\.spec[.\w]*: field not declared in schema/,
    means: (field) => never(`The manifest has a field${field ? ` ${field}` : ''} that this version of its kind doesn't know.`),
  },
  {
    says: /Source '([^']+)' not found/,
    means: (name) => never(`The source ${name} does not exist.`, 'kubectl get gitrepositories,ocirepositories -A'),
  },
  {
    says: /(?:couldn't find remote ref|reference not found|unable to resolve ref)/,
    means: () => never('The branch that Flux follows does not exist in the repository.', 'Check spec.ref of the GitRepository.'),
  },
  {
    says: /(?:authentication required|authentication failed|unable to authenticate|permission denied|invalid credentials|repository not found)/i,
    means: () =>
      never(
        'Flux may not read the repository: its deploy key or token is wrong, expired or removed.',
        'Renew the Secret that spec.secretRef of the GitRepository names.',
      ),
  },
  {
    says: /(?:no such file or directory|doesn't exist|must resolve to a file|accumulating resources)/,
    means: () =>
      never(
        'A kustomization lists an entry that is not in the commit.',
        'kubectl kustomize <folder>   # in the working tree, to see which',
      ),
  },
]

/** What is known of a message; undefined if it isn't in the table. */
export function causeOf(message: string): Cause | undefined {
  for (const { says, means } of rules) {
    const found = says.exec(message)
    if (found !== null) return means(...found.slice(1))
  }
  return undefined
}

function qualified(name: string | undefined): string {
  const [namespace, own] = (name ?? '').split('/')
  return own === undefined ? `${namespace}` : `${own} -n ${namespace}`
}
