import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { Failure } from '../../src/failure.ts'
import { deadlock } from '../../src/manifests/deadlock.ts'
import { discover } from '../../src/manifests/discover.ts'
import { entriesOf } from '../../src/manifests/entries.ts'
import { declaredKustomizations } from '../../src/manifests/flux-files.ts'
import { readFolder } from '../../src/manifests/folder.ts'
import { resolvePath, treeOf } from '../../src/manifests/tree.ts'
import { build } from '../../src/sandbox/kustomize.ts'
import { appTree, base, type Files, seed } from './layouts.ts'

const path = fc.array(fc.constantFrom('..', '.', 'a', 'b', '', '...', ' ', '\\', '~'), { maxLength: 8 }).map((parts) => parts.join('/'))

it('no path leads out of the root', () => {
  fc.assert(
    fc.property(path, path, (folder, written) => {
      const found = resolvePath(resolvePath('', folder) ?? '', written)
      expect(found === undefined || (!found.split('/').includes('..') && !found.startsWith('/'))).toBe(true)
    }),
  )
})

const line = fc.oneof(
  fc.constantFrom(
    ...[
      'resources:',
      'components: []',
      '# components:',
      '  - operator',
      '  # - secretstores',
      '#- onepassword-connect',
      '---',
      '- x: [',
      '\t- a',
    ],
    ...['kind: Component', 'namespace: n', 'patches:', '  - |', '      # - secretstores', 'a: &a { b: *a }', '<<: *a', '? [x]', '...', '"'],
  ),
  fc.string(),
)
const text = fc.array(line, { maxLength: 12 }).map((lines) => lines.join('\n'))

describe('whatever the kustomization says', () => {
  it('its entries can be asked for, each on a line of its own', () => {
    fc.assert(
      fc.property(text, (kustomization) => {
        const lines = entriesOf(kustomization).map((each) => each.line)
        expect(lines).toEqual(lines.toSorted((a, b) => a - b))
      }),
    )
  })

  it('the folder is read, or refused in our own words', async () => {
    await fc.assert(
      fc.asyncProperty(text, async (kustomization) => {
        const tree = treeOf({ ...seed(), [`${base}/kustomization.yaml`]: kustomization })
        const outcome: unknown = await readFolder(tree, base).catch((error: unknown) => error)
        expect(!(outcome instanceof Error) || outcome instanceof Failure).toBe(true)
      }),
      { numRuns: 200 },
    )
  })
})

describe('whatever one of the files says', () => {
  const names = Object.keys({ ...seed(), ...appTree() })
  const anyFiles = fc.tuple(fc.constantFrom(...names), text).map(([name, content]): Files => ({ ...seed(), ...appTree(), [name]: content }))

  it('the repository can be searched', async () => {
    await fc.assert(
      fc.asyncProperty(anyFiles, async (files) => {
        const tree = treeOf(files)
        const flux = await declaredKustomizations(tree)
        expect(await discover(tree, flux)).toBeInstanceOf(Array)
        expect(await deadlock(tree, flux)).toHaveProperty('isOrdered')
      }),
      { numRuns: 60 },
    )
  })

  it('it is built, or stops with an error that says something', async () => {
    await fc.assert(
      fc.asyncProperty(anyFiles, async (files) => {
        const outcome: unknown = await build(treeOf(files), 'infrastructure/base').catch((error: unknown) => error)
        expect(outcome instanceof TypeError || outcome instanceof RangeError).toBe(false)
      }),
      { numRuns: 60 },
    )
  })
})
