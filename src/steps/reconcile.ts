import type { Made, Run, Step } from '../engine/step.ts'
import { readFlux } from '../flux/objects.ts'
import { reconcile as reconcileFlux } from '../flux/reconcile.ts'
import { parseRevision } from '../git/revision.ts'
import { whichReach } from '../manifests/discover.ts'
import { workingTree } from '../manifests/tree.ts'
import { toWatch } from './access.ts'
import { awaitReadiness, readinessNeeds, unready } from './readiness.ts'
import { restartConnect, restartNeeds } from './restart.ts'
import { explain } from './trouble.ts'
import type { World } from './world.ts'

/** Flux has applied the commit that holds the changes. */
export const reconcile: Step<World> = {
  id: 'reconcile',
  title: 'Flux has applied the commit',
  async look(world, earlier) {
    const [publish, credentials] = await Promise.all([earlier('publish'), earlier('credentials')])
    const { inputs } = world
    if (!inputs.reconcile) return { is: 'skipped', says: 'Flux is not asked: --no-reconcile', weaker: true }
    const unseen = publish.is === 'skipped' || (publish.is === 'pending' && (inputs.git !== 'push' || inputs.branch !== undefined))
    if (unseen) return { is: 'skipped', says: 'Flux does not see these changes yet', weaker: true }
    const { kustomization, source } = await world.site()
    const { sha } = parseRevision(kustomization?.lastAppliedRevision ?? '')
    if (publish.is === 'already' && kustomization?.ready?.status === 'True' && sha !== undefined && (await isWantedOrLater(world, sha))) {
      return { is: 'already', says: `Flux has applied ${sha.slice(0, 8)}` }
    }
    const name = kustomization === undefined ? 'external-secrets' : `${kustomization.name} -n ${kustomization.namespace}`
    return {
      is: 'pending',
      says: `reconcile ${name}`,
      changes: [{ action: 'act', what: `flux reconcile kustomization ${name} --with-source` }],
      needs: [
        ...[
          { group: 'source.toolkit.fluxcd.io', resource: 'gitrepositories', namespace: source.namespace },
          { group: 'kustomize.toolkit.fluxcd.io', resource: 'kustomizations', namespace: kustomization?.namespace ?? source.namespace },
        ].flatMap((object) => [...toWatch(object), { verb: 'patch', ...object }]),
        ...(await readinessNeeds(world)),
        ...(await restartNeeds(world, credentials)),
      ],
      async makeItSo(run) {
        await restartConnect(world, credentials, run)
        return applied(world, run)
      },
    }
  },
}

/** Waits for Flux, and gives up as soon as a store or Connect shows a cause that no waiting mends. */
async function applied(world: World, run: Run): Promise<Made> {
  const stop = new AbortController()
  const signal = AbortSignal.any([run.signal, stop.signal])
  // What Flux waits for is watched beside it: its own text would be a timeout's.
  const trouble = awaitReadiness(world, { ...run, signal }).then(() => new Promise<never>(() => {}))
  const flux = applyAll(world, { ...run, signal }).catch(async (error) => {
    run.signal.throwIfAborted()
    throw await explain(world, await unready(world), error)
  })
  try {
    const revision = await Promise.race([flux, trouble])
    return { says: `Flux has applied ${revision}` }
  } finally {
    stop.abort()
    await flux.catch(() => {})
    trouble.catch(() => {})
  }
}

async function applyAll(world: World, run: Run): Promise<string> {
  const cluster = await world.cluster()
  const { kustomization, source } = await world.site()
  const options = { env: world.env, timeout: world.inputs.timeout, signal: run.signal, say: run.say }
  const target = { source, wanted: world.published.commit ?? '', isWantedOrLater: (sha: string) => isWantedOrLater(world, sha) }
  if (kustomization !== undefined) return (await reconcileFlux(cluster, { ...target, kustomization }, options)).revision
  const { kustomizations } = await readFlux(cluster)
  const root = kustomizations.find(({ name }) => name === 'flux-system')
  if (root !== undefined) await reconcileFlux(cluster, { ...target, kustomization: root }, options)
  const folder = await world.folder()
  const born = await readFlux(cluster)
  const reached = await whichReach(workingTree((await world.tree()).root), [folder.kustomization.path], born.kustomizations)
  const child = reached.find(({ reads }) => reads.length > 0)?.kustomization
  if (child === undefined) return 'the commit'
  return (await reconcileFlux(cluster, { ...target, kustomization: child }, options)).revision
}

/** What Flux has is the wanted commit or a later one; a commit that this clone doesn't know yet came after it. */
async function isWantedOrLater(world: World, sha: string): Promise<boolean> {
  const wanted = world.published.commit
  if (wanted === undefined || wanted === sha) return true
  const repository = await world.repository()
  return repository.isAncestor(wanted, sha)
}
