import { posix } from 'node:path'
import { Failure } from '../failure.ts'
import type { Inputs } from '../inputs.ts'
import { type Folder, readFolder } from '../manifests/folder.ts'
import { overlay } from '../manifests/overlay.ts'
import { clusterListing, scaffold } from '../manifests/scaffold.ts'
import type { SourceText } from '../manifests/source.ts'
import { chooseVersions, type Served, type Versions } from '../manifests/versions.ts'
import { templatesFolder } from '../templates.ts'
import type { Places } from './places.ts'

/** Where the folder goes when nobody says otherwise. */
export const defaultPath = 'infrastructure/base/external-secrets'

export interface PlannedFolder {
  folder: Folder
  /** What the templates render for this cluster; empty if the folder is not theirs. */
  rendered: SourceText[]
  /** The rendered files that are not there yet. */
  missing: SourceText[]
  /** The kustomization of the cluster's folder, where it lists its files by name: the new file has to be in it. */
  listing?: { file: SourceText; entry: string }
}

/**
 * The External Secrets folder that is there, or the one that the templates write. With `--scaffold`, a folder that
 * git doesn't know yet counts as begun by an interrupted run: what is missing of it is added.
 */
export async function plannedFolder(inputs: Inputs, places: Places): Promise<PlannedFolder> {
  const path = inputs.path ?? defaultPath
  if (!inputs.scaffold) {
    const folder = await places.folder()
    if (folder === undefined) throw absent(path, inputs.path !== undefined)
    if (inputs.namespace !== undefined && inputs.namespace !== folder.namespace) throw otherNamespace(inputs.namespace, folder)
    return { folder, rendered: [], missing: [] }
  }
  const begun = await places.folder().catch((error) => {
    if (error instanceof Failure && error.id === 'kustomization-missing') return undefined
    throw error
  })
  if (begun !== undefined && (await isTracked(begun.kustomization.path, places))) return { folder: begun, rendered: [], missing: [] }
  const tree = await places.tree()
  const at = await clusterFolder(inputs, places)
  const rendered = await scaffold(
    { path, ...at, namespace: inputs.namespace ?? 'external-secrets', versions: await versionsFor(inputs, places) },
    templatesFolder,
  )
  const listed = clusterListing(at.clusterPath, await tree.list(at.clusterPath))
  const listing = listed && { file: { path: listed.file, text: (await tree.read(listed.file)) ?? '' }, entry: listed.entry }
  const there = await Promise.all(rendered.map((file) => tree.read(file.path)))
  const missing = rendered.filter((_, at) => there[at] === undefined)
  return { folder: await readFolder(overlay(tree, missing), path), rendered, missing, ...(listing && { listing }) }
}

async function isTracked(path: string, places: Places): Promise<boolean> {
  return places.repository().then(
    (repository) => repository.tracked(path),
    () => true,
  )
}

function absent(path: string, named: boolean): Failure {
  return new Failure({
    id: 'folder-missing',
    exit: 'blocked',
    what: named ? `There is no folder ${path} in the repository.` : 'No External Secrets folder was found that Flux builds.',
    why: 'It is where the operator, Connect and the stores are declared.',
    fix: [
      `eso-bootstrap init --scaffold --path ${path}   (writes it from the templates)`,
      'or name it: eso-bootstrap init --path <folder>',
    ],
  })
}

function otherNamespace(asked: string, { namespace, kustomization }: Folder): Failure {
  return new Failure({
    id: 'namespace-differs',
    exit: 'usage',
    what: `The manifests put Connect into the namespace ${namespace}, not into ${asked}.`,
    why: 'A Secret in another namespace than that of Connect and the stores is never read.',
    fix: ['Leave --namespace out', `or change the namespace in the manifests that ${kustomization.path} lists`],
  })
}

async function versionsFor(inputs: Inputs, places: Places): Promise<Versions> {
  return chooseVersions({
    ...(inputs.esoVersion && { esoVersion: inputs.esoVersion }),
    ...(inputs.connectVersion && { connectVersion: inputs.connectVersion }),
    ...(inputs.offline ? {} : await servedBy(places)),
  })
}

/** The folder that Flux builds for this cluster, and the source it comes from: where the root Flux Kustomization points. */
async function clusterFolder(inputs: Inputs, places: Places) {
  const known = inputs.offline ? await places.declared() : (await places.flux()).kustomizations
  const root =
    known.find(({ name, namespace }) => name === 'flux-system' && namespace === 'flux-system') ??
    known.find(({ name }) => name === 'flux-system')
  const clusterPath = inputs.clusterPath ?? (root === undefined ? undefined : posix.normalize(root.path))
  if (clusterPath === undefined) {
    throw new Failure({
      id: 'cluster-folder-unknown',
      exit: 'usage',
      what: 'Which folder Flux builds for this cluster could not be found, so there is no place for the new Flux Kustomizations.',
      fix: 'eso-bootstrap init --scaffold --cluster-path clusters/<name>',
    })
  }
  return { clusterPath, source: { kind: 'GitRepository', name: 'flux-system', namespace: 'flux-system', ...root?.source } }
}

async function servedBy(places: Places): Promise<{ served: Served; kubernetes: string }> {
  const cluster = await places.cluster()
  const [helmRelease, helmRepository, kustomization, externalSecrets, kubernetes] = await Promise.all([
    cluster.served('helm.toolkit.fluxcd.io', 'HelmRelease'),
    cluster.served('source.toolkit.fluxcd.io', 'HelmRepository'),
    cluster.served('kustomize.toolkit.fluxcd.io', 'Kustomization'),
    cluster.served('external-secrets.io', 'ClusterSecretStore'),
    cluster.version(),
  ])
  return { served: { helmRelease, helmRepository, kustomization, externalSecrets }, kubernetes }
}
