import { isScalar, isSeq, type Node, type Pair, type YAMLMap, type YAMLSeq } from 'yaml'
import { columnOf, linesBelow, type Splice, withoutValue } from './lines.ts'
import { scalarText } from './scalar.ts'
import type { Source } from './source.ts'

/** How a list of a kustomization is written; `other` is an alias or anything that isn't a list. */
export type List =
  | { form: 'absent' }
  | { form: 'empty'; key: Node; value: Node }
  | { form: 'other'; key: Node; value: Node }
  | { form: 'block' | 'flow'; key: Node; value: YAMLSeq<Node> }

export function listIn(root: YAMLMap, name: string): List {
  const pair = root.items.find(({ key }: Pair) => isScalar(key) && key.value === name) as Pair<Node, Node> | undefined
  if (!pair?.value) return { form: 'absent' }
  const { key, value } = pair
  if (isScalar(value) && value.value === null) return { form: 'empty', key, value }
  if (!isSeq<Node>(value)) return { form: 'other', key, value }
  if (value.items.length === 0) return { form: 'empty', key, value }
  return { form: value.flow ? 'flow' : 'block', key, value }
}

/** The list's entries that are text, with the offset of each. */
export function entriesOf(list: List): { entry: string; offset: number }[] {
  if (list.form !== 'block' && list.form !== 'flow') return []
  return list.value.items.flatMap((item) =>
    isScalar(item) && typeof item.value === 'string' ? [{ entry: item.value, offset: item.range?.[0] ?? 0 }] : [],
  )
}

/** The column of a list's dashes; nothing if it has none. */
export function dashColumn(source: Source, list: List): number | undefined {
  if (list.form !== 'block' || list.value.srcToken?.type !== 'block-seq') return undefined
  const dash = list.value.srcToken.items.flatMap((item) => item.start).find((token) => token.type === 'seq-item-ind')
  return dash && columnOf(source.text, dash.offset)
}

/** `resources: []` and `resources: ~` become `resources:`, ready for lines below. */
export function emptied(source: Source, list: List): Splice[] {
  const [from, to] = (list.form === 'empty' && list.value.range) || [0, 0]
  return withoutValue(source.text, from, to)
}

/** Adds an entry that stands nowhere in the file, behind the list's last one. */
export function additionTo(source: Source, root: YAMLMap, name: string, entry: string): Splice[] {
  const list = listIn(root, name)
  if (list.form === 'other') return []
  if (list.form === 'flow') {
    const end = list.value.items.at(-1)?.range?.[1] ?? 0
    return [{ from: end, to: end, put: `, ${scalarText(entry)}` }]
  }
  const column = dashColumn(source, list) ?? dashColumn(source, otherBlockList(root)) ?? 2
  const line = `${' '.repeat(column)}- ${scalarText(entry)}`
  if (list.form === 'absent') return [linesBelow(source.text, endOf(source, root), [`${name}:`, line])]
  if (list.form === 'empty') return [...emptied(source, list), linesBelow(source.text, list.key.range?.[0] ?? 0, [line])]
  const [start, end] = list.value.items.at(-1)?.range ?? [0, 0]
  return [linesBelow(source.text, Math.max(start, end - 1), [line])]
}

/** A list of the same file to take the indentation from. */
export function otherBlockList(root: YAMLMap): List {
  const lists = root.items.map(({ key }: Pair) => listIn(root, isScalar(key) ? String(key.value) : ''))
  return lists.find((list) => list.form === 'block') ?? { form: 'absent' }
}

/** The last character that belongs to the document: comments count, blank lines and `...` don't. */
function endOf(source: Source, root: YAMLMap): number {
  const content = source.text.slice(0, root.range?.[1] ?? 0).trimEnd().length - 1
  return Math.max(content, source.comments.at(-1) ?? 0)
}
