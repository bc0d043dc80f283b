import { execFile } from 'node:child_process'
import { join } from 'node:path'
import { promisify } from 'node:util'
import type { TestProject } from 'vitest/node'
import { startProcesses } from '../cluster/processes.ts'

const exec = promisify(execFile)

/** What `npm pack --json` says of the package. */
export interface Packed {
  filename: string
  /** Bytes of the tarball. */
  size: number
  files: { path: string }[]
}

declare module 'vitest' {
  interface ProvidedContext {
    packed: Packed
    /** The packed package, and the program in it as it is installed. */
    tarball: string
    program: string
  }
}

/** Packs the package once for a whole suite, as it would be published, and unpacks it outside the repository: gone with the run. */
export default async function setup(project: TestProject): Promise<() => Promise<void>> {
  const { folder, stop: remove } = await startProcesses()
  try {
    const packed = await pack(folder)
    project.provide('packed', packed)
    project.provide('tarball', join(folder, packed.filename))
    project.provide('program', join(folder, 'package/bin/eso-bootstrap.js'))
    return remove
  } catch (error) {
    await remove()
    throw error
  }
}

async function pack(folder: string): Promise<Packed> {
  const root = new URL('../..', import.meta.url).pathname
  const { stdout } = await exec('npm', ['pack', '--json', '--pack-destination', folder], { cwd: root })
  const [packed]: [Packed] = JSON.parse(stdout.slice(stdout.indexOf('[\n')))
  await exec('tar', ['-xzf', join(folder, packed.filename), '-C', folder])
  return packed
}
