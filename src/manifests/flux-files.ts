import { groupOf, mapAt, mapsOf, objectsAt } from './documents.ts'
import { entriesOf } from './entries.ts'
import { fluxPath, kustomizationFile, pathIn } from './graph.ts'
import { folderOf, resolvePath, type Tree } from './tree.ts'

/** A Flux Kustomization as a file of the repository declares it; aliases and anchors are resolved. */
export interface DeclaredKustomization {
  file: string
  line: number
  name: string
  /** Its own, or what the kustomization that lists the file puts on it: many files leave it out. */
  namespace?: string
  /** `spec.path`, as a path of the tree. */
  path: string
  /** Absent where a patch of the parent adds it. */
  source?: { kind: string; name: string; namespace?: string }
  dependsOn: { name: string; namespace?: string }[]
  wait: boolean
  healthChecks: { kind: string; name: string; namespace?: string }[]
  targetNamespace?: string
  suspend: boolean
}

/**
 * All Flux Kustomizations that are declared in the tree, archived copies left out. Whether Flux applies them is not said:
 * their file may be listed nowhere. https://fluxcd.io/flux/components/kustomize/kustomizations/
 */
export async function declaredKustomizations(tree: Tree): Promise<DeclaredKustomization[]> {
  const files = await yamlFiles(tree)
  return (await Promise.all(files.map((file) => kustomizationsIn(tree, file)))).flat()
}

/** The Flux Kustomizations that one file declares. */
export async function kustomizationsIn(tree: Tree, file: string): Promise<DeclaredKustomization[]> {
  if (!(await tree.read(file))?.includes('kustomize.toolkit.fluxcd.io')) return []
  const listedIn = await namespaceFromAbove(tree, file)
  return (await objectsAt(tree, file)).flatMap(({ object, line }) => {
    if (object['kind'] !== 'Kustomization' || groupOf(object) !== 'kustomize.toolkit.fluxcd.io') return []
    const spec = mapAt(object, 'spec')
    const name = text(mapAt(object, 'metadata')['name'])
    if (name === undefined) return []
    const source = reference(spec['sourceRef'])
    return {
      file,
      line,
      name,
      ...optional('namespace', mapAt(object, 'metadata')['namespace'] ?? listedIn),
      path: fluxPath(spec['path']),
      ...(source && { source }),
      dependsOn: mapsOf(spec['dependsOn']).flatMap((each) => reference(each) ?? []),
      wait: spec['wait'] === true,
      healthChecks: mapsOf(spec['healthChecks']).flatMap((each) => reference(each) ?? []),
      ...optional('targetNamespace', spec['targetNamespace']),
      suspend: spec['suspend'] === true,
    }
  })
}

/** `namespace:` of the nearest kustomization above that lists this file, even in a comment. */
async function namespaceFromAbove(tree: Tree, file: string): Promise<unknown> {
  for (let folder = folderOf(file); ; folder = folderOf(folder)) {
    const kustomization = await kustomizationFile(tree, folder)
    const entries = kustomization === undefined ? [] : entriesOf((await tree.read(kustomization)) ?? '')
    if (kustomization !== undefined && entries.some(({ entry }) => resolvePath(folder, entry) === file)) {
      return (await objectsAt(tree, kustomization))[0]?.object['namespace']
    }
    if (folder === '') return undefined
  }
}

/** YAML files below a folder; not those of git, of dependencies, or in an archived copy. */
export async function yamlFiles(tree: Tree, folder = ''): Promise<string[]> {
  const found = await Promise.all(
    (await tree.list(folder)).map(async (name) => {
      const path = pathIn(folder, name)
      if (await tree.isFolder(path)) return isArchived(name) || name === 'node_modules' ? [] : yamlFiles(tree, path)
      return /\.ya?ml$/.test(name) ? [path] : []
    }),
  )
  return found.flat()
}

/** Names that people give to a copy they keep but no longer use: `.archive`, `apps_OLD`, `tmp`, `x.bak`. Hidden folders count. */
export function isArchived(path: string): boolean {
  return path
    .split('/')
    .some((name) => /^\.|^_?(archived?|attic|deprecated|disabled|old|tmp|temp|backups?)$|[._-](old|bak|backup|archived?)$/i.test(name))
}

function reference(value: unknown): { kind: string; name: string; namespace?: string } | undefined {
  const at = mapAt(value)
  const name = text(at['name'])
  return name === undefined ? undefined : { kind: text(at['kind']) ?? 'Kustomization', name, ...optional('namespace', at['namespace']) }
}

function optional<Key extends string>(key: Key, value: unknown): { [K in Key]?: string } {
  const found = text(value)
  return found === undefined ? {} : ({ [key]: found } as { [K in Key]: string })
}

function text(value: unknown): string | undefined {
  return typeof value === 'string' && value !== '' ? value : undefined
}
