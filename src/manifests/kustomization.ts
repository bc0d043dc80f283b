import path from 'node:path'
import { isMap, type YAMLMap } from 'yaml'
import type { Failure } from '../failure.ts'
import { plain } from '../text/plain.ts'
import { type CommentedEntry, commentedEntries, sameEntry } from './commented.ts'
import type { Splice } from './lines.ts'
import { additionTo, dashColumn, emptied, entriesOf, listIn, otherBlockList } from './list.ts'
import { proven } from './proof.ts'
import { refusal } from './refusal.ts'
import { refuseRunOn } from './run-on.ts'
import { parseSource, refuseTemplate, type Source, type SourceText } from './source.ts'

export interface Wanted {
  entry: string
  list: 'resources' | 'components'
}

/** https://github.com/kubernetes-sigs/kustomize/blob/master/api/konfig/general.go */
const fileNames = new Set(['kustomization.yaml', 'kustomization.yml', 'Kustomization'])

/**
 * The text of a kustomization in which `entry` is live in `list`: its commented line is uncommented, or a line is added if
 * there is none. The very same text if it is live already. Entries are the same if they differ only in quotes, `./` and a last `/`.
 * Throws a Failure (exit `blocked`, with `path:line` and the edit to make by hand) where the file can't be changed safely.
 */
export function enableEntry(file: SourceText, wanted: Wanted): string {
  const source = parseSource(file)
  const root = kustomizationIn(source)
  refuseRunOn(source)
  refuseWrongList(source, root, wanted)
  if (isLive(source, wanted)) return file.text

  const live = entriesOf(listIn(root, wanted.list))
  const commented = theOneCommented(source, root, wanted)
  const edit = commented ? uncommented(source, root, wanted, commented) : additionTo(source, root, wanted.list, wanted.entry)
  const index = commented ? live.filter(({ offset }) => offset < commented.dash).length : live.length
  return proven(source, edit, [modelWith(source, wanted, commented?.entry ?? wanted.entry, index)], byHand(source, root, wanted, commented))
}

function kustomizationIn(source: Source): YAMLMap {
  const [document, second] = source.documents
  const root: unknown = document?.contents
  const refuse = (line: number, what: string) =>
    refusal(source.path, line, {
      id: 'not-a-kustomization',
      what,
      why: 'kustomize would not build it.',
      fix: 'Give the folder whose kustomization lists Connect and the stores with --path.',
    })
  if (!fileNames.has(path.basename(source.path))) throw refuse(1, 'kustomize does not read a file of this name.')
  if (second) throw refuse(source.lineOf(second.range[0]), 'a kustomization is one document; here begins a second one.')
  if (!document || !isMap(root)) throw refuse(1, 'there is no live kustomization in this file.')
  refuseTemplate(source, document)
  const kind = root.get('kind') ?? 'Kustomization'
  const version = String(root.get('apiVersion') ?? 'kustomize.config.k8s.io/')
  if ((kind !== 'Kustomization' && kind !== 'Component') || !version.startsWith('kustomize.config.k8s.io/')) {
    throw refuse(source.lineOf(root.range?.[0] ?? 0), 'this is not a kustomization of kustomize (kustomize.config.k8s.io).')
  }
  return root
}

/** `bases` is the old name of resources: https://kubectl.docs.kubernetes.io/references/kustomize/kustomization/bases/ */
function isLive(source: Source, { entry, list }: Wanted): boolean {
  const model = source.models[0] as Record<string, unknown>
  const names = list === 'resources' ? ['resources', 'bases'] : ['components']
  return names.flatMap((name) => model[name]).some((live) => typeof live === 'string' && sameEntry(live, entry))
}

/** `expected kind 'Component' for path …`: https://github.com/kubernetes-sigs/kustomize/blob/master/api/internal/target/kusttarget.go */
function refuseWrongList(source: Source, root: YAMLMap, { entry, list }: Wanted): void {
  const wrong = list === 'resources' ? ['components'] : ['resources', 'bases']
  for (const name of wrong) {
    const found = entriesOf(listIn(root, name)).find((live) => sameEntry(live.entry, entry))
    if (found) throw wrongList(source, source.lineOf(found.offset), `${plain(entry)} is listed under ${name}`, { entry, list })
  }
}

function wrongList(source: Source, line: number, says: string, { entry, list }: Wanted): Failure {
  return refusal(source.path, line, {
    id: 'wrong-list',
    what: `${says}, but it belongs under ${list}.`,
    why: 'kustomize builds a Component only from components, and everything else only from resources.',
    fix: `Remove line ${line}, and put "- ${plain(entry)}" under ${list}.`,
  })
}

function theOneCommented(source: Source, root: YAMLMap, wanted: Wanted): CommentedEntry | undefined {
  const all = commentedEntries(source, root, wanted.entry)
  const [here, second] = all.filter(({ under }) => under?.name === wanted.list)
  const lineOf = (entry: CommentedEntry) => source.lineOf(entry.dash)
  if (here && second) {
    throw refusal(source.path, lineOf(here), {
      id: 'entry-commented-twice',
      what: `${plain(wanted.entry)} is commented out here and at line ${lineOf(second)}.`,
      why: 'Either of the two could be the one that is meant.',
      fix: `Remove the one that isn't meant: line ${lineOf(here)} or line ${lineOf(second)}.`,
    })
  }
  const [elsewhere] = all
  if (!here && elsewhere) {
    const place =
      elsewhere.under && ['resources', 'components'].includes(elsewhere.under.name)
        ? `under ${elsewhere.under.name}`
        : 'outside of the lists'
    throw wrongList(source, lineOf(elsewhere), `${plain(wanted.entry)} is commented out ${place}`, wanted)
  }
  return here
}

function uncommented(source: Source, root: YAMLMap, wanted: Wanted, { line, dash, under }: CommentedEntry): Splice[] {
  const list = listIn(root, wanted.list)
  const indent = (column: number): Splice => ({ from: line.start, to: dash, put: ' '.repeat(column) })
  if (list.form === 'absent' && under?.commented) {
    const key = under.commented
    const column = dash - line.start - (key.offset - key.line.start)
    return [{ from: key.line.start, to: key.offset, put: '' }, indent(Math.max(0, column))]
  }
  const like = dashColumn(source, list) ?? dashColumn(source, otherBlockList(root))
  return [...emptied(source, list), indent(like ?? (line.text.indexOf('#') || 2))]
}

function modelWith(source: Source, { list }: Wanted, entry: string, index: number): unknown {
  const model = source.models[0] as Record<string, unknown>
  const entries = Array.isArray(model[list]) ? (model[list] as unknown[]) : []
  return { ...model, [list]: entries.toSpliced(index, 0, entry) }
}

function byHand(source: Source, root: YAMLMap, { entry, list }: Wanted, commented: CommentedEntry | undefined): Failure {
  const found = listIn(root, list)
  const at = commented?.dash ?? (found.form === 'absent' ? 0 : (found.key.range?.[0] ?? 0))
  const inBrackets = found.form === 'flow'
  return refusal(source.path, source.lineOf(at), {
    id: 'edit-by-hand',
    what: `${plain(entry)} can't be added here without touching anything else.`,
    why: inBrackets
      ? `The list ${list} is written in brackets, and a line of its own is no part of it.`
      : `The list ${list} is written in a way that this tool doesn't edit.`,
    fix: inBrackets ? `Put ${plain(entry)} between the brackets of ${list}.` : `Put "- ${plain(entry)}" under ${list}.`,
  })
}
