import { isDeepStrictEqual } from 'node:util'
import { badRequest, failure } from './errors.ts'
import { isObject, type Json, type JsonObject } from './json.ts'
import type { Schema } from './schema.ts'
import { fieldSchema } from './schema.ts'

/** RFC 7386. */
export function mergePatch(target: Json | undefined, patch: Json): Json {
  if (!isObject(patch)) return structuredClone(patch)
  const result: JsonObject = isObject(target) ? { ...target } : {}
  for (const [key, value] of Object.entries(patch)) {
    if (value === null) delete result[key]
    else result[key] = mergePatch(result[key], value)
  }
  return result
}

/**
 * Strategic merge: as a merge patch, but lists with keys are merged item by item, and `$patch: delete|replace` is heard.
 * Source: https://github.com/kubernetes/community/blob/main/contributors/devel/sig-api-machinery/strategic-merge-patch.md
 */
export function strategicPatch(target: Json | undefined, patch: Json, schema: Schema | undefined): Json {
  if (Array.isArray(patch)) return strategicList(Array.isArray(target) ? target : [], patch, schema)
  if (!isObject(patch)) return structuredClone(patch)
  const { $patch: directive, ...fields } = patch
  if (directive === 'replace') return structuredClone(fields)
  const result: JsonObject = isObject(target) ? { ...target } : {}
  for (const [key, value] of Object.entries(fields)) {
    if (key.startsWith('$')) continue
    if (value === null) delete result[key]
    else result[key] = strategicPatch(result[key], value, fieldSchema(schema, key).schema)
  }
  return result
}

function strategicList(target: Json[], patch: Json[], schema: Schema | undefined): Json {
  if (schema?.['x-kubernetes-list-type'] === 'set') {
    return [...target, ...patch.filter((item) => !target.some((each) => isDeepStrictEqual(each, item)))]
  }
  // Strategic merge knows one key a list: the first of the keys that server-side apply knows.
  const mergeKey = schema?.['x-kubernetes-list-map-keys']?.[0]
  if (!mergeKey) return structuredClone(patch)
  const result = [...target]
  for (const item of patch) {
    if (!isObject(item)) throw badRequest('invalid strategic merge patch: list item is not a map')
    const index = result.findIndex((each) => isObject(each) && each[mergeKey] === item[mergeKey])
    if (item['$patch'] === 'delete') {
      if (index >= 0) result.splice(index, 1)
    } else if (index < 0) result.push(structuredClone(item))
    else result[index] = strategicPatch(result[index], item, schema?.items)
  }
  return result
}

/** RFC 6902. Throws 422 where an operation can't be carried out, as the real server does. */
export function jsonPatch(target: Json, patch: Json | undefined): Json {
  if (!Array.isArray(patch)) throw badRequest('json: cannot unmarshal object into Go value of type jsonpatch.Patch')
  return patch.reduce<Json>((document, operation) => operate(document, operation as JsonObject), structuredClone(target))
}

function operate(document: Json, operation: JsonObject): Json {
  const { op, path, from, value } = operation as { op: string; path: string; from?: string; value?: Json }
  if (op === 'test') {
    if (!isDeepStrictEqual(look(document, path), value)) throw cannot(`testing path ${path} value failed`)
    return document
  }
  if (op === 'remove') return change(document, path, (holder, key) => take(holder, key, path))
  if (op === 'add') return change(document, path, (holder, key) => put(holder, key, value ?? null, true))
  if (op === 'replace') {
    if (look(document, path) === undefined) throw cannot(`replace operation does not apply: doc is missing key: ${path}: missing value`)
    return change(document, path, (holder, key) => put(holder, key, value ?? null, false))
  }
  const moved = look(document, from ?? '')
  if (moved === undefined) throw cannot(`${op} operation does not apply: doc is missing from path: ${from}: missing value`)
  const copy = structuredClone(moved)
  const rest = op === 'move' ? change(document, from ?? '', (holder, key) => take(holder, key, from ?? '')) : document
  return change(rest, path, (holder, key) => put(holder, key, copy, true))
}

function cannot(why: string): Error {
  return failure(422, 'Invalid', `the server rejected our request due to an error in our request: ${why}`, {})
}

function steps(path: string): string[] {
  return path
    .split('/')
    .slice(1)
    .map((step) => step.replaceAll('~1', '/').replaceAll('~0', '~'))
}

function look(document: Json, path: string): Json | undefined {
  return steps(path).reduce<Json | undefined>((value, step) => {
    if (Array.isArray(value)) return value[Number(step)]
    return isObject(value) ? value[step] : undefined
  }, document)
}

function change(document: Json, path: string, edit: (holder: Json[] | JsonObject, key: string) => void): Json {
  const all = steps(path)
  const key = all.pop()
  if (key === undefined) throw cannot('the whole document can not be replaced')
  const holder = look(document, ['', ...all.map((step) => step.replaceAll('~', '~0').replaceAll('/', '~1'))].join('/'))
  if (!isObject(holder) && !Array.isArray(holder)) {
    throw cannot(`add operation does not apply: doc is missing path: "${path}": missing value`)
  }
  edit(holder, key)
  return document
}

function put(holder: Json[] | JsonObject, key: string, value: Json, insert: boolean): void {
  if (!Array.isArray(holder)) holder[key] = value
  else if (key === '-') holder.push(value)
  else holder.splice(Number(key), insert ? 0 : 1, value)
}

function take(holder: Json[] | JsonObject, key: string, path: string): void {
  if (Array.isArray(holder) ? Number(key) >= holder.length : holder[key] === undefined) {
    throw cannot(`remove operation does not apply: doc is missing key: ${path}: missing value`)
  }
  if (Array.isArray(holder)) holder.splice(Number(key), 1)
  else delete holder[key]
}
