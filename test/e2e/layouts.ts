import { readdir, readFile } from 'node:fs/promises'
import { join, relative } from 'node:path'
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

/** Text for text in all files. */
export function changed(files: Files, change: (text: string, path: string) => string): Files {
  return Object.fromEntries(Object.entries(files).map(([path, text]) => [path, change(text, path)]))
}
