import fc from 'fast-check'
import { expect, test } from 'vitest'
import { parseAllDocuments } from 'yaml'
import { Failure } from '../../src/failure.ts'
import { parseVaults, type Vault } from '../../src/manifests/vault.ts'
import { setVaults, vaultsOf } from '../../src/manifests/vaults.ts'

fc.configureGlobal({ numRuns: 20000 })

const path = 'stores.yaml'

function accepted(title: string): boolean {
  try {
    return parseVaults([`${title}=1`])[0]?.key === title
  } catch {
    return false
  }
}

const tricky = fc.constantFrom(
  'yes',
  '1',
  '1e5',
  '-',
  'a: b',
  'x #y',
  '*a',
  "it's",
  '<<',
  '~',
  '{}',
  'null',
  '0x1F',
  '2024-01-01',
  '__proto__',
  ' a ',
  '---',
)
const title = fc
  .oneof(tricky, fc.string({ minLength: 1, maxLength: 12, unit: 'grapheme' }), fc.stringMatching(/^[a-z][a-z-]{0,8}[a-z]$/))
  .filter(accepted)
const wanted: fc.Arbitrary<Vault[]> = fc
  .uniqueArray(title, { minLength: 1, maxLength: 4 })
  .map((titles) => titles.map((key, index) => ({ key, order: (index * 7) % 5 })))

const note = fc.constantFrom('', ' # fallback', "   # Replace '1' with your vault", ' # ü')
const key = fc.constantFrom('homelab', 'Apps', '"Home Lab"', "'it''s'", '1', 'yes', '26charsarenotaswiderangeof', '"\\u00fc"')
const store = fc.record({
  kind: fc.constantFrom('ClusterSecretStore', 'SecretStore'),
  step: fc.constantFrom(1, 2, 4),
  pairs: fc.uniqueArray(fc.record({ key, order: fc.constantFrom('1', '2', ' 7', '"3"', ''), note }), {
    selector: (pair) => pair.key,
    maxLength: 4,
  }),
  comments: fc.array(fc.constantFrom('# Homelab: 2', '#', '# old: {'), { maxLength: 2 }),
  authFirst: fc.boolean(),
  flow: fc.boolean(),
})
type Store = typeof store extends fc.Arbitrary<infer Shape> ? Shape : never

function render({ kind, step, pairs, comments, authFirst, flow }: Store): string[] {
  const at = (depth: number, text: string) => ' '.repeat(step * depth) + text
  const auth = [at(3, 'auth:'), at(4, 'secretRef: {connectTokenSecretRef: {name: x,  key: token}}')]
  const inline = pairs.map((pair) => `${pair.key}: ${pair.order.trim() || 0}`).join(', ')
  const block = [...comments, ...pairs.map((pair) => `${pair.key}: ${pair.order}${pair.note}`)].map((line) => at(4, line))
  const vaults = flow ? [at(3, `vaults: {${inline}}`)] : [at(3, 'vaults:'), ...block]
  return [
    'apiVersion: external-secrets.io/v1',
    `kind: ${kind}`,
    'metadata: {name:   onepassword}',
    'spec:',
    at(1, 'provider:'),
    at(2, 'onepassword:'),
    ...(authFirst ? auth : []),
    at(3, 'connectHost: "http://x:8080" # host'),
    ...vaults,
    ...(authFirst ? [] : auth),
  ]
}

const foreign = ['kind: ExternalSecret', 'spec: {secretStoreRef: {kind: ClusterSecretStore},   x: "{{ .onepassword }}"}']
const file = fc.record({
  stores: fc.array(store, { minLength: 1, maxLength: 3 }),
  withForeign: fc.boolean(),
  eol: fc.constantFrom('\n', '\r\n'),
  bom: fc.constantFrom('', '\uFEFF'),
  end: fc.constantFrom('', '\n', '\n\n'),
})

/** What each document's vaults are to a reader of YAML 1.1, as Flux and Kubernetes are. */
function readVaults(text: string): unknown[] {
  return parseAllDocuments(text.replace('\uFEFF', ''), { version: '1.1' }).flatMap((document) => {
    const object = document.toJS() as { spec?: { provider?: { onepassword: { vaults: unknown } } } } | null
    return object?.spec?.provider ? [object.spec.provider.onepassword.vaults] : []
  })
}

/** What each document says apart from its vaults. */
function withoutVaults(text: string): unknown[] {
  return parseAllDocuments(text, { merge: true }).map((document) => {
    if (document.hasIn(storesVaults)) document.deleteIn(storesVaults)
    return document.toJS() as unknown
  })
}

const storesVaults = ['spec', 'provider', 'onepassword', 'vaults']

/** All lines but the pairs of `vaults`, with its comments. */
function outsideVaults(text: string): string[] {
  let depth = Number.POSITIVE_INFINITY
  return text.split(/\r?\n/).filter((line) => {
    if (/^\s*(#|$)/.test(line)) return true
    const indent = line.search(/\S/)
    if (/^ +"?vaults"?:/.test(line)) depth = indent
    else if (indent <= depth) depth = Number.POSITIVE_INFINITY
    return indent < depth
  })
}

test('every store names exactly the wanted vaults, and nothing else has changed', () => {
  fc.assert(
    fc.property(file, wanted, ({ stores, withForeign, eol, bom, end }, vaults) => {
      const documents = [...(withForeign ? [foreign] : []), ...stores.map(render)]
      const text = bom + documents.map((lines) => lines.join(eol)).join(`${eol}---${eol}`) + end.replaceAll('\n', eol)
      const after = setVaults({ path, text }, vaults)
      const model = Object.fromEntries(vaults.map(({ key: name, order }) => [name, order]))
      expect(readVaults(after)).toEqual(stores.map(() => model))
      expect(setVaults({ path, text: after }, vaults)).toBe(after)
      expect(vaultsOf({ path, text: after }).map((each) => each.vaults)).toEqual(
        stores.map(() => vaults.toSorted((a, b) => a.order - b.order)),
      )

      expect(outsideVaults(after)).toEqual(outsideVaults(text))
      expect(after.includes('\r')).toBe(text.includes('\r'))
      expect(after.endsWith('\n')).toBe(text.endsWith('\n'))
      expect(after.startsWith('\uFEFF')).toBe(text.startsWith('\uFEFF'))
    }),
    { numRuns: 20000 },
  )
})

test('with as many vaults as before every note stays, and the lines stay where they are', () => {
  const block = store.filter(({ pairs, flow }) => !flow && pairs.length > 0)
  fc.assert(
    fc.property(block, fc.uniqueArray(title, { minLength: 4, maxLength: 4 }), (shape, titles) => {
      const vaults = parseVaults(titles.slice(0, shape.pairs.length).map((name, index) => `${name}=${index + 1}`))
      const text = `${render(shape).join('\n')}\n`
      const after = setVaults({ path, text }, vaults).split('\n')
      const before = text.split('\n')
      expect(after).toHaveLength(before.length)
      const changed = after.filter((line, index) => line !== before[index])
      expect(changed.length).toBeLessThanOrEqual(vaults.length)
      const notes = (lines: string[]) => lines.map((line) => /( +# (fallback|Replace.*|ü))$/.exec(line)?.[0] ?? '')
      expect(notes(after)).toEqual(notes(before))
    }),
    { numRuns: 20000 },
  )
})

test('any soup of lines: refused in our own words, or exactly the wanted vaults', () => {
  const usual = fc.constantFrom(
    ...['        a: 1', '        b: 2 # n', '        "c d": 3', '        c:', "        'e': 01", '        # f: 4', '# g', '', '  '],
  )
  const odd = fc.constantFrom(
    ...[
      '        "x: y": &v 1',
      '        d: *v',
      '        ? c',
      '        : 3',
      '        <<: *v',
      '        - e',
      '        f: |',
      '          text',
    ],
    ...['        g: >-', '        {{ h }}: 1', '        "\\u0061": 1', '        é: 1\r', '        i: { order: 1 }', '        j: !!int 1'],
    ...['\t\tx: 1', '---', '      auth: {}', '      connectHost: y', '    other: {}', '}', '        a: 1,', '      z: y'],
  )
  const head = fc.constantFrom(
    ...[
      '      vaults:',
      '      vaults: # n',
      '      vaults: {}',
      '      vaults: {a: 1, b}',
      '      vaults: {',
      '      vaults: &v',
      '      vaults: ~',
      '',
    ],
    ...['      vaults: !!map', '      "vaults":', '      vaults: *v'],
  )
  const line = fc.oneof({ weight: 6, arbitrary: usual }, { weight: 1, arbitrary: odd })
  fc.assert(
    fc.property(head, fc.array(line, { maxLength: 6 }), wanted, fc.constantFrom('', '\n'), (first, lines, vaults, end) => {
      const top = ['apiVersion: external-secrets.io/v1', 'kind: SecretStore', 'spec:', '  provider:', '    onepassword:']
      const text = [...top, '      auth: {}', '      connectHost: x', first, ...lines].join('\n') + end
      let after: string
      try {
        after = setVaults({ path, text }, vaults)
      } catch (error) {
        expect(error).toBeInstanceOf(Failure)
        return
      }
      expect(withoutVaults(after)).toEqual(withoutVaults(text))
      expect(readVaults(after)).toEqual([Object.fromEntries(vaults.map(({ key: name, order }) => [name, order]))])
      expect(outsideVaults(after)).toEqual(outsideVaults(text))
      expect(setVaults({ path, text: after }, vaults)).toBe(after)
    }),
    { numRuns: 20000 },
  )
})
