import { Failure } from '../failure.ts'
import type { FluxKustomization, FluxSource } from '../flux/objects.ts'
import { sameRepository } from '../git/remote.ts'
import { parseRevision } from '../git/revision.ts'
import { whichReach } from '../manifests/discover.ts'
import { plain } from '../text/plain.ts'
import type { World } from './world.ts'

/** How the folder gets to the cluster. */
export interface Site {
  /** Undefined while the scaffold that declares it isn't pushed. */
  kustomization: FluxKustomization | undefined
  source: FluxSource
  /** The branch that a push must hit. */
  branch: string
  /** Names the git remote that is this source. */
  remote: string
}

/**
 * Finds the Flux Kustomization by what it builds, never by a name, and checks that a push from here reaches it.
 * Throws a Failure for whatever would make a push invisible to Flux.
 */
export async function siteOf(world: World): Promise<Site> {
  const view = await world.flux()
  const kustomization = await theKustomization(world, view.kustomizations)
  const root = kustomization ?? rootOf(view.kustomizations)
  if (root.suspended)
    throw suspended(`Kustomization ${root.namespace}/${root.name}`, `flux resume kustomization ${root.name} -n ${root.namespace}`)
  const source = view.sources.find(
    ({ kind, name, namespace }) => kind === root.source.kind && name === root.source.name && namespace === root.source.namespace,
  )
  if (source === undefined) {
    throw new Failure({
      id: 'source-missing',
      exit: 'blocked',
      what: `The Flux Kustomization ${root.namespace}/${root.name} names the source ${root.source.kind} ${root.source.name}, which does not exist.`,
      fix: `kubectl get ${root.source.kind.toLowerCase()} -A`,
    })
  }
  if (source.suspended)
    throw suspended(`${source.kind} ${source.namespace}/${source.name}`, `flux resume source git ${source.name} -n ${source.namespace}`)
  return { kustomization, source, branch: branchOf(source), remote: await remoteOf(world, source) }
}

async function theKustomization(world: World, all: readonly FluxKustomization[]): Promise<FluxKustomization | undefined> {
  const asked = world.inputs.kustomization
  if (asked !== undefined) {
    const found = all.find(({ name, namespace }) => name === asked.name && (asked.namespace === undefined || namespace === asked.namespace))
    if (found !== undefined) {
      if ((await world.missing()).length === 0) await requireReach(world, found)
      return found
    }
    throw new Failure({
      id: 'kustomization-not-found',
      exit: 'blocked',
      what: `There is no Flux Kustomization ${[asked.namespace, asked.name].filter(Boolean).join('/')} on this cluster.`,
      fix: ['flux get kustomizations -A', 'or leave --kustomization out: it is found by what it builds'],
    })
  }
  if ((await world.missing()).length > 0) return undefined
  const folder = await world.folder()
  const reached = await whichReach(await world.tree(), [folder.kustomization.path], [...all])
  // The narrowest one: a parent that reaches the same files through a child's declaration is not what applies them.
  const [nearest] = reached
    .filter(({ reads }) => reads.length > 0)
    .map(({ kustomization }) => kustomization)
    .toSorted((a, b) => b.path.length - a.path.length)
  if (nearest !== undefined) return nearest
  throw new Failure({
    id: 'folder-not-reached',
    exit: 'blocked',
    what: `No Flux Kustomization on this cluster builds ${folder.kustomization.path}.`,
    why: 'A file that no Flux Kustomization reaches through its resources and components is never applied, however often it is pushed.',
    fix: [
      'flux get kustomizations -A   (shows which paths are built)',
      `flux create kustomization external-secrets --source=GitRepository/flux-system --path=./${folder.path} --prune=true --interval=10m --export`,
    ],
  })
}

async function requireReach(world: World, kustomization: FluxKustomization): Promise<void> {
  const file = (await world.folder()).kustomization.path
  const [build] = await whichReach(await world.tree(), [file], [kustomization])
  if (build !== undefined && build.reads.length > 0) return
  const { name, namespace, path } = kustomization
  throw new Failure({
    id: 'folder-not-reached',
    exit: 'blocked',
    what: `The Flux Kustomization ${namespace}/${name} does not build ${file}: it builds ${path === '' ? 'the top of the repository' : path}.`,
    why: 'What is changed there would not be applied by it.',
    fix: ['Leave --kustomization out: it is found by what it builds', 'flux get kustomizations -A'],
  })
}

function rootOf(all: readonly FluxKustomization[]): FluxKustomization {
  const root = all.find(({ name, namespace }) => name === 'flux-system' && namespace === 'flux-system') ?? all[0]
  if (root !== undefined) return root
  throw new Failure({
    id: 'flux-without-kustomization',
    exit: 'blocked',
    what: 'Flux is installed, but there is no Flux Kustomization that could apply the new files.',
    fix: 'flux bootstrap …   (https://fluxcd.io/flux/installation/bootstrap/)',
  })
}

function suspended(what: string, fix: string): Failure {
  return new Failure({
    id: 'suspended',
    exit: 'blocked',
    what: `The Flux ${what} is suspended.`,
    why: 'Flux does nothing with it until it is resumed.',
    fix,
  })
}

/** Throws a Failure where no push to a branch is ever picked up. */
export function branchOf(source: FluxSource): string {
  const where = `${source.kind} ${source.namespace}/${source.name}`
  if (source.kind !== 'GitRepository') {
    throw new Failure({
      id: 'source-not-git',
      exit: 'blocked',
      what: `Flux takes these files from the ${where}, not from git.`,
      why: 'A pushed commit reaches the cluster only after your pipeline has published it as an artifact.',
      fix: ['eso-bootstrap init --offline --vault <vault>   (changes the files)', 'then publish the artifact as you always do'],
    })
  }
  if (source.branch === undefined) {
    throw new Failure({
      id: 'source-not-a-branch',
      exit: 'blocked',
      what: `The ${where} follows ${describeRef(source.ref)}, not a branch.`,
      why: 'A push to a branch would never be picked up.',
      fix: ['eso-bootstrap init --offline --vault <vault>   (changes the files)', 'then release as you always do'],
    })
  }
  return source.branch
}

/** Of several fields the first of these counts: https://fluxcd.io/flux/components/source/gitrepositories/#reference */
function describeRef(ref: FluxSource['ref']): string {
  const [kind, value] = (['commit', 'name', 'semver', 'tag'] as const).map((each) => [each, ref[each]]).find(([, each]) => each) ?? []
  return kind === undefined ? 'no reference' : `the ${kind} ${plain(String(value))}`
}

/** The remote of this clone that is Flux's source: by its URL, or because this clone holds the very commit that Flux fetched. */
async function remoteOf(world: World, source: FluxSource): Promise<string> {
  const repository = await world.repository()
  const remotes = await repository.remotes()
  const byUrl = remotes.find(({ fetch, push }) => sameRepository(fetch, source.url) || sameRepository(push, source.url))
  if (byUrl !== undefined) return byUrl.name
  const { sha } = parseRevision(source.revision ?? '')
  const holds = sha !== undefined && (await repository.has(sha))
  const usual = (await repository.upstream())?.remote ?? (remotes.length === 1 ? remotes[0]?.name : undefined)
  if (holds && usual !== undefined) return usual
  throw new Failure({
    id: 'source-other-repository',
    exit: 'blocked',
    what: `This clone is not the repository that Flux follows (${source.url}).`,
    why: remotes.length === 0 ? 'It has no remote.' : `Its remotes are ${remotes.map(({ name, fetch }) => `${name} ${fetch}`).join(', ')}.`,
    fix: ['eso-bootstrap init --repo <a clone of that repository>', 'or only the files: eso-bootstrap init --offline'],
  })
}
