import { yamlFiles } from './flux-files.ts'
import { kustomizationNames } from './graph.ts'
import { parseSource } from './source.ts'
import type { Tree } from './tree.ts'

/**
 * For a tree in which no External Secrets folder was found: a file that may be a part of one and can't be parsed is why.
 * Throws that file's refusal, as parseSource does.
 */
export async function refuseUnreadable(tree: Tree): Promise<void> {
  for (const file of (await yamlFiles(tree)).sort()) {
    const text = (await tree.read(file)) ?? ''
    const isStore = /^kind:\s*["']?(Cluster)?SecretStore/m.test(text) && /^\s*["']?onepassword["']?:/m.test(text)
    const isList = kustomizationNames.some((name) => file.endsWith(name)) && /onepassword|secret-?stores?/i.test(text)
    if (isStore || isList) parseSource({ path: file, text })
  }
}
