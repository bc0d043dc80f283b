import { describe, expect, it } from 'vitest'
import { documentsIn, groupOf, mapAt, objectsAt, objectsIn } from '../../src/manifests/documents.ts'
import { treeOf } from '../../src/manifests/tree.ts'

const only = (text: string) => objectsIn(text).map(({ object }) => object)

describe('the objects of a file', () => {
  it('are read as kustomize reads them: octal modes, merges, and words that stay words', () => {
    expect(only('mode: 0444\nanswer: yes\nswitch: on\nn: 010\nold: 0o17\nbase: &b { a: 1 }\nall: { <<: *b, c: 2 }\n')).toEqual([
      { mode: 292, answer: 'yes', switch: 'on', n: 8, old: 15, base: { a: 1 }, all: { a: 1, c: 2 } },
    ])
  })

  it('know the line they begin on, after comments and markers', () => {
    expect(objectsIn('# a comment\n---\na: 1\n---\n\n# another\nb: 2\n').map((each) => each.line)).toEqual([3, 7])
  })

  it('come out of Lists', () => {
    expect(only('kind: List\nitems: [{ a: 1 }, text, { b: 2 }]\n')).toEqual([{ a: 1 }, { b: 2 }])
  })

  it('leave out what is empty, broken or no object, and keep the rest', () => {
    expect(only('')).toEqual([])
    expect(only('---\n---\n# nothing\n')).toEqual([])
    expect(only('text\n---\n[1]\n---\na: [\n---\nb: *nowhere\n---\nc: 1\nc: 2\n---\nd: 1\n')).toEqual([{ d: 1 }])
  })

  it('are the same each time for a file of a tree', async () => {
    const tree = treeOf({ 'a.yaml': 'a: 1\n' })
    expect(await objectsAt(tree, 'a.yaml')).toBe(await objectsAt(tree, 'a.yaml'))
    expect(await objectsAt(tree, 'nothing.yaml')).toEqual([])
    expect(await objectsAt(treeOf({ 'a.yaml': 'b: 1\n' }), 'a.yaml')).toMatchObject([{ object: { b: 1 } }])
  })
})

it('keeps what is wrong with each document', () => {
  const [good, bad] = documentsIn('a: 1\n---\nb: 1\nb: 2\n')
  expect(good?.errors).toEqual([])
  expect(bad?.errors.map((each) => each.code)).toEqual(['DUPLICATE_KEY'])
})

it('tells the group of an apiVersion', () => {
  expect(groupOf({ apiVersion: 'external-secrets.io/v1' })).toBe('external-secrets.io')
  expect(groupOf({ apiVersion: 'v1' })).toBe('')
  expect(groupOf({})).toBe('')
})

it('looks into maps without tripping over what is not there', () => {
  expect(mapAt({ a: { b: { c: 1 } } }, 'a', 'b')).toEqual({ c: 1 })
  expect(mapAt({ a: [1] }, 'a', 'b')).toEqual({})
  expect(mapAt(null, 'a')).toEqual({})
})
