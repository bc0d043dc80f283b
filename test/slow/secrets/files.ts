import { execFile } from 'node:child_process'
import { lstat, readdir, readFile, readlink } from 'node:fs/promises'
import { join } from 'node:path'
import { promisify } from 'node:util'
import type { Evidence } from './evidence.ts'

const exec = promisify(execFile)

export type Files = ReadonlyMap<string, string>

/** Every file and link below these folders, with all by which a change of it shows. */
export async function filesIn(folders: readonly string[]): Promise<Files> {
  const paths = (
    await Promise.all(folders.map(async (top) => (await readdir(top, { recursive: true })).map((name) => join(top, name))))
  ).flat()
  const states = await Promise.all(
    paths.map(async (path) => {
      const { ino, size, mtimeNs, ctimeNs } = await lstat(path, { bigint: true })
      return [path, `${ino} ${size} ${mtimeNs} ${ctimeNs}`] as const
    }),
  )
  return new Map(states)
}

/** The files that are new or changed since then. */
export async function changedSince(before: Files, folders: readonly string[]): Promise<Evidence[]> {
  const paths = [...(await filesIn(folders))].filter(([path, state]) => before.get(path) !== state).map(([path]) => path)
  return Promise.all(paths.map(async (path) => ({ where: path, text: `${path}\n${await textOf(path)}` })))
}

/** All that a repository holds, also what no branch leads to: as files its objects are compressed. */
export async function objectsOf(gitFolder: string): Promise<Evidence> {
  const args = ['--git-dir', gitFolder, 'cat-file', '--batch-all-objects', '--batch']
  const { stdout } = await exec('git', args, { encoding: 'latin1', maxBuffer: 64 * 1024 * 1024 })
  return { where: `the objects of ${gitFolder}`, text: stdout }
}

async function textOf(path: string): Promise<string> {
  const stat = await lstat(path)
  if (stat.isSymbolicLink()) return readlink(path)
  return stat.isFile() ? readFile(path, 'latin1') : ''
}
