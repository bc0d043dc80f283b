import { isDeepStrictEqual } from 'node:util'
import { type FieldSet, join } from './fields.ts'
import { isObject, type Json, type JsonObject } from './json.ts'
import { fieldSchema, type Schema } from './schema.ts'

/** What differs between two objects, as paths. */
export interface Comparison {
  added: FieldSet
  modified: FieldSet
  removed: FieldSet
}

interface Child {
  value: Json
  schema: Schema | undefined
  /** The schema names this field; map keys and list items are members of a field set by themselves. */
  named: boolean
}

/** The parts of a granular value, each of which can have owners of its own. */
function children(value: Json | undefined, schema: Schema | undefined): Map<string, Child> {
  if (isObject(value)) {
    return new Map(Object.entries(value).map(([key, child]) => [`f:${key}`, { value: child, ...fieldSchema(schema, key) }]))
  }
  const items = Array.isArray(value) ? value : []
  return new Map(items.map((item) => [itemElement(item, schema), { value: item, schema: schema?.items, named: false }]))
}

/** How an item of a set, or of a list with keys, is told from the others. */
function itemElement(item: Json, schema: Schema | undefined): string {
  if (schema?.['x-kubernetes-list-type'] !== 'map' || !isObject(item)) return `v:${JSON.stringify(item)}`
  const keys = [...(schema['x-kubernetes-list-map-keys'] ?? [])].sort()
  const pairs = keys.map((key) => [key, item[key] ?? schema.items?.properties?.[key]?.default ?? null])
  return `k:${JSON.stringify(Object.fromEntries(pairs))}`
}

/** False for scalars, atomic lists and atomic maps: those have owners as a whole. */
function isGranular(value: Json | undefined, schema: Schema | undefined): boolean {
  if (Array.isArray(value)) return schema?.['x-kubernetes-list-type'] === 'set' || schema?.['x-kubernetes-list-type'] === 'map'
  return isObject(value) && schema?.['x-kubernetes-map-type'] !== 'atomic'
}

/** The fields that an applied configuration speaks of. */
export function fieldSet(value: Json, schema: Schema | undefined, at = ''): FieldSet {
  if (!isGranular(value, schema)) return new Set(at ? [at] : [])
  const set: FieldSet = new Set()
  for (const [element, child] of children(value, schema)) {
    const path = join(at, element)
    for (const each of fieldSet(child.value, child.schema, path)) set.add(each)
    const empty = isObject(child.value) && Object.keys(child.value).length === 0
    if (!child.named || empty) set.add(path)
  }
  return set
}

/** Source: https://github.com/kubernetes-sigs/structured-merge-diff/blob/v6.3.0/typed/compare.go */
export function compare(before: Json | undefined, after: Json | undefined, schema: Schema | undefined): Comparison {
  const found: Comparison = { added: new Set(), modified: new Set(), removed: new Set() }
  walk(before, after, schema, '', found)
  return found
}

function walk(before: Json | undefined, after: Json | undefined, schema: Schema | undefined, at: string, found: Comparison): void {
  if (at && before === undefined) found.added.add(at)
  if (at && after === undefined) found.removed.add(at)
  const left = isGranular(before, schema)
  const right = isGranular(after, schema)
  if (!left && !right) {
    if (before !== undefined && after !== undefined && !isDeepStrictEqual(before, after)) found.modified.add(at)
    return
  }
  if (left !== right && before !== undefined && after !== undefined) found.modified.add(at)
  const old = left ? children(before, schema) : undefined
  const now = right ? children(after, schema) : undefined
  for (const element of new Set([...(old?.keys() ?? []), ...(now?.keys() ?? [])])) {
    const child = now?.get(element) ?? old?.get(element)
    walk(old?.get(element)?.value, now?.get(element)?.value, child?.schema, join(at, element), found)
  }
}

/** The live object with the configuration laid over it. Items new to a list go behind those that are there. */
export function merge(live: Json | undefined, config: Json, schema: Schema | undefined): Json {
  if (!isGranular(config, schema) || !isGranular(live, schema) || Array.isArray(live) !== Array.isArray(config)) {
    return structuredClone(config)
  }
  const old = children(live, schema)
  const now = children(config, schema)
  const keys = [...new Set([...old.keys(), ...now.keys()])]
  const merged = keys.map((element) => {
    const added = now.get(element)
    const kept = old.get(element)
    return [element, added ? merge(kept?.value, added.value, added.schema) : structuredClone(kept?.value ?? null)] as const
  })
  if (Array.isArray(config)) return merged.map(([, value]) => value)
  return Object.fromEntries(merged.map(([element, value]) => [element.slice(2), value]))
}

/** A copy without the fields and items at these paths. */
export function removePaths(value: JsonObject, gone: FieldSet, schema: Schema | undefined): JsonObject {
  return strip(value, gone, schema, '') as JsonObject
}

function strip(value: Json, gone: FieldSet, schema: Schema | undefined, at: string): Json {
  if (!isGranular(value, schema)) return value
  const kept = [...children(value, schema)].filter(([element]) => !gone.has(join(at, element)))
  const stripped = kept.map(([element, child]) => [element, strip(child.value, gone, child.schema, join(at, element))] as const)
  if (Array.isArray(value)) return stripped.map(([, item]) => item)
  return Object.fromEntries(stripped.map(([element, child]) => [element.slice(2), child]))
}
