import { isMap, mapsOf, objectsAt, textsOf } from './documents.ts'
import { resolvePath, type Tree } from './tree.ts'

/** What kustomize takes for a kustomization, in its order: https://kubectl.docs.kubernetes.io/references/kustomize/ */
export const kustomizationNames = ['kustomization.yaml', 'kustomization.yml', 'Kustomization'] as const

export interface Build {
  /** Every file that is read, with the namespace that the outermost `namespace:` on the way there gives its objects. */
  files: Map<string, { namespace?: string }>
  /** Entries that lead nowhere: kustomize would stop at the first of them. */
  missing: { file: string; entry: string }[]
}

export interface BuildOptions {
  /** Entries to follow although their kustomization (the key) doesn't list them yet. */
  also?: ReadonlyMap<string, readonly string[]>
  /** The namespace that is put on everything: a Flux Kustomization's `targetNamespace`. */
  namespace?: string
}

/** Path of the folder's kustomization, if it has one. */
export async function kustomizationFile(tree: Tree, folder: string): Promise<string | undefined> {
  const names = await tree.list(folder)
  const name = kustomizationNames.find((each) => names.includes(each))
  return name && pathIn(folder, name)
}

/** Every file that a build of this folder reads, itself included. */
export async function reach(tree: Tree, folder: string, options: BuildOptions = {}): Promise<Set<string>> {
  return new Set((await readBuild(tree, folder, options)).files.keys())
}

/**
 * Follows resources, components, bases and the files that a kustomization names, as Flux does: `..` may leave the folder
 * but not the repository, and a folder without a kustomization gets one made from all YAML below it
 * (https://fluxcd.io/flux/components/kustomize/kustomizations/#generating-a-kustomizationyaml-file). What is fetched
 * from elsewhere is left alone, cycles end, and what isn't there is reported.
 */
export async function readBuild(tree: Tree, folder: string, options: BuildOptions = {}): Promise<Build> {
  const build: Build = { files: new Map(), missing: [] }
  const seen = new Set<string>()

  async function visit(at: string, outer: string | undefined): Promise<boolean> {
    if (seen.has(at)) return true
    seen.add(at)
    const file = await kustomizationFile(tree, at)
    if (file === undefined) return false
    const kustomization = (await objectsAt(tree, file))[0]?.object ?? {}
    const own = typeof kustomization['namespace'] === 'string' ? kustomization['namespace'] : undefined
    const namespace = outer ?? own
    add(file, namespace)
    for (const entry of [...namedFiles(kustomization), ...(options.also?.get(file) ?? [])]) await follow(at, file, entry, namespace)
    return true
  }

  async function follow(from: string, file: string, entry: string, namespace: string | undefined): Promise<void> {
    const target = resolvePath(from, entry)
    if (target !== undefined && (await tree.isFolder(target))) {
      if (!(await visit(target, namespace))) build.missing.push({ file, entry })
    } else if (target !== undefined && (await tree.read(target)) !== undefined) add(target, namespace)
    else if (!isRemote(entry)) build.missing.push({ file, entry })
  }

  function add(file: string, namespace: string | undefined) {
    if (!build.files.has(file)) build.files.set(file, namespace === undefined ? {} : { namespace })
  }

  if (await visit(folder, options.namespace)) return build
  for (const entry of await generatedEntries(tree, folder)) await follow(folder, folder, entry, options.namespace)
  return build
}

/**
 * The resources that Flux writes into the kustomization it makes for a folder that has none: all YAML files below, and
 * folders with a kustomization of their own as a whole. https://github.com/fluxcd/pkg/blob/main/kustomize/kustomize_generator.go
 */
export async function generatedEntries(tree: Tree, folder: string, below = ''): Promise<string[]> {
  const names = await tree.list(pathIn(folder, below))
  const found = await Promise.all(
    names.map(async (name) => {
      const entry = pathIn(below, name)
      const path = pathIn(folder, entry)
      if (!(await tree.isFolder(path))) return /\.ya?ml$/.test(name) ? [entry] : []
      if (name === '.git') return []
      return (await kustomizationFile(tree, path)) ? [entry] : generatedEntries(tree, folder, entry)
    }),
  )
  return found.flat()
}

/** True for an entry that kustomize would fetch from elsewhere. https://kubectl.docs.kubernetes.io/references/kustomize/kustomization/resource/ */
export function isRemote(entry: string): boolean {
  return /^[a-z][a-z+]*:\/\/|^git::|^[\w.-]+@[\w.-]+:|[?&]ref=|^(www\.)?(github|gitlab|bitbucket)\.(com|org)\//i.test(entry)
}

/** `spec.path` of a Flux Kustomization as a path of the tree: `./a/b`, `a/b/`, `/a/b`, `` and `./` are all legal. */
export function fluxPath(path: unknown): string {
  return resolvePath('', typeof path === 'string' ? path.replace(/^\/+/, '') : '') ?? ''
}

export function pathIn(folder: string, name: string): string {
  return folder === '' ? name : name === '' ? folder : `${folder}/${name}`
}

/** Everything of a kustomization that names a file or a folder. */
// biome-ignore lint/suspicious/noExplicitAny: whatever the file says
function namedFiles(kustomization: Record<string, any>): string[] {
  const lists = ['resources', 'bases', 'components', 'configurations', 'crds', 'transformers', 'generators', 'validators']
  const patches = ['patches', 'patchesJson6902', 'replacements'].flatMap((list) => mapsOf(kustomization[list]))
  const generators = ['configMapGenerator', 'secretGenerator'].flatMap((list) => mapsOf(kustomization[list]))
  const contents = generators.flatMap((each) => [
    ...textsOf(each['files']).map((file) => file.slice(file.indexOf('=') + 1)),
    ...textsOf(each['envs']),
    ...textsOf([each['env']]),
  ])
  const inline = /[\n{]/
  return [
    ...lists.flatMap((list) => textsOf(kustomization[list])),
    ...textsOf(patches.map((each) => each['path'])),
    ...textsOf(kustomization['patchesStrategicMerge']),
    ...contents,
    ...textsOf([isMap(kustomization['openapi']) ? kustomization['openapi']['path'] : undefined]),
    ...textsOf(mapsOf(kustomization['helmCharts']).map((each) => each['valuesFile'])),
  ].filter((entry) => entry !== '' && !inline.test(entry))
}
