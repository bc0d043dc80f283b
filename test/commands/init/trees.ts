import { readdir, readFile } from 'node:fs/promises'
import { join, posix } from 'node:path'
import { fileURLToPath } from 'node:url'
import { scaffold } from '../../../src/manifests/scaffold.ts'
import { chooseVersions } from '../../../src/manifests/versions.ts'
import { clusterFolder } from '../../../src/sandbox/sandbox.ts'

export type Files = Record<string, string>

export const base = 'infrastructure/base/external-secrets'
export const kustomizationFile = `${base}/kustomization.yaml`
export const storesFile = `${base}/secretstores/onepassword-secretstore.yaml`

const folder = (relative: string) => fileURLToPath(new URL(relative, import.meta.url))

/** The seed's repository, with the cluster's folder named as the sandbox names it. */
export async function seed(more: Files = {}): Promise<Files> {
  const top = folder('../../fixtures/seed/')
  const entries = await readdir(top, { recursive: true, withFileTypes: true })
  const names = entries.filter((each) => each.isFile()).map(({ parentPath, name }) => join(parentPath, name).slice(top.length))
  const texts = await Promise.all(
    names
      .filter((name) => !name.includes('/flux-system/'))
      .map(async (name) => [name.replace('clusters/catalyst-cluster', clusterFolder), await readFile(join(top, name), 'utf8')] as const),
  )
  return { ...Object.fromEntries(texts), ...more }
}

/** What `init --scaffold` writes, committed as it is. */
export async function templates(): Promise<Files> {
  const source = { kind: 'GitRepository', name: 'flux-system', namespace: 'flux-system' }
  const at = { path: base, clusterPath: clusterFolder, namespace: 'external-secrets', versions: chooseVersions({}), source }
  const files = await scaffold(at, folder('../../../templates/'))
  return Object.fromEntries(files.map(({ path, text }) => [posix.normalize(path), text]))
}
