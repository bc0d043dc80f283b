import { causeOf } from '../flux/causes.ts'
import type { FluxKustomization, FluxSource, FluxView } from '../flux/objects.ts'
import { parseRevision } from '../git/revision.ts'
import { plain } from '../text/plain.ts'
import { quote } from '../text/quote.ts'
import type { Found, Problem } from './found.ts'
import { type TreeFacts, treeOf } from './tree.ts'
import type { StatusWorld } from './world.ts'

export interface FluxFacts {
  installed: boolean
  /** Of the distribution. */
  version?: string
  source?: { kind: string; namespace: string; name: string; url: string; branch?: string; commit?: string; revision?: string }
  /** The Flux Kustomizations that bring External Secrets, Connect and the stores here. */
  kustomizations: { namespace: string; name: string; state: 'ready' | 'failing' | 'working' | 'suspended' }[]
  /** The working tree against what Flux has fetched; missing where there is none of that repository. */
  tree?: TreeFacts
}

/** What Flux has fetched and applied, as far as it concerns External Secrets. */
export async function lookAtFlux(world: StatusWorld): Promise<Found<FluxFacts>> {
  const view = await world.flux()
  if (!view.installed) return { facts: { installed: false, kustomizations: [] } }
  const ours = await concerned(world, view)
  const used = sourcesOf(view, ours)
  const [source] = used
  const { problems = [], ...tree } = (source && (await treeOf(world, source))) ?? {}
  const facts: FluxFacts = {
    installed: true,
    ...(view.version !== undefined && { version: view.version }),
    ...(source && { source: sourceFacts(source) }),
    kustomizations: ours.map((each) => ({ namespace: each.namespace, name: each.name, state: stateOf(each) })),
    ...('is' in tree && { tree }),
  }
  return { facts, problems: [...used.flatMap(problemOfSource), ...ours.flatMap(problemOf), ...problems] }
}

/** An id of an inventory: `<namespace>_<name>_<group>_<kind>`. */
const brings =
  /_external-secrets\.io_(Cluster)?SecretStore$|^[^_]*_(external-secrets|[^_]*onepassword-connect[^_]*)_(helm\.toolkit\.fluxcd\.io_HelmRelease|apps_Deployment)$/

/** The Flux Kustomizations that concern External Secrets: by what they have applied, by what they build in the working tree, and what those depend on. */
export async function concerned(world: StatusWorld, view: FluxView): Promise<FluxKustomization[]> {
  const reached = await world.reached(view)
  const same = (a: { namespace: string; name: string }) => (b: { namespace: string; name: string }) =>
    a.name === b.name && a.namespace === b.namespace
  const found = new Set(view.kustomizations.filter((each) => each.inventory.some((id) => brings.test(id)) || reached.some(same(each))))
  for (const each of found) {
    for (const needed of each.dependsOn) {
      const other = view.kustomizations.find(same(needed))
      if (other !== undefined) found.add(other)
    }
  }
  if (found.size > 0) return [...found]
  const root = view.kustomizations.find(same({ namespace: 'flux-system', name: 'flux-system' }))
  return root === undefined ? [] : [root]
}

/** The sources that these are built from, as far as they exist. */
export function sourcesOf({ sources }: FluxView, kustomizations: readonly FluxKustomization[]): FluxSource[] {
  const used = kustomizations.flatMap(({ source: { kind, namespace, name } }) =>
    sources.filter((each) => each.kind === kind && each.namespace === namespace && each.name === name),
  )
  return [...new Set(used)]
}

function sourceFacts({ kind, namespace, name, url, branch, revision }: FluxSource): NonNullable<FluxFacts['source']> {
  const { sha } = parseRevision(revision ?? '')
  return {
    ...{ kind, namespace, name, url: plain(url, 200) },
    ...(branch !== undefined && { branch: plain(branch, 100) }),
    ...(sha !== undefined && { commit: sha }),
    ...(revision !== undefined && { revision: plain(revision, 120) }),
  }
}

function problemOfSource({ kind, namespace, name, ready, suspended }: FluxSource): Problem[] {
  const about = [`${kind} ${namespace}/${name}`]
  if (suspended) return [suspension(about, `flux resume source ${kind === 'GitRepository' ? 'git' : 'oci'} ${name} -n ${namespace}`)]
  return ready?.status === 'False'
    ? [notReady(about, ready.message ?? '', `kubectl describe ${kind.toLowerCase()} ${name} -n ${namespace}`)]
    : []
}

/** It may be at work on a new commit, and then hasn't failed. */
export function stateOf({ suspended, ready, stalled }: FluxKustomization): FluxFacts['kustomizations'][number]['state'] {
  if (suspended) return 'suspended'
  if (stalled?.status === 'True' || ready?.status === 'False') return 'failing'
  return ready?.status === 'True' ? 'ready' : 'working'
}

function problemOf(kustomization: FluxKustomization): Problem[] {
  const { namespace, name, ready, stalled } = kustomization
  const about = [`Kustomization ${namespace}/${name}`]
  const state = stateOf(kustomization)
  if (state === 'suspended') return [suspension(about, `flux resume kustomization ${name} -n ${namespace}`)]
  const failed = stalled?.status === 'True' ? stalled : ready
  const fix = `kubectl describe kustomization.kustomize.toolkit.fluxcd.io ${name} -n ${namespace}`
  return state === 'failing' ? [notReady(about, failed?.message ?? '', fix)] : []
}

function suspension(about: string[], fix: string): Problem {
  return { id: 'suspended', severity: 'warning', about, why: 'It is suspended: Flux does nothing with it until it is resumed.', fix: [fix] }
}

function notReady(about: string[], message: string, otherwise: string): Problem {
  const { cause, fix = [] } = causeOf(message) ?? {}
  const why = cause ?? (message === '' ? 'It is not Ready, and does not say why.' : quote(message, 200))
  return { id: 'flux-not-ready', severity: 'broken', about, why: plain(why, 300), fix: [...fix.map((each) => plain(each)), otherwise] }
}
