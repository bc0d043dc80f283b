import { plain } from '../text/plain.ts'
import { sameEntry } from './commented.ts'
import { listFor, type Placed } from './content.ts'
import type { List, ListedEntry } from './entries.ts'
import { isRemote, kustomizationFile, pathIn } from './graph.ts'
import { refusal } from './refusal.ts'
import { resolvePath, type Tree } from './tree.ts'

/** The entry of the folder's kustomization that brings one of the two components. */
export interface Entry {
  /** As written; the usual name where the kustomization doesn't list it. */
  entry: string
  list: List
  /** `absent`: it is there, but listed nowhere. `external`: it isn't in this folder, so there is nothing to list. */
  state: 'live' | 'commented' | 'absent' | 'external'
  /** Path of what it leads to; '' where it is external. */
  target: string
  line?: number
}

/** An entry that leads somewhere in the tree. */
export interface Listed extends Entry {
  state: 'live' | 'commented' | 'absent'
}

/** What the entries of a kustomization lead to. */
export interface Listing<Each extends Listed = Listed> {
  file: string
  found: Each[]
  /** Commented entries that lead nowhere: they may be prose. */
  lost: ListedEntry[]
}

/**
 * The entries with their targets. What is fetched from elsewhere is left out. A live entry that leads nowhere would
 * stop every build, and is refused.
 */
export async function listingOf(tree: Tree, folder: string, file: string, entries: readonly ListedEntry[]): Promise<Listing> {
  const listing: Listing = { file, found: [], lost: [] }
  for (const each of entries) {
    const target = resolvePath(folder, each.entry)
    if (target !== undefined && ((await tree.isFolder(target)) || (await tree.read(target)) !== undefined)) {
      listing.found.push({ ...each, target })
    } else if (!isRemote(each.entry)) {
      if (each.state === 'live') throw targetMissing(file, each)
      listing.lost.push(each)
    }
  }
  return listing
}

/** The folder of the usual name, where it lies beside a kustomization that doesn't list it, not even in a comment. */
export async function unlisted(tree: Tree, folder: string, usual: string, entries: readonly ListedEntry[]): Promise<Listed[]> {
  const target = pathIn(folder, usual)
  if (entries.some(({ entry }) => sameEntry(entry, usual)) || (await kustomizationFile(tree, target)) === undefined) return []
  return [{ entry: usual, list: await listFor(tree, target), state: 'absent', target }]
}

/** The entry that leads to such an object, a live one first; else the one with the usual name. */
export async function pickEntry(
  tree: Tree,
  { file, found, lost }: Listing<Listed & { objects: Placed[] }>,
  isIt: (object: Placed) => boolean,
  usual: string,
): Promise<Entry> {
  const isUsual = (each: { entry: string }) => sameEntry(each.entry, usual)
  const fitting = found.filter((each) => each.objects.some(isIt))
  const picked = [...fitting, ...found.filter(isUsual)].toSorted(liveFirst)[0]
  if (!picked) {
    const missing = lost.find(isUsual)
    if (missing) throw targetMissing(file, missing)
    return { entry: usual, list: 'resources', state: 'external', target: '' }
  }
  const { objects: _, ...entry } = picked
  const list = await listFor(tree, entry.target)
  if (entry.line !== undefined && list !== entry.list) throw wrongList(file, entry, entry.line, list, await tree.isFolder(entry.target))
  return { ...entry, list }
}

function liveFirst(one: Listed, other: Listed): number {
  const order = ['live', 'commented', 'absent']
  return order.indexOf(one.state) - order.indexOf(other.state)
}

function targetMissing(file: string, { entry, line, list, state }: ListedEntry) {
  const name = plain(entry, 200)
  return refusal(file, line, {
    id: 'entry-target-missing',
    what: `${list} ${state === 'live' ? 'lists' : 'is to list'} ${name}, which isn't there.`,
    why: 'kustomize stops at an entry that leads nowhere, and Flux applies nothing of this folder.',
    fix: `Add ${name}, or remove line ${line}.`,
  })
}

/** In kustomize's words: https://github.com/kubernetes-sigs/kustomize/blob/master/api/internal/target/kusttarget.go */
function wrongList(file: string, { entry, list, target }: Listed, line: number, right: List, isFolder: boolean) {
  const at = plain(target, 200)
  const notAComponent = isFolder
    ? `expected kind 'Component' for path '${at}' but got 'Kustomization'`
    : `must build at directory: '${at}': file is not directory`
  const says = right === 'components' ? `expected kind != 'Component' for path '${at}'` : notAComponent
  return refusal(file, line, {
    id: 'wrong-list',
    what: `${plain(entry, 200)} stands under ${list}, but it belongs under ${right}.`,
    why: `kustomize stops with: ${says}.`,
    fix: `Move line ${line} below \`${right}:\`.`,
  })
}
