import type { JsonObject } from './json.ts'

/**
 * A set of field paths, the currency of server-side apply. A path is its elements joined: `f:data␟f:token`. Elements are
 * spelt as in fieldsV1: `f:` a field, `k:` the keys of a list item, `v:` an item of a set.
 * Source: https://github.com/kubernetes-sigs/structured-merge-diff/blob/v6.3.0/fieldpath/serialize-pe.go
 */
export type FieldSet = Set<string>

const separator = '\u001f'

export function join(parent: string, element: string): string {
  return parent ? parent + separator + element : element
}

function elements(path: string): string[] {
  return path.split(separator)
}

/** All the paths above this one, the longest first. */
export function ancestors(path: string): string[] {
  const parts = elements(path)
  return parts.slice(1).map((_, index) => parts.slice(0, parts.length - 1 - index).join(separator))
}

export function union(...sets: FieldSet[]): FieldSet {
  return new Set(sets.flatMap((set) => [...set]))
}

export function difference(set: FieldSet, taken: FieldSet): FieldSet {
  return new Set([...set].filter((path) => !taken.has(path)))
}

export function intersection(set: FieldSet, other: FieldSet): FieldSet {
  return new Set([...set].filter((path) => other.has(path)))
}

/** Adds the fields that hold a member: whoever owns `data.token` keeps `data` in place. */
export function withParents(set: FieldSet): FieldSet {
  const parents = [...set].flatMap(ancestors).filter((path) => elements(path).at(-1)?.startsWith('f:'))
  return union(set, new Set(parents))
}

interface Node {
  member: boolean
  children: Map<string, Node>
}

/** The JSON form; its keys are sorted as the real server's, so that the bytes can be compared. */
export function toFieldsV1(set: FieldSet): JsonObject {
  const root: Node = { member: false, children: new Map() }
  for (const path of set) {
    let node = root
    for (const element of elements(path)) {
      const next = node.children.get(element) ?? { member: false, children: new Map() }
      node.children.set(element, next)
      node = next
    }
    node.member = true
  }
  return render(root)
}

function render(node: Node): JsonObject {
  const children = [...node.children].sort(([a], [b]) => (a < b ? -1 : 1)).map(([element, child]) => [element, render(child)] as const)
  return Object.fromEntries([...(node.member && children.length > 0 ? [['.', {}] as const] : []), ...children])
}

export function fromFieldsV1(json: Record<string, unknown>, at = ''): FieldSet {
  const paths = Object.entries(json).flatMap(([element, child]) => {
    if (element === '.') return [at]
    const path = join(at, element)
    const below = child as Record<string, unknown>
    return Object.keys(below).length === 0 ? [path] : [...fromFieldsV1(below, path)]
  })
  return new Set(paths)
}

/** As conflicts spell a path: `.data.token`, `.spec.containers[name="app"].image`, `.metadata.finalizers[="a"]`. */
export function dotted(path: string): string {
  return elements(path)
    .map((element) => {
      const body = element.slice(2)
      if (element.startsWith('f:')) return `.${body}`
      if (element.startsWith('v:')) return `[=${body}]`
      const keys = Object.entries(JSON.parse(body) as JsonObject)
      return `[${keys.map(([key, value]) => `${key}=${JSON.stringify(value)}`).join(',')}]`
    })
    .join('')
}
