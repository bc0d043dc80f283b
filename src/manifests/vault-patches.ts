import { isDeepStrictEqual } from 'node:util'
import { plain } from '../text/plain.ts'
import { mapAt, mapsOf, objectsAt, textsOf, valuesIn } from './documents.ts'
import type { DeclaredKustomization } from './flux-files.ts'
import type { Folder } from './folder.ts'
import { kustomizationNames, readBuild } from './graph.ts'
import { refusal } from './refusal.ts'
import { folderOf, resolvePath, type Tree } from './tree.ts'
import type { Vault } from './vault.ts'
import { inline } from './vault-map.ts'

/** The text of a patch, and the file that it stands in. */
interface Patch {
  file: string
  text: string
}

/**
 * Throws a Failure (exit `blocked`) where a patch of kustomize or of a Flux Kustomization gives the stores other vaults than
 * these: it is applied to what the store's own file says, so the cluster would never see that.
 * https://fluxcd.io/flux/components/kustomize/kustomizations/#patches
 */
export async function refusePatchedVaults(
  tree: Tree,
  { kustomization, components, stores, path }: Folder,
  declared: readonly DeclaredKustomization[],
  vaults: readonly Vault[],
): Promise<void> {
  const wanted = Object.fromEntries(vaults.map(({ key, order }) => [key, order]))
  const ours = [kustomization.path, ...stores.map(({ file }) => file.path)]
  const also = new Map([[kustomization.path, [components.stores.entry]]])
  const builds = await Promise.all(
    [{ path, file: '', line: 0 }, ...declared].map(async (from) => ({ from, ...(await readBuild(tree, from.path, { also })) })),
  )
  for (const { from, files } of builds.filter(({ files }) => ours.some((file) => files.has(file)))) {
    const patches = [
      ...(await fluxPatches(tree, from)),
      ...(await Promise.all([...files.keys()].map((file) => kustomizePatches(tree, file)))).flat(),
    ]
    for (const { file, text } of patches) {
      const set = vaultsSetBy(text)
      if (set === undefined || isDeepStrictEqual(set, wanted)) continue
      const line = ((await tree.read(file)) ?? '').split('\n').findIndex((each) => /\/spec\/provider|\bvaults["']?:/.test(each)) + 1
      throw patched(file, line, set, vaults)
    }
  }
}

async function fluxPatches(tree: Tree, { file, line }: { file: string; line: number }): Promise<Patch[]> {
  const declares = (await objectsAt(tree, file)).find((each) => each.line === line)
  return textsOf(mapsOf(mapAt(declares?.object, 'spec')['patches']).map(({ patch }) => patch)).map((text) => ({ file, text }))
}

async function kustomizePatches(tree: Tree, file: string): Promise<Patch[]> {
  if (!kustomizationNames.some((name) => file === name || file.endsWith(`/${name}`))) return []
  const object = (await objectsAt(tree, file))[0]?.object ?? {}
  const lists = ['patches', 'patchesJson6902'].flatMap((list) => mapsOf(object[list]))
  const written = textsOf([...lists.flatMap(({ patch, path }) => [patch, path]), ...textsOf(object['patchesStrategicMerge'])])
  return await Promise.all(
    written.map(async (text) => {
      const path = resolvePath(folderOf(file), text)
      const read = path === undefined ? undefined : await tree.read(path)
      return path === undefined || read === undefined ? { file, text } : { file: path, text: read }
    }),
  )
}

/** The vaults that a patch sets, as plain data, be it JSON 6902 or a strategic merge; undefined if it sets none. */
function vaultsSetBy(text: string): unknown {
  const values = valuesIn(text)
  const operations = values.flatMap((value) => mapsOf(value)).filter(({ op }) => op !== 'test')
  const set = [...operations.map(vaultsSetByOperation), ...values.map((value) => mapAt(value, ...provider)['vaults'])]
  return set.find((vaults) => vaults !== undefined)
}

function vaultsSetByOperation({ path, value }: Record<string, unknown>): unknown {
  const [, ...steps] = String(path).split('/')
  const [key, ...below] = steps.slice(provider.length)
  if (steps.some((step, at) => at < provider.length && step !== provider[at]) || (key ?? 'vaults') !== 'vaults') return undefined
  if (key === undefined) return mapAt(value, ...provider.slice(steps.length))['vaults']
  return below.length === 0 ? value : { [below.join('/')]: value }
}

const provider = ['spec', 'provider', 'onepassword']

function patched(file: string, line: number, set: unknown, vaults: readonly Vault[]) {
  return refusal(file, line, {
    id: 'vaults-patched',
    what: `a patch sets the vaults of the stores to ${plain(JSON.stringify(set), 100)}.`,
    why: "It is applied to what the store's own file says, so the cluster would never see that.",
    fix: [`Write vaults: { ${inline(vaults)} } there`, 'or take the vaults out of the patch'],
  })
}
