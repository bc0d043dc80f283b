import { type Document, isMap, isScalar, isSeq, LineCounter, visit } from 'yaml'
import { documentsIn } from './documents.ts'

export type List = 'resources' | 'components'

/** One line of a kustomization that lists something, or would if it weren't a comment. */
export interface ListedEntry {
  /** As written, without quotes: `./onepassword/ks.yaml`. */
  entry: string
  list: List
  state: 'live' | 'commented'
  /** From 1. */
  line: number
}

/**
 * The entries of a kustomization, live and commented out. A comment counts as an entry when it is one word after a dash
 * and the nearest key above it, live or commented, is a list that holds entries. Whether that word leads anywhere is for
 * the caller to see: prose may look the same. Comments inside block scalars are text, not entries.
 */
export function entriesOf(kustomization: string): ListedEntry[] {
  const lines = new LineCounter()
  const document = documentsIn(kustomization, lines)[0]
  const live = document ? liveEntries(document, lines) : []
  const commented = commentedEntries(kustomization, document ? scalarLines(document, lines) : new Set())
  return [...live, ...commented].sort((a, b) => a.line - b.line)
}

function liveEntries(document: Document, lines: LineCounter): ListedEntry[] {
  if (!isMap(document.contents)) return []
  return document.contents.items.flatMap((pair) => {
    const list = isScalar(pair.key) ? listNamed(String(pair.key.value)) : undefined
    if (!list || !isSeq(pair.value)) return []
    return pair.value.items.flatMap((item): ListedEntry[] => {
      if (!isScalar(item) || typeof item.value !== 'string') return []
      return [{ entry: item.value, list, state: 'live', line: lines.linePos(item.range?.[0] ?? 0).line }]
    })
  })
}

const liveKey = /^(?:"|')?([A-Za-z][\w-]*)(?:"|')?:/
// Only names that a kustomization has: `# Note:` is prose.
const commentedKey =
  /^\s*#\s*(resources|components|bases|patches|patchesStrategicMerge|patchesJson6902|replacements|images|labels|transformers|generators|configMapGenerator|secretGenerator|helmCharts|configurations|crds):\s*(?:\[\s*\]|\{\s*\})?\s*(?:#.*)?$/
// One `#` only: `##- x` was switched off twice, on purpose.
const commentedEntry = /^\s*#\s*-\s+(?:"([^"\s]+)"|'([^'\s]+)'|([^\s"'#:{[][^\s:]*(?::[^\s:]+)*))\s*(?:#.*)?$/

function commentedEntries(text: string, scalars: Set<number>): ListedEntry[] {
  const found: ListedEntry[] = []
  let list: List | undefined
  for (const [index, content] of text.split(/\r?\n/).entries()) {
    const line = index + 1
    if (scalars.has(line)) continue
    if (content === '---' && found.length > 0) break
    const key = (liveKey.exec(content) ?? commentedKey.exec(content))?.[1]
    if (key !== undefined) list = listNamed(key)
    const entry = commentedEntry.exec(content)
    if (list && entry) found.push({ entry: entry[1] ?? entry[2] ?? entry[3] ?? '', list, state: 'commented', line })
  }
  return found
}

/** Lines, after its first, of each scalar that spans several: what looks like a comment there is text. */
function scalarLines(document: Document, lines: LineCounter): Set<number> {
  const covered = new Set<number>()
  visit(document, {
    Scalar(_key, node) {
      const [start, end] = node.range ?? [0, 0]
      const last = lines.linePos(Math.max(start, end - 1)).line
      for (let line = lines.linePos(start).line + 1; line <= last; line++) covered.add(line)
    },
  })
  return covered
}

// `bases` is the old name of folders in `resources`: https://kubectl.docs.kubernetes.io/references/kustomize/kustomization/bases/
function listNamed(key: string): List | undefined {
  if (key === 'resources' || key === 'bases') return 'resources'
  return key === 'components' ? 'components' : undefined
}
