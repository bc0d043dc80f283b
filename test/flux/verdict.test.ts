import { describe, expect, it } from 'vitest'
import { withServedVersions } from '../../src/flux/missing-kind.ts'
import { failureOfVerdict, verdictOf } from '../../src/flux/verdict.ts'
import type { Cluster } from '../../src/kubernetes/cluster.ts'
import { failing, gitRepository, kustomization, ready } from './cluster.ts'

const verdict = (reason: string, message: string) => verdictOf(kustomization('apps', {}, failing(reason, message)))

describe('messages that are understood', () => {
  it.each([
    [
      'ReconciliationFailed',
      'ClusterSecretStore/onepassword dry-run failed: no matches for kind "ClusterSecretStore" in version "external-secrets.io/v1"',
      true,
      'does not serve ClusterSecretStore at external-secrets.io/v1',
    ],
    [
      'ReconciliationFailed',
      'ClusterSecretStore/onepassword dry-run failed, error: no matches for kind "ClusterSecretStore" in version "external-secrets.io/v1alpha1"',
      true,
      'does not serve',
    ],
    [
      'ReconciliationFailed',
      'X/y dry-run failed (InternalError): Internal error occurred: failed calling webhook "validate.x.io": failed to call webhook: Post "https://x": dial tcp 10.0.0.1:443: connect: connection refused',
      true,
      'webhook validate.x.io',
    ],
    [
      'ReconciliationFailed',
      'SecretStore/a/b dry-run failed (Forbidden): admission webhook "validate.x.io" denied the request: at least one vault',
      false,
      'validate.x.io finds the manifest wrong',
    ],
    ['ReconciliationFailed', 'Secret/ns/x not found: namespaces "ns" not found', true, 'namespace ns'],
    [
      'ArtifactFailed',
      'kustomization path not found: stat /tmp/kustomization-123/apps: no such file or directory',
      false,
      'The folder apps that spec.path names',
    ],
    ['ArtifactFailed', "Source 'GitRepository/flux-system/gone' not found", false, 'GitRepository/flux-system/gone'],
    [
      'BuildFailed',
      'Secret/ns/x is SOPS encrypted, configuring decryption is required for this secret to be reconciled',
      false,
      'no spec.decryption',
    ],
    ['BuildFailed', 'error decrypting sops tree: no key could be found', false, 'a key that Flux does not have'],
    ['DependencyNotReady', "dependency 'flux-system/crds' is not ready", true, 'flux-system/crds'],
    ['DependencyNotReady', "dependency 'flux-system/crds' revision is not up to date", true, 'not applied this commit yet'],
    ['BuildFailed', 'kustomize build failed: kustomization.yaml is empty', false, 'before 2.3'],
    [
      'BuildFailed',
      'envsubst error: variable substitution failed: variable not set (strict mode): "SPIKE_IP"',
      false,
      'the variable SPIKE_IP that nothing sets',
    ],
    [
      'BuildFailed',
      'substitute from \'Secret/cluster-settings\' error: secrets "cluster-settings" not found',
      false,
      'Secret/cluster-settings',
    ],
    [
      'BuildFailed',
      'accumulating resources: may not add resource with an already registered id: Namespace.v1.[noGrp]/x.[noNs]',
      false,
      'Namespace.v1.[noGrp]/x.[noNs] is listed twice',
    ],
    ['BuildFailed', "accumulating components: expected kind 'Component' for path '/tmp/x' but got 'Kustomization'", false, 'wrong list'],
    ['BuildFailed', "expected kind != 'Component' for path '/tmp/x'", false, 'wrong list'],
    [
      'BuildFailed',
      "accumulating resources from './gone.yaml': open /tmp/x/gone.yaml: no such file or directory",
      false,
      'not in the commit',
    ],
    [
      'HealthCheckFailed',
      "health check failed after 10m0s: timeout waiting for: [ClusterSecretStore/onepassword status: 'InProgress']",
      true,
      'waited 10m0s',
    ],
    [
      'HealthCheckFailed',
      "health check failed after 2s: failed early due to stalled resources: [HelmRelease/eso/eso status: 'Failed']",
      false,
      'failed for good',
    ],
    [
      'HealthCheckFailed',
      "health check failed after 2s: failed early due to stalled resources: [ClusterSecretStore/op status: 'Failed']",
      true,
      'ClusterSecretStore/op',
    ],
    [
      'ReconciliationFailed',
      'Secret/a/b dry-run failed (Forbidden): secrets is forbidden: User "system:serviceaccount:a:flux" cannot patch resource "secrets"',
      false,
      'may not patch secrets',
    ],
    [
      'ReconciliationFailed',
      'Deployment/a/b dry-run failed (Invalid): spec.selector: Invalid value: field is immutable',
      false,
      'lets nobody change',
    ],
  ])('%s: %s', (reason, message, heals, cause) => {
    const found = verdict(reason, message)
    expect(found).toMatchObject({ object: 'Kustomization flux-system/apps', reason, heals })
    expect(found?.cause).toContain(cause)
  })

  it.each([
    ['AuthenticationFailed', 'failed to checkout: authentication required', false],
    ['GitOperationFailed', 'failed to checkout and determine revision: couldn\'t find remote ref "refs/heads/gone"', false],
    ['GitOperationFailed', 'failed to checkout and determine revision: dial tcp: i/o timeout', true],
  ])('a source: %s: %s', (reason, message, heals) => {
    const object = gitRepository({}, { conditions: [{ type: 'FetchFailed', status: 'True', reason, message }, ...ready.conditions] })
    expect(verdictOf(object)).toMatchObject({ object: 'GitRepository flux-system/flux-system', reason, heals })
  })

  it('a HelmRelease that has used up its attempts does not heal, and is told how to go on', () => {
    const conditions = [
      { type: 'Stalled', status: 'True', reason: 'RetriesExceeded', message: 'Failed to install after 1 attempt(s)' },
      { type: 'Ready', status: 'False', reason: 'InstallFailed', message: 'context deadline exceeded' },
    ]
    const object = {
      apiVersion: 'helm.toolkit.fluxcd.io/v2',
      kind: 'HelmRelease',
      metadata: { name: 'eso', namespace: 'x' },
      status: { conditions },
    }
    expect(verdictOf(object)).toMatchObject({
      reason: 'RetriesExceeded',
      heals: false,
      fix: ['flux reconcile helmrelease eso -n x --reset'],
    })
  })
})

describe('what is not a failure', () => {
  it.each([
    ['Ready', ready],
    ['never reconciled', undefined],
    ['at work', { conditions: [{ type: 'Ready', status: 'Unknown', reason: 'Progressing', message: 'building' }] }],
  ])('%s', (_, status) => {
    expect(verdictOf(kustomization('apps', {}, status))).toBeUndefined()
  })
})

describe('messages that are not understood', () => {
  it('are shown shortened and clean; a failed build does not heal, anything else may', () => {
    const found = verdict('BuildFailed', `odd\u001b[31m ${'x'.repeat(1_000)}\nmore`)
    expect(found).toMatchObject({ heals: false })
    expect(found).not.toHaveProperty('cause')
    expect(found?.message).toHaveLength(300)
    expect(found?.message).not.toMatch(/\p{Cc}/u)
    expect(verdict('PruneFailed', 'odd')).toMatchObject({ heals: true })
  })

  it('a Stalled one never heals, whatever it says', () => {
    const conditions = [{ type: 'Stalled', status: 'True', reason: 'AccessDenied', message: "dependency 'a/b' is not ready" }]
    expect(verdictOf(kustomization('apps', {}, { conditions }))).toMatchObject({ heals: false })
  })
})

describe('"no matches for kind", with what the cluster serves', () => {
  const message = 'ClusterSecretStore/x dry-run failed: no matches for kind "ClusterSecretStore" in version "external-secrets.io/v1beta1"'
  const asked = async (...served: string[]) => {
    const cluster = { served: async () => served } as unknown as Cluster
    const found = verdict('ReconciliationFailed', message)
    return found && withServedVersions(cluster, found)
  }

  it('nothing: the CRD may still come', async () => {
    expect(await asked()).toMatchObject({ heals: true })
  })

  it('another version: the manifest is wrong, and is told how', async () => {
    expect(await asked('v1')).toMatchObject({
      heals: false,
      fix: ['Change the apiVersion of the ClusterSecretStore to external-secrets.io/v1, commit and push.'],
    })
  })

  it('this very version: the controller has not noticed', async () => {
    expect(await asked('v1', 'v1beta1')).toMatchObject({ heals: true, fix: [expect.stringContaining('rollout restart')] })
  })
})

it('a Failure of it names the object, the cause, the message and the fix', () => {
  const found = verdict('ReconciliationFailed', 'Secret/ns/x not found: namespaces "ns" not found')
  expect(found && failureOfVerdict(found)).toMatchObject({
    id: 'flux-failed',
    exit: 'partly',
    message: 'The Flux Kustomization flux-system/apps failed: ReconciliationFailed.',
    why: 'The namespace ns does not exist, and nothing that is applied before creates it. Flux says: Secret/ns/x not found: namespaces "ns" not found',
    fix: ['kubectl get namespace ns'],
  })
})
