import { readdir, readFile } from 'node:fs/promises'
import { join, relative } from 'node:path'
import { seedTree } from '../sandbox/tree.ts'
import { clusterFolder } from './world.ts'

type Files = Record<string, string>

const seed = new URL('../fixtures/seed', import.meta.url).pathname
export const base = 'infrastructure/base/external-secrets'

/** The layout that this project began with, operator and stores in one Flux Kustomization, for our cluster's folder. */
export async function seedFiles(): Promise<Files> {
  const entries = await readdir(seed, { recursive: true, withFileTypes: true })
  const files: Files = {}
  for (const entry of entries) {
    const path = relative(seed, join(entry.parentPath, entry.name))
    if (!entry.isFile() || path.includes('/flux-system/')) continue
    files[path.replace(/^clusters\/catalyst-cluster/, clusterFolder)] = await readFile(join(seed, path), 'utf8')
  }
  return files
}

/** Two Flux Kustomizations that wait for nothing: the stores are tried as soon as the HelmRelease is there, then every ten minutes. */
export function looseFiles(): Files {
  const tree = Object.entries(seedTree({ version: '0.20.x' }))
  return Object.fromEntries(
    tree.map(([path, text]) => [path.replace('clusters/sandbox', clusterFolder), text.replace(/^ {2}wait: true\n/gm, '')]),
  )
}
