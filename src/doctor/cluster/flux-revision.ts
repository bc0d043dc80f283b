import type { FluxKustomization, FluxSource } from '../../flux/objects.ts'
import { groups } from '../../flux/objects.ts'
import { parseRevision } from '../../git/revision.ts'
import type { FluxFacts } from '../../status/flux.ts'
import { stateOf } from '../../status/flux.ts'
import type { ClusterCheck, Finding, NotSeen } from '../check.ts'
import type { DoctorWorld } from '../world.ts'
import { findingOfProblem, fluxHere, fluxTold, nameOfKustomization } from './flux-here.ts'

export const fluxRevision: ClusterCheck = {
  id: 'flux-revision',
  category: 'flux',
  title: 'what Flux has applied is what it has fetched, and what is committed here',
  severity: 'warning',
  needs: ['flux-installed', 'flux-sources'],
  explains: true,
  page: {
    symptom: 'The files here say one thing and the cluster does another; flux reconcile … --with-source ends well and changes nothing.',
    cause:
      'Flux reads only what is pushed. Commits here were not pushed, others were pushed from elsewhere, or a Flux Kustomization lags behind.',
    fix: 'git push, or git pull --rebase; then flux reconcile kustomization <name> -n <namespace> --with-source.',
    sources: [
      'https://fluxcd.io/flux/components/source/gitrepositories/#artifact',
      'https://fluxcd.io/flux/cmd/flux_reconcile_kustomization/',
    ],
  },
  looksAt: 'cluster',
  async look(world) {
    const [{ problems = [], facts }, { kustomizations, sources }] = await Promise.all([fluxTold(world), fluxHere(world)])
    const unpushed = problems.filter(({ id }) => id === 'unpushed').map(findingOfProblem)
    const lagging = await Promise.all(kustomizations.map((each) => lagOf(world, each, sources)))
    return [...unpushed, ...distanceOf(facts?.tree), ...lagging.flat()]
  },
}

function distanceOf(tree: FluxFacts['tree']): (Finding | NotSeen)[] {
  if (tree?.is === 'unknown')
    return [{ notSeen: 'the working tree', why: 'The commit that Flux has fetched is not in this clone yet (git fetch).' }]
  const { is, behind = 0, ahead = 0 } = tree ?? {}
  if (is !== 'differs' || behind === 0) return []
  const commits = behind === 1 ? 'a commit' : `${behind} commits`
  const why = `It lacks ${commits} that Flux has fetched: what these files say is not all that the cluster has.`
  return [{ about: 'the working tree', why, fix: [ahead === 0 ? 'git pull' : 'git pull --rebase'] }]
}

/** Longer than Flux takes to begin with a commit that it has fetched, and than one level of dependsOn waits. */
const patience = 5 * 60_000

/** One that fails, works or is suspended is told by another check, or not known yet. */
async function lagOf(world: DoctorWorld, kustomization: FluxKustomization, sources: readonly FluxSource[]): Promise<Finding[]> {
  const { source: from, lastAppliedRevision } = kustomization
  const source = sources.find(({ kind, namespace, name }) => kind === from.kind && namespace === from.namespace && name === from.name)
  const [applied, fetched] = [lastAppliedRevision, source?.revision].map((each) => parseRevision(each ?? '').sha)
  if (stateOf(kustomization) !== 'ready' || applied === undefined || fetched === undefined || applied === fetched) return []
  const since = await fetchedAt(world, kustomization)
  if (since === undefined || world.now.getTime() - since < patience) return []
  const { namespace, name } = kustomization
  const why = `It has applied ${applied.slice(0, 8)}; Flux fetched ${fetched.slice(0, 8)} at ${new Date(since).toISOString().slice(0, 16)}Z.`
  return [
    {
      about: nameOfKustomization(kustomization),
      why,
      fix: [`flux reconcile kustomization ${name} -n ${namespace}`, 'kubectl logs -n flux-system deploy/kustomize-controller --tail=20'],
    },
  ]
}

async function fetchedAt(
  { cluster, signal }: DoctorWorld,
  { source: { kind, namespace, name } }: FluxKustomization,
): Promise<number | undefined> {
  const resource = await cluster.resource(groups.source, kind)
  const source = resource && (await cluster.get(resource, name, namespace, signal))
  const time = Date.parse(source?.['status']?.artifact?.lastUpdateTime ?? '')
  return Number.isNaN(time) ? undefined : time
}
