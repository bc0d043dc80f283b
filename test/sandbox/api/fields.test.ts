import fc from 'fast-check'
import { expect, test } from 'vitest'
import { ancestors, dotted, fromFieldsV1, join, toFieldsV1, withParents } from '../../../src/sandbox/api/fields.ts'
import type { Json } from '../../../src/sandbox/api/json.ts'
import { applyConfiguration } from '../../../src/sandbox/api/ownership.ts'
import type { Schema } from '../../../src/sandbox/api/schema.ts'
import { compare, fieldSet, merge } from '../../../src/sandbox/api/typed.ts'

const schema: Schema = {
  type: 'object',
  properties: {
    list: {
      type: 'array',
      'x-kubernetes-list-type': 'map',
      'x-kubernetes-list-map-keys': ['name'],
      items: { type: 'object', properties: { name: { type: 'string' }, value: {} } },
    },
    set: { type: 'array', 'x-kubernetes-list-type': 'set', items: { type: 'string' } },
    map: { type: 'object', additionalProperties: { type: 'string' } },
    atom: { type: 'object', 'x-kubernetes-map-type': 'atomic' },
  },
}

const word = fc.constantFrom('a', 'b', 'c', 'd')
const tree = fc.record(
  {
    list: fc.uniqueArray(fc.record({ name: word, value: fc.integer({ min: 0, max: 3 }) }, { noNullPrototype: true }), {
      selector: (item) => item.name,
      minLength: 1,
    }),
    set: fc.uniqueArray(word, { minLength: 1 }),
    map: fc.dictionary(word, word, { minKeys: 1, noNullPrototype: true }),
    atom: fc.dictionary(word, word, { noNullPrototype: true }),
    plain: word,
  },
  { requiredKeys: [], noNullPrototype: true },
)
const object = (fields: object) => ({ apiVersion: 'x/v1', kind: 'X', metadata: { name: 'x' }, ...fields })
const writer = (manager: string) => ({ manager, apiVersion: 'x/v1', time: '2026-01-01T00:00:00Z' })

test('fieldsV1 there and back is the same set', () => {
  fc.assert(
    fc.property(tree, (value) => {
      const set = fieldSet(value as Json, schema)
      expect([...fromFieldsV1(toFieldsV1(set))].sort()).toEqual([...set].sort())
    }),
  )
})

test('a comparison with itself is empty, with nothing it is all added', () => {
  fc.assert(
    fc.property(tree, (value) => {
      const same = compare(value as Json, structuredClone(value) as Json, schema)
      expect(same.added.size + same.modified.size + same.removed.size).toBe(0)
      const made = compare({}, value as Json, schema)
      for (const path of fieldSet(value as Json, schema)) expect(made.added).toContain(path)
    }),
  )
})

test('a merge holds all of the configuration, and doing it again changes nothing', () => {
  fc.assert(
    fc.property(tree, tree, (live, config) => {
      const once = merge(live as Json, config as Json, schema)
      expect(merge(once, config as Json, schema)).toEqual(once)
      const found = compare(once, config as Json, schema)
      expect([...found.added, ...found.modified]).toEqual([])
    }),
  )
})

test('what one manager applies and then drops leaves the object as the other made it', () => {
  fc.assert(
    fc.property(tree, tree, (theirs, mine) => {
      const first = applyConfiguration(undefined, object(theirs), schema, writer('they'), { force: true })
      const both = unlessConflict(() => applyConfiguration(first, object(mine), schema, writer('me'), { force: false }))
      fc.pre(both !== undefined)
      const after = applyConfiguration(both, object({}), schema, writer('me'), { force: false })
      expect(after).toEqual(first)
    }),
  )
})

function unlessConflict<T>(run: () => T): T | undefined {
  try {
    return run()
  } catch (error) {
    if ((error as { code?: number }).code === 409) return undefined
    throw error
  }
}

test('paths are spelt as conflicts show them', () => {
  const path = ['f:spec', 'k:{"name":"a","port":80}', 'f:image'].reduce(join, '')
  expect(dotted(path)).toBe('.spec[name="a",port=80].image')
  expect(dotted(join('f:finalizers', 'v:"x"'))).toBe('.finalizers[="x"]')
  expect(ancestors(path)).toEqual([join('f:spec', 'k:{"name":"a","port":80}'), 'f:spec'])
  expect([...withParents(new Set([path]))]).toEqual([path, 'f:spec'])
})
