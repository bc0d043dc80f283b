import { describe, expect, it } from 'vitest'
import { entriesOf } from '../../src/manifests/entries.ts'

const brief = (text: string) => entriesOf(text).map(({ entry, list, state, line }) => `${line} ${state} ${list} ${entry}`)

describe('the entries of a kustomization', () => {
  it.each([
    ['indented like its siblings', 'resources:\n  - a\n  # - ./onepassword/ks.yaml\n'],
    ['at column 0 of an indented list', 'resources:\n  - a\n#  - ./onepassword/ks.yaml\n'],
    ['shifted by an editor', 'resources:\n  - a\n#   - ./onepassword/ks.yaml\n'],
    ['without a space before the dash', 'resources:\n  - a\n  #- ./onepassword/ks.yaml\n'],
    ['with one leading space', 'resources:\n  - a\n # - ./onepassword/ks.yaml\n'],
    ['in a list at indent 0', 'resources:\n- a\n# - ./onepassword/ks.yaml\n'],
    ['with a note', 'resources:\n  - a\n  # - ./onepassword/ks.yaml # needs credentials\n'],
    ['quoted', 'resources:\n  - a\n  # - "./onepassword/ks.yaml"\n'],
    ['with Windows line ends', 'resources:\r\n  - a\r\n  # - ./onepassword/ks.yaml\r\n'],
    ['without a last newline', 'resources:\n  - a\n  # - ./onepassword/ks.yaml'],
  ])('are found when commented %s', (_, text) => {
    expect(brief(text)).toEqual(['2 live resources a', '3 commented resources ./onepassword/ks.yaml'])
  })

  it('belong to the nearest key above, empty lists included', () => {
    expect(brief('components: []\n  # - ../../components/common\nresources: []\n  # - ./onepassword/ks.yaml\n')).toEqual([
      '2 commented components ../../components/common',
      '4 commented resources ./onepassword/ks.yaml',
    ])
    expect(brief('resources:\n  # - a\n  # - b\n')).toEqual(['2 commented resources a', '3 commented resources b'])
  })

  it('belong to a key that is commented out itself', () => {
    expect(brief('resources:\n  - a\n# components:\n#   - ../../components/alerts\n')).toEqual([
      '2 live resources a',
      '4 commented components ../../components/alerts',
    ])
  })

  it('are not what else stands behind a dash', () => {
    const text = `resources:
  - a
  # - this is prose
  ## - ./twice-off
  # Note: - x
patches:
  # - ./not-an-entry.yaml
#   - target:
#       - op: add
  - # a comment first
    patch: |
      # - ./in-a-block
      - op: add
# patches:
#   - ./p.yaml
`
    expect(brief(text)).toEqual(['2 live resources a'])
  })

  it('are not text in a block scalar that looks like a list', () => {
    const text = 'configMapGenerator:\n  - literals:\n      - |\n        x=\n        # resources:\n        # - a\nresources: [b]\n'
    expect(brief(text)).toEqual(['7 live resources b'])
  })

  it('come from bases too, and from flow lists', () => {
    expect(brief('bases: [../x]\ncomponents: ["./c"]\n')).toEqual(['1 live resources ../x', '2 live components ./c'])
  })

  it('are none in a file that is empty, or no map', () => {
    expect(brief('')).toEqual([])
    expect(brief('- a\n')).toEqual([])
  })

  it('are found in a file that is commented out as a whole', () => {
    expect(brief('# resources:\n#   - a\n')).toEqual(['2 commented resources a'])
  })
})
