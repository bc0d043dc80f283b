import { isDeepStrictEqual } from 'node:util'
import type { Cause } from './errors.ts'
import { isObject, type Json, type JsonObject } from './json.ts'

/** The part of a structural schema that the sandbox acts on: https://kubernetes.io/docs/reference/using-api/server-side-apply/#merge-strategy */
export interface Schema {
  type?: string
  description?: string
  properties?: Record<string, Schema>
  additionalProperties?: Schema | boolean
  items?: Schema
  required?: string[]
  enum?: Json[]
  pattern?: string
  minLength?: number
  maxLength?: number
  minimum?: number
  maximum?: number
  minItems?: number
  maxItems?: number
  minProperties?: number
  maxProperties?: number
  nullable?: boolean
  default?: Json
  'x-kubernetes-list-type'?: 'atomic' | 'set' | 'map'
  'x-kubernetes-list-map-keys'?: string[]
  'x-kubernetes-map-type'?: 'atomic' | 'granular'
  'x-kubernetes-preserve-unknown-fields'?: boolean
  'x-kubernetes-int-or-string'?: boolean
}

/** The schema of a field, and whether the schema names it (as against any key of a map). */
export function fieldSchema(schema: Schema | undefined, key: string): { schema: Schema | undefined; named: boolean } {
  const named = schema?.properties?.[key]
  if (named) return { schema: named, named: true }
  return { schema: isObject(schema?.additionalProperties) ? (schema.additionalProperties as Schema) : undefined, named: false }
}

/** Drops the fields that a structural schema doesn't know, in place; gives their paths (`spec.foo`). */
export function prune(value: Json, schema: Schema | undefined, at = ''): string[] {
  if (!schema) return []
  if (Array.isArray(value)) return value.flatMap((item, index) => prune(item, schema.items, `${at}[${index}]`))
  if (!isObject(value)) return []
  const open = schema['x-kubernetes-preserve-unknown-fields'] || schema.additionalProperties || !schema.properties
  return Object.entries(value).flatMap(([key, child]) => {
    const field = fieldSchema(schema, key)
    const path = at ? `${at}.${key}` : key
    if (field.schema) return prune(child, field.schema, path)
    // A schema of `type: object` alone keeps nothing, as on the real server.
    if (open && (schema.properties || schema.additionalProperties || schema['x-kubernetes-preserve-unknown-fields'])) return []
    delete value[key]
    return [path]
  })
}

/** Drops nulls where the schema allows none and fills in its defaults, in place. */
export function fillDefaults(value: Json | undefined, schema: Schema | undefined): void {
  if (!schema) return
  if (Array.isArray(value)) for (const item of value) fillDefaults(item, schema.items)
  if (!isObject(value)) return
  for (const [key, field] of Object.entries(schema.properties ?? {})) {
    if (value[key] === null && !field.nullable) delete value[key]
    if (value[key] === undefined && field.default !== undefined) value[key] = structuredClone(field.default)
    fillDefaults(value[key], field)
  }
  if (!isObject(schema.additionalProperties)) return
  const rest = schema.additionalProperties as Schema
  for (const key of Object.keys(value).filter((each) => !schema.properties?.[each])) {
    if (value[key] === null && !rest.nullable) delete value[key]
    else fillDefaults(value[key], rest)
  }
}

/** What is wrong with a value, field by field, worded as kube-openapi's validation does: `Required value`, `Unsupported value: …`. */
export function validate(value: Json | undefined, schema: Schema | undefined): Required<Cause>[] {
  return causesIn(value, schema, '').sort((a, b) => (a.field < b.field ? -1 : Number(a.field > b.field)))
}

function causesIn(value: Json | undefined, schema: Schema | undefined, at: string): Required<Cause>[] {
  if (!schema || value === undefined || (value === null && schema.nullable)) return []
  const wrong = wrongType(value, schema)
  if (wrong) {
    const message = `Invalid value: ${JSON.stringify(typeName(value))}: ${at} in body must be of type ${schema.type}: ${JSON.stringify(typeName(value))}`
    return [{ reason: 'FieldValueTypeInvalid', message, field: at || '<nil>' }, ...unsupported(value, schema, at)]
  }
  const here = valueCauses(value, schema, at)
  if (Array.isArray(value)) return [...here, ...value.flatMap((item, index) => causesIn(item, schema.items, `${at}[${index}]`))]
  if (!isObject(value)) return here
  const required = (schema.required ?? []).filter((key) => value[key] === undefined)
  const missing = required.map((key) => {
    return { reason: 'FieldValueRequired', message: 'Required value', field: at ? `${at}.${key}` : key }
  })
  const inside = Object.entries(value).flatMap(([key, child]) =>
    causesIn(child, fieldSchema(schema, key).schema, at ? `${at}.${key}` : key),
  )
  return [...here, ...missing, ...inside]
}

function unsupported(value: Json, schema: Schema, at: string): Required<Cause>[] {
  if (!schema.enum || schema.enum.some((each) => isDeepStrictEqual(each, value))) return []
  const message = `Unsupported value: ${JSON.stringify(value)}: supported values: ${schema.enum.map(quoted).join(', ')}`
  return [{ reason: 'FieldValueNotSupported', message, field: at }]
}

function valueCauses(value: Json, schema: Schema, at: string): Required<Cause>[] {
  const causes = unsupported(value, schema, at)
  const shown = JSON.stringify(value)
  const bad = (why: string) =>
    causes.push({ reason: 'FieldValueInvalid', message: `Invalid value: ${shown}: ${at} in body ${why}`, field: at })
  if (typeof value === 'string') {
    const length = [...value].length
    if (schema.pattern !== undefined && !matches(schema.pattern, value)) bad(`should match '${schema.pattern}'`)
    if (length < (schema.minLength ?? 0)) bad(`should be at least ${schema.minLength} chars long`)
    if (schema.maxLength !== undefined && length > schema.maxLength) {
      const message = `Too long: may not be more than ${plural(schema.maxLength, 'byte')}`
      causes.push({ reason: 'FieldValueTooLong', message, field: at })
    }
  }
  if (typeof value === 'number') {
    if (value < (schema.minimum ?? value)) bad(`should be greater than or equal to ${schema.minimum}`)
    if (value > (schema.maximum ?? value)) bad(`should be less than or equal to ${schema.maximum}`)
  }
  if (Array.isArray(value)) {
    if (value.length < (schema.minItems ?? 0)) bad(`should have at least ${schema.minItems} items`)
    tooMany(value.length, schema.maxItems)
  }
  if (isObject(value)) {
    const size = Object.keys(value).length
    if (size < (schema.minProperties ?? 0)) bad(`should have at least ${schema.minProperties} properties`)
    tooMany(size, schema.maxProperties)
  }
  return causes

  function tooMany(size: number, most = size): void {
    if (size <= most) return
    const message = `Too many: ${size}: must have at most ${plural(most, 'item')}`
    causes.push({ reason: 'FieldValueTooMany', message, field: at })
  }
}

function plural(count: number, what: string): string {
  return `${count} ${what}${count === 1 ? '' : 's'}`
}

function quoted(value: Json): string {
  return JSON.stringify(typeof value === 'string' ? value : JSON.stringify(value))
}

/** Patterns are Go's; one that JavaScript can't read (`(?i)`) lets everything pass. */
function matches(pattern: string, value: string): boolean {
  try {
    return new RegExp(pattern).test(value)
  } catch {
    return true
  }
}

function typeName(value: Json): string {
  if (value === null) return 'null'
  if (Array.isArray(value)) return 'array'
  if (typeof value === 'number') return Number.isInteger(value) ? 'integer' : 'number'
  return typeof value
}

function wrongType(value: Json, schema: Schema): boolean {
  if (!schema.type || schema['x-kubernetes-int-or-string']) return false
  const is = typeName(value)
  return is !== schema.type && !(is === 'integer' && schema.type === 'number')
}

/** A copy of an object without the fields named. */
export function without(object: JsonObject, ...keys: string[]): JsonObject {
  return Object.fromEntries(Object.entries(object).filter(([key]) => !keys.includes(key)))
}
