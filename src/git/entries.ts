import { access } from 'node:fs/promises'
import { join } from 'node:path'
import { type GitCall, gitOutput, literally } from './git.ts'

/** The index's record of a file, by path; what is not in the map is not in the index. */
export type Entries = ReadonlyMap<string, { mode: string; blob: string }>

export async function readEntries(root: string, paths: readonly string[], call: GitCall): Promise<Entries> {
  const records = (await gitOutput(root, ['ls-files', '--stage', '-z', '--', ...literally(paths)], { ...call, reads: true })).split('\0')
  return parseEntries(records, /^(\d+) ([0-9a-f]+) \d\t(.*)$/s)
}

/** The same of a commit. */
export async function readTree(root: string, commit: string, paths: readonly string[], call: GitCall): Promise<Entries> {
  const records = (
    await gitOutput(root, ['ls-tree', '-z', '--full-tree', commit, '--', ...literally(paths)], { ...call, reads: true })
  ).split('\0')
  return parseEntries(records, /^(\d+) \w+ ([0-9a-f]+)\t(.*)$/s)
}

/** Makes the index's record of these paths what it is in `entries`; the files themselves and other paths stay as they are. */
export async function writeEntries(root: string, paths: readonly string[], entries: Entries, call: GitCall): Promise<void> {
  const absent = { mode: '0', blob: '0'.repeat(40) }
  const lines = paths.map((path) => {
    const { mode, blob } = entries.get(path) ?? absent
    return `${mode} ${blob}\t${path}\0`
  })
  await gitOutput(root, ['update-index', '-z', '--index-info'], { ...call, input: lines.join('') })
}

/** What git would store for each file as it is on disk now; a file that isn't there has none. */
export async function readDisk(root: string, paths: readonly string[], call: GitCall): Promise<Map<string, string>> {
  const there: string[] = []
  for (const path of paths) {
    await access(join(root, path)).then(
      () => there.push(path),
      () => {},
    )
  }
  if (there.length === 0) return new Map()
  const blobs = (await gitOutput(root, ['hash-object', '--', ...there], { ...call, reads: true })).split('\n')
  return new Map(there.map((path, index) => [path, blobs[index] ?? '']))
}

function parseEntries(records: string[], pattern: RegExp): Entries {
  const entries = new Map<string, { mode: string; blob: string }>()
  for (const record of records) {
    const [, mode, blob, path] = pattern.exec(record) ?? []
    if (mode !== undefined && blob !== undefined && path !== undefined) entries.set(path, { mode, blob })
  }
  return entries
}
