import type { Environment } from '../child.ts'
import type { Inputs } from '../inputs.ts'
import type { Cluster } from '../kubernetes/cluster.ts'
import type { Connect } from '../manifests/connect.ts'
import type { Folder } from '../manifests/folder.ts'
import type { Operator } from '../manifests/operator.ts'
import type { Store } from '../manifests/secret-stores.ts'
import type { SourceText } from '../manifests/source.ts'
import type { Op } from '../onepassword/op.ts'
import type { SourcePorts } from '../onepassword/read-source.ts'
import { withoutSources } from '../onepassword/source.ts'
import type { CommandName } from '../options.ts'
import { type Edits, editsOf } from './edits.ts'
import { type Given, givenBy } from './given.ts'
import { once } from './once.ts'
import type { Places } from './places.ts'
import { type PlannedFolder, plannedFolder } from './planned-folder.ts'
import { type Site, siteOf } from './site.ts'

/** What the steps need that speak to the cluster alone; `init` and the rotations share them. */
export interface ClusterWorld extends Given {
  /** How this run is called in what to do next: `init`, `rotate-token`. */
  command: CommandName
  inputs: Pick<Inputs, 'expectCluster' | 'vaults' | 'replace' | 'takeOwnership' | 'timeout'>
  now(): Date
  /** A person sits at a terminal: children may use it (git signing, `op`), and consent is asked for. */
  interactive: boolean
  cluster(): Promise<Cluster>
  folder(): Promise<Installation>
  /** Set by the step `lock`: another run was faster. */
  lockedOut: boolean
  /** The parts that were told to be Ready: Flux and the waiting after it watch the same ones. */
  seen: Set<string>
}

/** What there is of External Secrets and Connect, as files or the cluster tell it. */
export interface Installation {
  stores: Omit<Store, 'file' | 'line' | 'apiVersion'>[]
  connect: Omit<Connect, 'file' | 'line'> | undefined
  operator: Operator | undefined
  namespace: string
}

/** What the steps of `init` look at: the places, what goes in, and the facts that follow from both. Each fact is read once. */
export interface World extends Omit<Places, 'folder' | 'close'>, ClusterWorld {
  inputs: Inputs
  env: Environment
  cwd: string
  /** The External Secrets folder as it is, or as the templates will make it. */
  folder(): Promise<Folder>
  /** The files that the templates add; none if the folder exists. */
  missing(): Promise<SourceText[]>
  /** All that the templates render for this cluster; none if the folder isn't theirs. */
  rendered(): Promise<SourceText[]>
  /** Where the cluster's folder has to list the new file. */
  listing(): Promise<PlannedFolder['listing']>
  edits(): Promise<Edits>
  /** The Flux Kustomization and the source that bring the folder to the cluster. */
  site(): Promise<Site>
  /** Set by the step `publish`: the commit that Flux has to apply. */
  published: { commit?: string }
}

export interface WorldAt extends SourcePorts {
  op: Op
  now(): Date
  interactive: boolean
}

export function openWorld(inputs: Inputs, places: Places, at: WorldAt): World {
  const { cluster, flux, repository, tree, declared } = places
  const planned = once(() => plannedFolder(inputs, places))
  const world: World = {
    command: 'init',
    inputs,
    env: withoutSources(at.env, [inputs.credentials, inputs.token]),
    cwd: at.cwd,
    now: at.now,
    interactive: at.interactive,
    cluster,
    flux,
    repository,
    tree,
    declared,
    folder: async () => (await planned()).folder,
    missing: async () => (await planned()).missing,
    rendered: async () => (await planned()).rendered,
    listing: async () => (await planned()).listing,
    edits: once(() => editsOf(world)),
    site: once(() => siteOf(world)),
    ...givenBy(inputs, at),
    published: {},
    lockedOut: false,
    seen: new Set(),
  }
  return world
}
