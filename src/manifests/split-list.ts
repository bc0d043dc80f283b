import { isMap, type YAMLMap } from 'yaml'
import { withoutLine } from './lines.ts'
import { entriesOf, listIn } from './list.ts'
import { proven } from './proof.ts'
import { refusal } from './refusal.ts'
import type { Source } from './source.ts'

/**
 * The text of a kustomization whose resources lack these entries, each of which stands there as given. Throws a Failure
 * (`edit-by-hand`) where their lines hold more than that, or nothing would be left.
 */
export function withoutEntries(source: Source, entries: readonly string[]): string {
  const root: unknown = source.documents[0]?.contents
  const list = isMap(root) ? listIn(root as YAMLMap, 'resources') : undefined
  const all = list === undefined ? [] : entriesOf(list)
  const gone = all.filter(({ entry }) => entries.includes(entry))
  const left = all.filter(({ entry }) => !entries.includes(entry)).map(({ entry }) => entry)
  const byHand = refusal(source.path, source.lineOf(gone[0]?.offset ?? 0), {
    id: 'edit-by-hand',
    what: "these entries can't be taken out without touching anything else.",
    fix: `Take ${entries.join(' and ')} out of resources.`,
  })
  if (list?.form !== 'block' || gone.length !== entries.length || left.length === 0) throw byHand
  const meant = [{ ...(source.models[0] as object), resources: left }]
  return proven(
    source,
    gone.map(({ offset }) => withoutLine(source.text, offset)),
    meant,
    byHand,
  )
}
