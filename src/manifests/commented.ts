import path from 'node:path'
import { isScalar, type Pair, parseDocument, type YAMLMap } from 'yaml'
import { type Line, lineAround } from './lines.ts'
import type { Source } from './source.ts'

/** `# - ./onepassword # needs credentials`: an entry that somebody has switched off. */
export interface CommentedEntry {
  line: Line
  /** Where its dash stands. */
  dash: number
  entry: string
  /** The key above it: live, or commented out itself. */
  under: Key | undefined
}

interface Key {
  name: string
  /** The line to uncomment as well, and where the key stands in it. */
  commented?: { line: Line; offset: number }
}

/** One `#` only: a second one was put there to keep a tool's hands off. */
const entryLine = /^([ \t]*)#[ \t]*(?=-[ \t])/
/** `# components:` in the place of a live key. */
const keyLine = /^[ \t]*#[ \t]{0,2}(?=([A-Za-z0-9]+):[ \t]*(#.*)?$)/

/** What may stand at the top: https://kubectl.docs.kubernetes.io/references/kustomize/kustomization/ — `# Later:` is prose. */
const fields = new Set(
  `resources components bases crds generators transformers validators configurations openapi patches patchesStrategicMerge
  patchesJson6902 replacements vars images replicas labels commonLabels commonAnnotations configMapGenerator secretGenerator
  generatorOptions helmCharts helmGlobals buildMetadata namespace namePrefix nameSuffix`.split(/\s+/),
)

/** The same target, however it is spelt: `x`, `./x`, `x/`. */
export function sameEntry(one: string, other: string): boolean {
  return canonical(one) === canonical(other)
}

function canonical(entry: string): string {
  return path.posix.normalize(entry).replace(/\/$/, '')
}

/** Every commented line of a kustomization that reads as `- <entry>`. */
export function commentedEntries(source: Source, root: YAMLMap, entry: string): CommentedEntry[] {
  const comments = source.comments.map((offset) => ({ offset, line: lineAround(source.text, offset) }))
  const keys = [...liveKeys(root), ...comments.flatMap(commentedKey)]
  return comments.flatMap(({ offset, line }) => {
    const [before, indent] = entryLine.exec(line.text) ?? []
    if (before === undefined || indent === undefined || line.start + indent.length !== offset) return []
    const dash = line.start + before.length
    const value = stringIn(line.text.slice(before.length + 1))
    if (value === undefined || !sameEntry(value, entry)) return []
    const under = keys.filter((key) => key.offset < offset).toSorted((a, b) => b.offset - a.offset)[0]
    return [{ line, dash, entry: value, under }]
  })
}

function liveKeys(root: YAMLMap): (Key & { offset: number })[] {
  return root.items.map(({ key }: Pair) => {
    const scalar = isScalar(key) ? key : undefined
    return { name: String(scalar?.value), offset: scalar?.range?.[0] ?? 0 }
  })
}

function commentedKey({ line }: { line: Line }): (Key & { offset: number })[] {
  const [before, name] = keyLine.exec(line.text) ?? []
  if (before === undefined || name === undefined || !fields.has(name)) return []
  return [{ name, offset: line.start, commented: { line, offset: line.start + before.length } }]
}

/** The string that a piece of YAML is, without its quotes and trailing note; nothing if it is anything else. */
function stringIn(text: string): string | undefined {
  const document = parseDocument(text.trim(), { logLevel: 'error' })
  if (document.errors.length > 0 || !isScalar(document.contents)) return undefined
  const { value } = document.contents
  return typeof value === 'string' ? value : undefined
}
