import { type Document, isDocument, LineCounter, parseAllDocuments, type ScalarTag } from 'yaml'
import type { Tree } from './tree.ts'

/** One Kubernetes object of a file, with the line (from 1) its document begins on. */
export interface Loaded {
  // biome-ignore lint/suspicious/noExplicitAny: whatever the file says; each reader looks at the fields it knows
  object: Record<string, any>
  line: number
}

/**
 * kustomize and kubectl read `defaultMode: 0444` as octal and `<<` as a merge, as YAML 1.1 does, but leave `yes` and `on` text:
 * https://pkg.go.dev/gopkg.in/yaml.v3#readme-compatibility
 */
const octal: ScalarTag = {
  tag: 'tag:yaml.org,2002:int',
  default: true,
  test: /^[-+]?0[0-7]+$/,
  resolve: (text) => Number.parseInt(text, 8),
}

/** All documents of a YAML text, as Kubernetes tools read it. Look at each document's `errors` before you trust it. */
export function documentsIn(text: string, lines = new LineCounter()): Document[] {
  const parsed = parseAllDocuments(text, {
    lineCounter: lines,
    logLevel: 'silent',
    prettyErrors: false,
    merge: true,
    customTags: (tags) => [octal, ...tags],
  })
  return Array.isArray(parsed) ? parsed.filter((each) => isDocument(each)) : []
}

/** The objects of a YAML text, Lists taken apart. Documents that can't be read, or aren't objects, are left out. */
export function objectsIn(text: string): Loaded[] {
  const lines = new LineCounter()
  return documentsIn(text, lines).flatMap((document) => {
    const value = dataOf(document)
    if (!isMap(value)) return []
    const line = lines.linePos(document.contents?.range?.[0] ?? 0).line
    const objects = value['kind'] === 'List' && Array.isArray(value['items']) ? value['items'].filter(isMap) : [value]
    return objects.map((object) => ({ object, line }))
  })
}

/** What each document of a YAML text says; undefined for one that can't be read. */
export function valuesIn(text: string): unknown[] {
  return documentsIn(text).map(dataOf)
}

/** The objects of a file of the tree; parsed once for a tree. */
export async function objectsAt(tree: Tree, path: string): Promise<Loaded[]> {
  const files = parsedFiles.get(tree) ?? new Map<string, Loaded[]>()
  parsedFiles.set(tree, files)
  const known = files.get(path)
  if (known) return known
  const objects = objectsIn((await tree.read(path)) ?? '')
  files.set(path, objects)
  return objects
}

const parsedFiles = new WeakMap<Tree, Map<string, Loaded[]>>()

// biome-ignore lint/suspicious/noExplicitAny: as above
export function isMap(value: unknown): value is Record<string, any> {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

/** The API group of `group/version`; '' for the core group. */
export function groupOf(object: { apiVersion?: unknown }): string {
  const version = typeof object.apiVersion === 'string' ? object.apiVersion : ''
  return version.includes('/') ? version.slice(0, version.indexOf('/')) : ''
}

/** What is below `value`, as a map: `{}` where there is none, so that fields can be asked for without a check. */
// biome-ignore lint/suspicious/noExplicitAny: as above
export function mapAt(value: unknown, ...path: string[]): Record<string, any> {
  let at: unknown = value
  for (const key of path) at = isMap(at) ? at[key] : undefined
  return isMap(at) ? at : {}
}

/** The maps of a list; none where it isn't one. */
// biome-ignore lint/suspicious/noExplicitAny: as above
export function mapsOf(value: unknown): Record<string, any>[] {
  return Array.isArray(value) ? value.filter(isMap) : []
}

/** The texts of a list; none where it isn't one. */
export function textsOf(value: unknown): string[] {
  return Array.isArray(value) ? value.filter((each): each is string => typeof each === 'string') : []
}

function dataOf(document: Document): unknown {
  if (document.errors.length > 0) return undefined
  try {
    return document.toJS({ maxAliasCount: 1000 })
  } catch {
    return undefined // an alias without its anchor, or a bomb of aliases
  }
}
