import { describe, expect, test } from 'vitest'
import { enableEntry } from '../../src/manifests/kustomization.ts'

/** Enables ./onepassword; the text between the lines must come out as it went in. */
function enabled(text: string, entry = './onepassword', list: 'resources' | 'components' = 'resources'): string {
  const path = 'apps/external-secrets/kustomization.yaml'
  const after = enableEntry({ path, text }, { entry, list })
  expect(enableEntry({ path, text: after }, { entry, list })).toBe(after)
  return after
}

describe('a commented entry goes live', () => {
  test.each([
    [
      'indented comment under a live list',
      'resources:\n  - ./namespace.yaml\n  # - ./onepassword\n  # - ./other\n',
      'resources:\n  - ./namespace.yaml\n  - ./onepassword\n  # - ./other\n',
    ],
    [
      'comment in column 0 of an indented list',
      'resources:\n  - ./azure\n#  - ./onepassword\n',
      'resources:\n  - ./azure\n  - ./onepassword\n',
    ],
    [
      'one space behind the marker, and the list goes on',
      'resources:\n  - ./azure\n# - ./onepassword\n  - ./vault\n',
      'resources:\n  - ./azure\n  - ./onepassword\n  - ./vault\n',
    ],
    ['line shifted by an editor', 'resources:\n  - ./a\n#   - ./onepassword\n', 'resources:\n  - ./a\n  - ./onepassword\n'],
    ['no space behind the marker', 'resources:\n  - ./a\n  #- ./onepassword\n', 'resources:\n  - ./a\n  - ./onepassword\n'],
    [
      'disabled twice is left alone',
      'resources:\n  - ./a\n##- ./onepassword\n  #- ./onepassword\n',
      'resources:\n  - ./a\n##- ./onepassword\n  - ./onepassword\n',
    ],
    ['one leading space', 'resources:\n  - ./a\n # - ./onepassword\n', 'resources:\n  - ./a\n  - ./onepassword\n'],
    ['list without indent', 'resources:\n- a\n# - ./onepassword\n- b\n', 'resources:\n- a\n- ./onepassword\n- b\n'],
    [
      'empty brackets of the right key',
      'components: []\n  # - ../../components/common\nresources: []\n  # - ./onepassword\n',
      'components: []\n  # - ../../components/common\nresources:\n  - ./onepassword\n',
    ],
    [
      'a note behind the brackets',
      'resources: []   # nothing yet\n# - ./onepassword\nnamespace: x\n',
      'resources:   # nothing yet\n  - ./onepassword\nnamespace: x\n',
    ],
    ['only comments in the list', 'resources:\n  # - ./a\n  # - ./onepassword\n', 'resources:\n  # - ./a\n  - ./onepassword\n'],
    ['the indent of another list', 'components:\n- x\nresources:\n# - ./onepassword\n', 'components:\n- x\nresources:\n- ./onepassword\n'],
    [
      'prose between the entries',
      'resources:\n  - ./a\n  # Uncomment when the credentials are ready → see README:\n  #\n  # - first the token, then this\n  # - ./onepassword\n  # - ./onepassword needs credentials\n',
      'resources:\n  - ./a\n  # Uncomment when the credentials are ready → see README:\n  #\n  # - first the token, then this\n  - ./onepassword\n  # - ./onepassword needs credentials\n',
    ],
    [
      'prose that names the entry above the lists',
      '# Later:\n# - ./onepassword\nkind: Kustomization\nresources:\n  - ./a\n  # Later:\n  # - ./onepassword\n',
      '# Later:\n# - ./onepassword\nkind: Kustomization\nresources:\n  - ./a\n  # Later:\n  - ./onepassword\n',
    ],
    [
      'a note behind the entry',
      'resources:\n  - ./a # live\n  # - ./onepassword # needs creds\n',
      'resources:\n  - ./a # live\n  - ./onepassword # needs creds\n',
    ],
    [
      'dashes in a commented patch block',
      'resources:\n  - ./a\n  # - ./onepassword\n# patches:\n#   - target:\n#       - op: add\n#   - ./onepassword\n',
      'resources:\n  - ./a\n  - ./onepassword\n# patches:\n#   - target:\n#       - op: add\n#   - ./onepassword\n',
    ],
    [
      'a map whose first line is a comment',
      'resources:\n  # - ./onepassword\n  - ./a\npatches:\n  - # - ./onepassword\n    patch: |\n      - op: add\n',
      'resources:\n  - ./onepassword\n  - ./a\npatches:\n  - # - ./onepassword\n    patch: |\n      - op: add\n',
    ],
    [
      'block scalars hold text',
      'resources:\n  - ./a\n  # - ./onepassword\npatches:\n  - patch: |-\n      resources:\n      # - ./onepassword\n      - op: add\n',
      'resources:\n  - ./a\n  - ./onepassword\npatches:\n  - patch: |-\n      resources:\n      # - ./onepassword\n      - op: add\n',
    ],
    ['no final newline', 'resources:\n  - ./a\n  # - ./onepassword', 'resources:\n  - ./a\n  - ./onepassword'],
    ['blank lines at the end', 'resources:\n  # - ./onepassword\n\n\n', 'resources:\n  - ./onepassword\n\n\n'],
    ['CRLF', 'resources:\r\n  - ./a\r\n  # - ./onepassword\r\n', 'resources:\r\n  - ./a\r\n  - ./onepassword\r\n'],
    [
      'every line keeps its own ending',
      'a: 1\r\nresources:\n  - ./a\n  # - ./onepassword\n',
      'a: 1\r\nresources:\n  - ./a\n  - ./onepassword\n',
    ],
    ['byte order mark', '\uFEFFresources:\n  - ./a\n  # - ./onepassword\n', '\uFEFFresources:\n  - ./a\n  - ./onepassword\n'],
    ['a tab in the comment only', 'resources:\n  - ./a\n\t#\t- ./onepassword\n', 'resources:\n  - ./a\n  - ./onepassword\n'],
    [
      'groups that are staged one by one',
      'resources:\n  - ./a\n\n  # Stage 2\n  # - ./onepassword\n\n  # Stage 3\n  # - ./onepassword-extra\n',
      'resources:\n  - ./a\n\n  # Stage 2\n  - ./onepassword\n\n  # Stage 3\n  # - ./onepassword-extra\n',
    ],
  ])('%s', (_row, before, after) => {
    expect(enabled(before)).toBe(after)
  })

  test('the whole key is commented out', () => {
    const before = 'resources:\n  - a\n# components:\n#   - ../../components/alerts\n#   - ./onepassword # soon\n'
    const after = 'resources:\n  - a\ncomponents:\n#   - ../../components/alerts\n  - ./onepassword # soon\n'
    expect(enabled(before, './onepassword', 'components')).toBe(after)
  })

  test('a byte order mark before the commented key', () => {
    const before = '\uFEFF# components:\n#   - ./onepassword\nnamespace: x\n'
    expect(enabled(before, './onepassword', 'components')).toBe('\uFEFFcomponents:\n  - ./onepassword\nnamespace: x\n')
  })

  test('empty brackets of components, commented entries below both keys', () => {
    const before = 'components: []\n  # - ../../components/common\nresources: []\n  # - ./onepassword/ks.yaml\n'
    expect(enabled(before, '../../components/common', 'components')).toBe(
      'components:\n  - ../../components/common\nresources: []\n  # - ./onepassword/ks.yaml\n',
    )
    expect(enabled(before, './onepassword/ks.yaml')).toBe(
      'components: []\n  # - ../../components/common\nresources:\n  - ./onepassword/ks.yaml\n',
    )
  })

  test('components before resources', () => {
    const before = 'components:\n  - ../../components/common\n  # - ./onepassword\nresources:\n  - ./a\n'
    const after = 'components:\n  - ../../components/common\n  - ./onepassword\nresources:\n  - ./a\n'
    expect(enabled(before, 'onepassword', 'components')).toBe(after)
  })

  test('everything else stays, to the byte', () => {
    const rest =
      'namespace: external-secrets\ncommonLabels: {app:   eso}\nconfigMapGenerator:\n    - name: x\n      literals: [ "a=b" ,c=d ]\ngeneratorOptions:\n  disableNameSuffixHash:   true\nhelmCharts:\n- name: y\n  valuesInline: {z: 0x1F}\nreplacements:\n  - source: {kind: A}\nsecretGenerator: []\nimages:\n  - {name: a, newTag: "\\x41"}\n'
    expect(enabled(`${rest}resources:\n  - ./a\n  # - ./onepassword\n`)).toBe(`${rest}resources:\n  - ./a\n  - ./onepassword\n`)
  })

  test.each([
    '---\n# yaml-language-server: $schema=https://json.schemastore.org/kustomization\n',
    '# yaml-language-server: $schema=https://wrong.example/helmrelease.json\n',
    '# comment first\n---\n',
    '\n---\n',
    '%YAML 1.2\n---\n',
  ])('header %j', (head) => {
    expect(enabled(`${head}resources:\n  - ./a\n  # - ./onepassword\n`)).toBe(`${head}resources:\n  - ./a\n  - ./onepassword\n`)
  })

  test('the folder is a Component itself', () => {
    const head = 'apiVersion: kustomize.config.k8s.io/v1alpha1\nkind: Component\n'
    expect(enabled(`${head}resources:\n  # - ./onepassword\n`)).toBe(`${head}resources:\n  - ./onepassword\n`)
  })
})

test.each(['kustomization.yaml', 'kustomization.yml', 'Kustomization'])('%s is a kustomization', (name) => {
  const text = (mark: string) => `resources:\n  - ./a\n  ${mark}- ./onepassword\n`
  expect(enableEntry({ path: `apps/${name}`, text: text('# ') }, { entry: './onepassword', list: 'resources' })).toBe(text(''))
})

describe('the same target in another spelling', () => {
  test.each([
    ['x', './x'],
    ['./x/', 'x'],
    ['x/', './x/'],
    ['../x', '../x/'],
    ['../../base/x', '../../base/x/'],
    ['x.yaml', './x.yaml'],
    ['./x/ks.yaml', 'x/ks.yaml'],
    ['"./x"', 'x'],
    ["'x/'", './x'],
    ['"github.com/o/r//deploy?ref=v0.9.17"', 'github.com/o/r//deploy?ref=v0.9.17'],
    ['https://github.com/o/r?ref=v1', 'https://github.com/o/r?ref=v1'],
  ])('%s is %s', (written, wanted) => {
    const live = `resources:\n  - a\n  - ${written} # note\n`
    expect(enabled(live, wanted)).toBe(live)
    expect(enabled(`resources:\n  - a\n  # - ${written} # note\n`, wanted)).toBe(live)
  })

  test.each([
    ['./x/ks.yaml', './x'],
    ['../x', './x'],
    ['x-y', 'x'],
    ['X', 'x'],
  ])('%s is not %s', (written, wanted) => {
    expect(enabled(`resources:\n  - ${written}\n`, wanted)).toBe(`resources:\n  - ${written}\n  - ${wanted}\n`)
  })
})

describe('nothing to do gives the very same text', () => {
  test.each([
    ['live', 'resources:\n  - ./onepassword\n'],
    ['live and commented out', 'resources:\n  - ./onepassword\n  - b\n  # - ./onepassword\n'],
    ['live in a flow list', 'resources: [./helm, onepassword/]\n'],
    ['live under the old name of resources', 'bases:\n  - ./onepassword\n'],
    ['live through an alias', 'crds: &list [./onepassword]\nresources: *list\n'],
    ['live, not indented, CRLF, no final newline', 'resources:\r\n- onepassword'],
  ])('%s', (_row, text) => {
    expect(enabled(text)).toBe(text)
  })
})

describe('an entry that stands nowhere is added', () => {
  test.each([
    ['behind the last one', 'resources:\n  - a # note\n\nnamespace: x\n', 'resources:\n  - a # note\n  - ./onepassword\n\nnamespace: x\n'],
    ['in the indent of its list', 'resources:\n    -   a\n', 'resources:\n    -   a\n    - ./onepassword\n'],
    ['not indented', 'resources:\n- a\nkind: Kustomization\n', 'resources:\n- a\n- ./onepassword\nkind: Kustomization\n'],
    ['into empty brackets', 'resources: []\n# prose\n', 'resources:\n  - ./onepassword\n# prose\n'],
    ['into nothing', 'resources: # none\nnamespace: x\n', 'resources: # none\n  - ./onepassword\nnamespace: x\n'],
    ['into null', 'resources: ~ # none\nnamespace: x\n', 'resources: # none\n  - ./onepassword\nnamespace: x\n'],
    ['into a flow list', 'resources: [./helm]\n', 'resources: [./helm, ./onepassword]\n'],
    ['into a flow list of many lines', 'resources: [\n  a,\n  b, # last\n]\n', 'resources: [\n  a,\n  b, ./onepassword, # last\n]\n'],
    ['no final newline', 'resources:\n  - a', 'resources:\n  - a\n  - ./onepassword'],
    ['CRLF', 'resources:\r\n  - a\r\nnamespace: x\r\n', 'resources:\r\n  - a\r\n  - ./onepassword\r\nnamespace: x\r\n'],
    [
      'a comment in a block scalar is no entry',
      'resources:\n  - a\npatches:\n  - patch: |\n      # - ./onepassword\n',
      'resources:\n  - a\n  - ./onepassword\npatches:\n  - patch: |\n      # - ./onepassword\n',
    ],
    [
      'disabled twice is no entry',
      'resources:\n  - a\n  ##- ./onepassword\n',
      'resources:\n  - a\n  - ./onepassword\n  ##- ./onepassword\n',
    ],
    [
      'a comment behind a live entry is none',
      'resources:\n  - a # - ./onepassword\n',
      'resources:\n  - a # - ./onepassword\n  - ./onepassword\n',
    ],
  ])('%s', (_row, before, after) => {
    expect(enabled(before)).toBe(after)
  })

  test.each([
    ['with its key', 'resources:\n  - a\n', 'resources:\n  - a\ncomponents:\n  - ./onepassword\n'],
    [
      'below the comments and above the blank lines at the end',
      'resources:\n- a\n# - b\n\n\n',
      'resources:\n- a\n# - b\ncomponents:\n- ./onepassword\n\n\n',
    ],
    ['above the end of the document', 'resources:\n  - a\n...\n', 'resources:\n  - a\ncomponents:\n  - ./onepassword\n...\n'],
    ['with its key, no final newline', 'namespace: x', 'namespace: x\ncomponents:\n  - ./onepassword'],
  ])('%s', (_row, before, after) => {
    expect(enabled(before, './onepassword', 'components')).toBe(after)
  })

  test('an entry that YAML would misread is quoted', () => {
    expect(enabled('resources: [a]\n', 'my folder, new')).toBe('resources: [a, "my folder, new"]\n')
  })
})
