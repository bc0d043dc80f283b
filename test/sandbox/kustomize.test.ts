import { describe, expect, it } from 'vitest'
import { treeOf } from '../../src/manifests/tree.ts'
import { build } from '../../src/sandbox/kustomize.ts'

// What is expected here was compared with `kubectl kustomize` (kustomize v5.5).

type Files = Record<string, string>
const configMap = (name: string, more = '') => `apiVersion: v1\nkind: ConfigMap\nmetadata:\n  name: ${name}\n${more}`
const component = 'apiVersion: kustomize.config.k8s.io/v1alpha1\nkind: Component\n'
const built = (files: Files, folder = 'x') => build(treeOf(files, '/repo'), folder)
const brief = async (files: Files, folder = 'x') =>
  (await built(files, folder)).map(({ kind, metadata }) => `${kind} ${metadata.namespace ?? '-'}/${metadata.name}`)

describe('a build', () => {
  it('gathers resources from files and folders, above too, several to a file', async () => {
    const files = {
      'x/kustomization.yaml': 'resources:\n  - ../shared.yaml\n  - deep\n  - two.yaml\n# - off.yaml\n',
      'shared.yaml': configMap('shared'),
      'x/deep/kustomization.yml': 'resources: [a.yaml]\n',
      'x/deep/a.yaml': configMap('a'),
      'x/two.yaml': `# nothing\n---\n${configMap('b')}---\n${configMap('c')}---\n`,
      'x/off.yaml': configMap('off'),
    }
    expect(await brief(files)).toEqual(['ConfigMap -/shared', 'ConfigMap -/a', 'ConfigMap -/b', 'ConfigMap -/c'])
  })

  it('takes a List apart, and leaves out what is for local use', async () => {
    const local = configMap('local').replace('metadata:', 'metadata:\n  annotations: { config.kubernetes.io/local-config: "true" }')
    const list =
      'apiVersion: v1\nkind: List\nitems:\n- { apiVersion: v1, kind: ConfigMap, metadata: { name: l }, data: { a: yes, b: 0444, c: &c { d: 1 }, e: { <<: *c } } }\n'
    const objects = await built({ 'x/kustomization.yaml': 'resources: [a.yaml]\n', 'x/a.yaml': `${list}---\n${local}` })
    expect(objects).toEqual([
      { apiVersion: 'v1', kind: 'ConfigMap', metadata: { name: 'l' }, data: { a: 'yes', b: 292, c: { d: 1 }, e: { d: 1 } } },
    ])
  })

  it('makes a kustomization for a folder that has none, as Flux does', async () => {
    const files = {
      'x/a.yaml': configMap('a'),
      'x/deep/b.yml': configMap('b'),
      'x/app/kustomization.yaml': 'resources: [listed.yaml]\n',
      'x/app/listed.yaml': configMap('listed'),
      'x/app/stray.yaml': configMap('stray'),
      'x/README.md': '#',
    }
    expect(await brief(files)).toEqual(['ConfigMap -/a', 'ConfigMap -/listed', 'ConfigMap -/b'])
  })

  it('lets components act on what their parent has gathered', async () => {
    const files = {
      'x/kustomization.yaml': 'resources: [a.yaml]\ncomponents: [c]\n',
      'x/a.yaml': configMap('a'),
      'x/c/kustomization.yaml': `${component}namespace: n\nresources: [b.yaml]\n`,
      'x/c/b.yaml': configMap('b'),
    }
    expect(await brief(files)).toEqual(['ConfigMap n/a', 'ConfigMap n/b'])
  })

  it('is empty where the lists are, and resources is null', async () => {
    expect(await built({ 'x/kustomization.yaml': 'resources: []\n' })).toEqual([])
    expect(await built({ 'x/kustomization.yaml': 'namespace: n\nresources:\n' })).toEqual([])
  })
})

describe('the namespace', () => {
  const kinds = `${configMap('a', '  namespace: old\n')}---
apiVersion: external-secrets.io/v1
kind: ClusterSecretStore
metadata: { name: onepassword }
---
apiVersion: external-secrets.io/v1
kind: SecretStore
metadata: { name: onepassword }
---
apiVersion: v1
kind: Namespace
metadata: { name: _ }
---
apiVersion: rbac.authorization.k8s.io/v1
kind: ClusterRoleBinding
metadata: { name: crb }
subjects: [{ kind: ServiceAccount, name: default, namespace: q }, { kind: ServiceAccount, name: other, namespace: q }]
`

  it('is put on what can have one, the outermost last; a Namespace takes its name', async () => {
    const files = {
      'x/kustomization.yaml': 'namespace: outer\nresources: [i]\n',
      'x/i/kustomization.yaml': 'namespace: inner\nresources: [a.yaml]\n',
      'x/i/a.yaml': kinds,
    }
    expect(await brief(files)).toEqual([
      'ConfigMap outer/a',
      'ClusterSecretStore -/onepassword',
      'SecretStore outer/onepassword',
      'Namespace -/outer',
      'ClusterRoleBinding -/crb',
    ])
    expect((await built(files))[4]?.['subjects'].map((each: { namespace: string }) => each.namespace)).toEqual(['outer', 'q'])
  })

  it('stops where it makes two objects one', async () => {
    const two = `${configMap('a', '  namespace: one\n')}---\n${configMap('a', '  namespace: two\n')}`
    await expect(built({ 'x/kustomization.yaml': 'namespace: n\nresources: [a.yaml]\n', 'x/a.yaml': two })).rejects.toThrow(
      'namespace transformation produces ID conflict: ConfigMap.v1.[noGrp]/a.n',
    )
  })
})

it('adds labels and annotations where kustomize does', async () => {
  const files = {
    'x/kustomization.yaml':
      'resources: [d.yaml]\nlabels: [{ pairs: { all: a } }, { pairs: { s: t }, includeSelectors: true }, { pairs: { tt: t }, includeTemplates: true }]\ncommonAnnotations: { an: b }\n',
    'x/d.yaml':
      'apiVersion: apps/v1\nkind: Deployment\nmetadata: { name: d }\nspec: { selector: { matchLabels: { app: d } }, template: { metadata: { labels: { app: d } } } }\n',
  }
  expect(await built(files)).toEqual([
    {
      apiVersion: 'apps/v1',
      kind: 'Deployment',
      metadata: { name: 'd', labels: { all: 'a', s: 't', tt: 't' }, annotations: { an: 'b' } },
      spec: {
        selector: { matchLabels: { app: 'd', s: 't' } },
        template: { metadata: { labels: { app: 'd', s: 't', tt: 't' }, annotations: { an: 'b' } } },
      },
    },
  ])
})
