import { readFile as callsBack, type Dirent, promises as fs } from 'node:fs'
import { join, posix, relative, sep } from 'node:path'
import { promisify } from 'node:util'
import { atMost } from '../at-most.ts'

// Twice as fast as its like in node:fs/promises, which makes an object for every file that is open.
const readFile = promisify(callsBack)

/**
 * The files of a repository, seen from its root. Paths are POSIX, relative to the root, the root itself being ''.
 * Nothing outside the root is ever read: where `..` or a symbolic link leads out, there is nothing to be seen.
 */
export interface Tree {
  readonly root: string
  /** The text of the file; undefined if there is none, if it can't be read, or if it lies outside. */
  read(path: string): Promise<string | undefined>
  /** Names of the files and folders right in this folder, sorted; none if it isn't a folder. Linked folders are left out. */
  list(folder: string): Promise<string[]>
  isFolder(path: string): Promise<boolean>
  /** True when `..` or a symbolic link leads from this path to a place outside the root. */
  leaves(path: string): Promise<boolean>
}

/** A path as written in a file of `folder`, seen from the root; undefined where it leads out of the root. */
export function resolvePath(folder: string, written: string): string | undefined {
  if (written.startsWith('/')) return undefined
  const path = posix.join(folder, written).replace(/\/+$/, '')
  if (path === '..' || path.startsWith('../')) return undefined
  return path === '.' ? '' : path
}

/** The folder that holds this file. */
export function folderOf(path: string): string {
  return path.includes('/') ? path.slice(0, path.lastIndexOf('/')) : ''
}

/** True when `path` is `folder` or lies below it. */
export function isBelow(path: string, folder: string): boolean {
  return folder === '' || path === folder || path.startsWith(`${folder}/`)
}

/** The tree on disk below `root`. What has been read is remembered: take a new tree after writing. */
export function workingTree(root: string): Tree {
  const texts = new Map<string, Promise<string | undefined>>()
  const names = new Map<string, Promise<string[]>>()
  // What a listing has told of: no link is on the way there, so that nobody has to be asked again. A tree may have many thousand files.
  const kinds = new Map<string, 'file' | 'folder'>([['', 'folder']])
  const open = atMost(64)
  let home: Promise<string> | undefined

  async function place(path: string): Promise<string | 'outside' | undefined> {
    const inside = resolvePath('', path)
    if (inside === undefined) return 'outside'
    home ??= fs.realpath(root)
    if (kinds.has(inside)) return join(await home, inside)
    const real = await fs.realpath(join(await home, inside)).catch(() => undefined)
    if (real === undefined) return undefined
    const from = relative(await home, real)
    return from === '..' || from.startsWith(`..${sep}`) ? 'outside' : real
  }

  async function load(path: string): Promise<string | undefined> {
    const real = await place(path)
    if (real === undefined || real === 'outside') return undefined
    return await open(() => readFile(real, 'utf8').catch(() => undefined))
  }

  async function entries(folder: string): Promise<string[]> {
    const real = await place(folder)
    if (real === undefined || real === 'outside') return []
    const found: Dirent[] = await open(() => fs.readdir(real, { withFileTypes: true }).catch(() => []))
    const own = resolvePath('', folder) ?? ''
    for (const each of kinds.get(own) === 'folder' ? found : [])
      if (each.isFile() || each.isDirectory()) kinds.set(posix.join(own, each.name), each.isFile() ? 'file' : 'folder')
    const kept = await Promise.all(
      found.map(async (each) => {
        if (!each.isSymbolicLink()) return each.isFile() || each.isDirectory()
        const target = await place(posix.join(folder, each.name))
        return target !== undefined && target !== 'outside' && (await fs.stat(target)).isFile()
      }),
    )
    return found.flatMap((each, i) => (kept[i] ? [each.name] : [])).sort()
  }

  return {
    root,
    read: (path) => remembered(texts, path, load),
    list: (folder) => remembered(names, folder, entries),
    async isFolder(path) {
      const known = kinds.get(resolvePath('', path) ?? '..')
      if (known !== undefined) return known === 'folder'
      const real = await place(path)
      return real !== undefined && real !== 'outside' && (await fs.stat(real)).isDirectory()
    },
    leaves: async (path) => (await place(path)) === 'outside',
  }
}

/** A tree of files that are already in memory: those of a git commit, or of a test. */
export function treeOf(files: Readonly<Record<string, string>>, root = '/'): Tree {
  const texts = new Map(Object.entries(files).map(([path, text]) => [resolvePath('', path) ?? path, text]))
  const folders = new Map<string, Set<string>>([['', new Set()]])
  for (const path of texts.keys()) {
    for (let child = path; child !== ''; child = folderOf(child)) {
      const parent = folderOf(child)
      folders.set(parent, (folders.get(parent) ?? new Set()).add(child.slice(parent === '' ? 0 : parent.length + 1)))
    }
  }
  const at = (path: string) => resolvePath('', path) ?? '..'
  return {
    root,
    read: async (path) => texts.get(at(path)),
    list: async (folder) => [...(folders.get(at(folder)) ?? [])].sort(),
    isFolder: async (path) => folders.has(at(path)),
    leaves: async (path) => resolvePath('', path) === undefined,
  }
}

function remembered<T>(memory: Map<string, Promise<T>>, path: string, make: (path: string) => Promise<T>): Promise<T> {
  const known = memory.get(path) ?? make(path)
  memory.set(path, known)
  return known
}
