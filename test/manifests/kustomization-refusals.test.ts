import { expect, test } from 'vitest'
import { enableEntry } from '../../src/manifests/kustomization.ts'
import { refused } from './refused.ts'

interface Refusal {
  text: string
  id: string
  line: number
  fix: string
  path?: string
  list?: 'resources' | 'components'
}

const add = 'Put "- ./onepassword" under resources.'
const rendered = 'Change the value that the template reads, render it, and run this again on the rendered file.'
const other = 'Give the folder whose kustomization lists Connect and the stores with --path.'

const refusals: Record<string, Refusal> = {
  'the whole file is commented out': { text: '# resources:\n#   - ./onepassword\n', id: 'not-a-kustomization', line: 1, fix: other },
  'the commented key is not where it could go live': {
    text: 'resources:\n  - a\n# components:\n#   - ./onepassword\n  - b\n',
    list: 'components',
    id: 'edit-by-hand',
    line: 4,
    fix: 'Put "- ./onepassword" under components.',
  },
  'commented out only in the prose above the lists': {
    text: '# - ./onepassword\nkind: Kustomization\nresources:\n  - a\n',
    id: 'wrong-list',
    line: 1,
    fix: 'Remove line 1, and put "- ./onepassword" under resources.',
  },
  'commented out only in a commented patch block': {
    text: 'resources:\n  - a\n# patchesStrategicMerge:\n#   - ./onepassword\n',
    id: 'wrong-list',
    line: 4,
    fix: 'Remove line 4, and put "- ./onepassword" under resources.',
  },
  'live as a resource, but it is a Component': {
    text: 'resources:\n  - a\n  - onepassword/\n',
    list: 'components',
    id: 'wrong-list',
    line: 3,
    fix: 'Remove line 3, and put "- ./onepassword" under components.',
  },
  'live as a component, but it is none': {
    text: 'components:\n  - onepassword\nresources:\n  # - ./onepassword\n',
    id: 'wrong-list',
    line: 2,
    fix: 'Remove line 2, and put "- ./onepassword" under resources.',
  },
  'commented out as a resource, but it is a Component': {
    text: 'components:\n  - a\nresources:\n  - b\n  # - ./onepassword\n',
    list: 'components',
    id: 'wrong-list',
    line: 5,
    fix: 'Remove line 5, and put "- ./onepassword" under components.',
  },
  'commented out twice': {
    text: 'resources:\n  # - ./onepassword\n  - a\n  # - onepassword/ # again\n',
    id: 'entry-commented-twice',
    line: 2,
    fix: "Remove the one that isn't meant: line 2 or line 4.",
  },
  'commented out in a flow list': {
    text: 'resources: [\n  a,\n  # - ./onepassword\n]\n',
    id: 'edit-by-hand',
    line: 3,
    fix: 'Put ./onepassword between the brackets of resources.',
  },
  'commented out in empty brackets': { text: 'resources: [\n  # - ./onepassword\n]\n', id: 'edit-by-hand', line: 2, fix: add },
  'a comment in empty brackets would be lost': { text: 'resources: [\n  # keep me\n]\n', id: 'edit-by-hand', line: 1, fix: add },
  'an alias in the place of a list': { text: 'crds: &list [a]\nresources: *list\n', id: 'edit-by-hand', line: 2, fix: add },
  'a list that an alias repeats': { text: 'resources: &list\n  - a\ncrds: *list\n', id: 'edit-by-hand', line: 1, fix: add },
  'a dash that is indented more than the one above: YAML reads one entry': {
    text: 'resources:\n- b\n  - ./onepassword',
    id: 'entry-runs-on',
    line: 3,
    fix: 'Indent line 3 as much as line 2.',
  },
  'a list that is text': { text: 'kind: Kustomization\nresources: a\n', id: 'edit-by-hand', line: 2, fix: add },
  tabs: { text: 'resources:\n\t- a\n', id: 'yaml-tabs', line: 2, fix: 'Replace the tab at line 2 with spaces.' },
  'tabs behind spaces': {
    text: 'resources:\n  - a\n  \t- b\n',
    id: 'yaml-tabs',
    line: 3,
    fix: 'Replace the tab at line 3 with spaces.',
  },
  'a makejinja template by its name': {
    text: 'resources:\n  - a\n',
    path: 'x/kustomization.yaml.j2',
    id: 'template-file',
    line: 1,
    fix: rendered,
  },
  'a Helm template by its name': {
    text: 'resources:\n  - a\n',
    path: 'x/kustomization.yaml.tpl',
    id: 'template-file',
    line: 1,
    fix: rendered,
  },
  'a Go template by its name': {
    text: 'resources:\n  - a\n',
    path: 'x/kustomization.yaml.gotmpl',
    id: 'template-file',
    line: 1,
    fix: rendered,
  },
  'a makejinja template by its lines': {
    text: 'resources:\n  - a\n  #% if x %#\n  - ./onepassword\n  #% endif %#\n',
    id: 'template-file',
    line: 3,
    fix: rendered,
  },
  'a Go template': { text: 'resources:\n  - a\nnamespace: {{ .ns }}\n', id: 'template-file', line: 3, fix: rendered },
  'a Go template that is not YAML': {
    text: 'resources:\n{{- range .x }}\n  - {{ . }}\n{{- end }}\n',
    id: 'template-file',
    line: 2,
    fix: rendered,
  },
  'an alternate file': {
    text: 'resources:\n  # - ./onepassword\n',
    path: 'x/kustomization.yaml.bootstrap',
    id: 'not-a-kustomization',
    line: 1,
    fix: other,
  },
  'several documents': { text: 'resources:\n  - a\n---\nresources:\n  - b\n', id: 'not-a-kustomization', line: 3, fix: other },
  'a Flux Kustomization': {
    text: '---\napiVersion: kustomize.toolkit.fluxcd.io/v1\nkind: Kustomization\n',
    id: 'not-a-kustomization',
    line: 2,
    fix: other,
  },
  'another kind': { text: 'apiVersion: v1\nkind: Namespace\n', id: 'not-a-kustomization', line: 1, fix: other },
  'an empty file': { text: '', id: 'not-a-kustomization', line: 1, fix: other },
  'the same key twice': {
    text: 'resources:\n  - a\nresources:\n  - b\n',
    id: 'yaml-duplicate-key',
    line: 3,
    fix: 'Remove one of the two; the second is at line 3.',
  },
  'encrypted with SOPS': {
    text: 'resources:\n  - a\nsops:\n  version: 3.9.0\n',
    id: 'sops-encrypted',
    line: 3,
    fix: 'sops edit x/kustomization.yaml',
  },
  'encrypted values': {
    text: 'kind: K\nx: ENC[AES256_GCM,data:AAAA]\n',
    id: 'sops-encrypted',
    line: 2,
    fix: 'sops edit x/kustomization.yaml',
  },
  'not UTF-8': {
    text: 'kind: Kustomization\n# caf\uFFFD\nresources:\n  # - ./onepassword\n',
    id: 'not-utf8',
    line: 2,
    fix: 'Save it as UTF-8: iconv -f <its encoding> -t UTF-8 x/kustomization.yaml',
  },
  'not YAML': { text: 'resources:\n  - a\n - b: [\n', id: 'yaml-invalid', line: 3, fix: 'Put line 3 right.' },
}

test.each(Object.entries(refusals))('%s', (_row, { text, path = 'x/kustomization.yaml', list = 'resources', id, line, fix }) => {
  const failure = refused(() => enableEntry({ path, text }, { entry: './onepassword', list }))
  expect(failure).toMatchObject({ id, exit: 'blocked', fix: [fix] })
  expect(failure.message).toMatch(`${path}:${line}: `)
})
