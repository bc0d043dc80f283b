import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { parse } from 'yaml'
import { Failure } from '../../src/failure.ts'
import { enableEntry } from '../../src/manifests/kustomization.ts'

const path = 'x/kustomization.yaml'
const wanted = { entry: './onepassword', list: 'resources' } as const
const enable = (text: string) => enableEntry({ path, text }, wanted)

const note = fc.constantFrom('', ' # note', '   # - ./onepassword', ' #')
const spelling = fc.constantFrom('onepassword', './onepassword', 'onepassword/', './onepassword/', '"./onepassword"', "'onepassword'")
const switchedOff = fc.constantFrom(
  (indent: string) => `${indent}# `,
  (indent: string) => `${indent}#`,
  () => '# ',
  () => '#  ',
  () => '#   ',
  () => ' # ',
  (indent: string) => `${indent}   #\t`,
)
const other = fc.record({
  name: fc.constantFrom('./a', 'b.yaml', '../../c/', 'd?ref=v1', '"e"', './onepassword-x', 'xonepassword'),
  note,
})
const filler = fc.constantFrom(
  '',
  '#',
  '# prose: → here',
  '# - prose that goes on',
  '  # - ./elsewhere # later',
  '##- ./onepassword',
  '      # deep',
)
const outer = fc.constantFrom(
  ['namespace: x'],
  ['patches:', '  - patch: |-', '      - op: add', '        # - ./onepassword', '    target: {kind: A}'],
  ['components:', '  - y', '  # - z'],
  ['images: [ {name: a,   newTag: "\\x41"} ]'],
  ['commonLabels: {"a":   b}'],
)
const head: fc.Arbitrary<readonly string[]> = fc.constantFrom(
  [],
  ['---'],
  ['# schema', '---', ''],
  ['---', '# - ./onepassword', 'kind: Kustomization'],
)

const file = fc.record({
  head,
  before: fc.option(outer, { nil: [] }),
  indent: fc.constantFrom('', '  ', '    ', ' '),
  above: fc.array(fc.oneof(other, filler), { maxLength: 4 }),
  below: fc.array(fc.oneof(other, filler), { maxLength: 4 }),
  spelling,
  note,
  switchedOff,
  last: other,
  eol: fc.constantFrom('\n', '\r\n'),
  bom: fc.constantFrom('', '\uFEFF'),
  end: fc.constantFrom('', '\n', '\n\n'),
})
type File = typeof file extends fc.Arbitrary<infer Shape> ? Shape : never

/** The file around one line of the list, or around none. There is always a live entry to take the indent from. */
function render(shape: File, line: string | undefined): string {
  const live = (each: string | { name: string; note: string }) =>
    typeof each === 'string' ? each : `${shape.indent}- ${each.name}${each.note}`
  const list = [...shape.above.map(live), ...(line === undefined ? [] : [line]), live(shape.last), ...shape.below.map(live)]
  const end = shape.end.replaceAll('\n', shape.eol)
  return shape.bom + [...shape.head, ...shape.before, 'resources:', ...list].join(shape.eol) + end
}

describe('enableEntry changes only what it means to', () => {
  test('a commented entry: that line, and nothing else', () => {
    fc.assert(
      fc.property(file, (shape) => {
        const rest = `- ${shape.spelling}${shape.note}`
        const after = enable(render(shape, shape.switchedOff(shape.indent) + rest))
        expect(after).toBe(render(shape, shape.indent + rest))
        expect(enable(after)).toBe(after)
      }),
    )
  })

  test('a live entry: nothing at all', () => {
    fc.assert(
      fc.property(file, (shape) => {
        const text = render(shape, `${shape.indent}- ${shape.spelling}${shape.note}`)
        expect(enable(text)).toBe(text)
      }),
    )
  })

  test('an entry that is not there: one more line, behind the last live one', () => {
    const plainHead = file.map((shape) => ({ ...shape, head: ['---'] }))
    fc.assert(
      fc.property(plainHead, (shape) => {
        const text = render(shape, undefined)
        const after = enable(text)
        const before = text.split(shape.eol)
        const lines = after.split(shape.eol)
        const at = lines.indexOf(`${shape.indent}- ./onepassword`)
        expect(lines.toSpliced(at, 1)).toEqual(before)
        const list = (parse(after.replace('\uFEFF', '')) as { resources: string[] }).resources
        expect(list).toEqual([...(parse(text.replace('\uFEFF', '')) as { resources: string[] }).resources, './onepassword'])
        expect(enable(after)).toBe(after)
      }),
    )
  })

  test('any soup of lines: refused in our own words, or exactly one entry more', () => {
    const usual = fc.constantFrom(
      ...['resources:', 'resources: []', 'components:', '# resources:', '# components:', 'namespace: x', 'kind: Kustomization'],
      ...['  - a', '  - b # n', '  # - ./onepassword', '# - onepassword/ # n', '#   - ./onepassword', '  #- "./onepassword"'],
      ...['  - ./onepassword', '## - onepassword', '', '   ', '# prose', '    # deep'],
    )
    const odd = fc.constantFrom(
      ...['resources: [a]', 'resources: [ # n', ']', '"resources":', 'bases: [z]', 'components: [a]', '#resources: # why', 'resources: ~'],
      ...[
        'patches:',
        '  - patch: |',
        '  - >-',
        '- b',
        '    c: d',
        '  - - e',
        '  -',
        '- # note',
        '    - ./deep',
        '  - "q" # é',
        '  - !!str t',
      ],
      ...['\t# - onepassword', '- onepassword/', '  - c # - ./onepassword', '      # - ./onepassword', 'namespace: y\r'],
      ...['\t- x', '---', '...', '%YAML 1.1', '  &x', '  - &x v', '  *x', '<<: *x', 'namespace: "x', '"', '? y'],
    )
    const first = fc.constantFrom('kind: Kustomization', 'resources:', 'resources: []', 'components:', '')
    const line = fc.oneof({ weight: 6, arbitrary: usual }, { weight: 1, arbitrary: odd })
    fc.assert(
      fc.property(first, fc.array(line, { maxLength: 8 }), fc.constantFrom('', '\n'), (top, lines, end) => {
        const text = [top, ...lines].join('\n') + end
        let after: string
        try {
          after = enable(text)
        } catch (error) {
          expect(error).toBeInstanceOf(Failure)
          return
        }
        expect(enable(after)).toBe(after)
        if (after === text) return
        const { resources: had, ...same } = parse(text) as { resources?: unknown[] | null }
        const { resources, ...others } = parse(after) as { resources: string[] }
        expect(others).toEqual(same)
        const at = resources.findIndex((each, index) => each !== had?.[index])
        expect(resources[at]).toMatch(/^(\.\/)?onepassword\/?$/)
        expect(resources.toSpliced(at, 1)).toEqual(had ?? [])
        const untouched = (each: string) => each !== '' && !/onepassword|resources/.test(each)
        expect(after.split(/\r?\n/).filter(untouched)).toEqual(text.split(/\r?\n/).filter(untouched))
      }),
      { numRuns: 300 },
    )
  })
})
