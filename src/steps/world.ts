import type { Environment } from '../child.ts'
import type { Inputs } from '../inputs.ts'
import type { Folder } from '../manifests/folder.ts'
import type { SourceText } from '../manifests/source.ts'
import { type Credentials, parseCredentials } from '../onepassword/credentials.ts'
import type { Op } from '../onepassword/op.ts'
import { readSource, type SourcePorts } from '../onepassword/read-source.ts'
import { type Source, withoutSources } from '../onepassword/source.ts'
import { type ConnectToken, parseToken } from '../onepassword/token.ts'
import type { Secret } from '../secret.ts'
import { type Edits, editsOf } from './edits.ts'
import { once } from './once.ts'
import type { Places } from './places.ts'
import { type PlannedFolder, plannedFolder } from './planned-folder.ts'
import { type Site, siteOf } from './site.ts'

/** What the steps look at: the places, what goes in, and the facts that follow from both. Each fact is read once. */
export interface World extends Omit<Places, 'folder' | 'close'> {
  inputs: Inputs
  env: Environment
  cwd: string
  now(): Date
  /** A person sits at a terminal: children may use it (git signing, `op`), and consent is asked for. */
  interactive: boolean
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
  credentials(): Promise<Credentials | undefined>
  token(): Promise<ConnectToken | undefined>
  /** Set by the step `publish`: the commit that Flux has to apply. */
  published: { commit?: string }
  /** Set by the step `lock`: another run was faster. */
  lockedOut: boolean
  /** The parts that were told to be Ready: Flux and the waiting after it watch the same ones. */
  seen: Set<string>
}

export interface WorldAt extends SourcePorts {
  op: Op
  now(): Date
  interactive: boolean
}

export function openWorld(inputs: Inputs, places: Places, at: WorldAt): World {
  const { cluster, flux, repository, tree, declared } = places
  const planned = once(() => plannedFolder(inputs, places))
  const read = <T extends { notes: string[] }>(source: Source | undefined, what: 'credentials' | 'token', parse: (raw: Secret) => T) =>
    once(async () => {
      if (source === undefined) return undefined
      const { secret, notes } = await readSource(source, at, what)
      const parsed = parse(secret)
      return { ...parsed, notes: [...notes, ...parsed.notes] }
    })
  const world: World = {
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
    credentials: read(inputs.credentials, 'credentials', parseCredentials),
    token: read(inputs.token, 'token', (raw) => parseToken(raw, at.now())),
    published: {},
    lockedOut: false,
    seen: new Set(),
  }
  return world
}
