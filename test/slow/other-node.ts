import { execFile } from 'node:child_process'
import { access, mkdir, rename, rm } from 'node:fs/promises'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { cache } from '../cluster/go-tool.ts'

const exec = promisify(execFile)

/** The path of another version of Node: the npm package `node`, kept in the user's cache folder. Throws what npm says. */
export async function otherNode(version: string): Promise<string> {
  const folder = join(cache, `node-${version}`)
  const path = join(folder, 'node_modules', 'node', 'bin', 'node')
  if (await exists(path)) return path
  // Two runs may fetch the same at the same time: each under a name of its own, and what is there is always whole.
  const unfinished = `${folder}.${process.pid}`
  await mkdir(unfinished, { recursive: true })
  await exec('npm', ['install', '--prefix', unfinished, '--no-save', '--no-audit', '--no-fund', `node@${version}`])
  await rename(unfinished, folder).catch(() => rm(unfinished, { recursive: true }))
  return path
}

function exists(path: string): Promise<boolean> {
  return access(path).then(
    () => true,
    () => false,
  )
}
