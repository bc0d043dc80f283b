import { Failure } from '../../failure.ts'
import type { FluxKustomization } from '../../flux/objects.ts'
import { isReady } from '../../kubernetes/object.ts'
import { deadlock } from '../../manifests/deadlock.ts'
import { stateOf } from '../../status/flux.ts'
import { shared } from '../shared.ts'
import type { DoctorWorld } from '../world.ts'
import { type FluxHere, fluxHere, nameOfKustomization } from './flux-here.ts'
import { type Release, releasesSeen } from './releases.ts'

/** What of Flux is in the way of the operator and its CRDs, as a sentence: it is told by its own check, and what it holds up isn't. */
export const heldUp = shared(async (world: DoctorWorld): Promise<string | undefined> => {
  const [here, { releases }] = await Promise.all([fluxHere(world), releasesSeen(world)])
  const release = releases.find(({ brings }) => brings === 'operator')
  if (release !== undefined && !isReady(release.object)) {
    const { namespace, name } = release.object.metadata
    return `The HelmRelease ${namespace}/${name}, which brings it, is not Ready.`
  }
  const bringing = await bringingOperator(world, here, release)
  const failing = bringing.find((each) => stateOf(each) !== 'ready')
  return failing && `The Flux ${nameOfKustomization(failing)}, which brings it, is ${stateOf(failing)}.`
})

/** By what they have applied, or else by what they build, and what those wait for; all that concern External Secrets where neither tells. */
async function bringingOperator(
  world: DoctorWorld,
  { view, kustomizations }: FluxHere,
  release: Release | undefined,
): Promise<FluxKustomization[]> {
  const { namespace, name } = release?.object.metadata ?? {}
  const entry = `${namespace}_${name}_helm.toolkit.fluxcd.io_HelmRelease`
  const applied = view.kustomizations.filter(({ inventory }) => inventory.includes(entry))
  const found = applied.length > 0 ? applied : await building(world, view.kustomizations)
  if (found.length === 0) return kustomizations
  const all = new Set(found)
  for (const each of all) {
    for (const needed of each.dependsOn) {
      const other = view.kustomizations.find((one) => one.name === needed.name && one.namespace === needed.namespace)
      if (other !== undefined) all.add(other)
    }
  }
  return [...all]
}

async function building({ places }: DoctorWorld, all: readonly FluxKustomization[]): Promise<FluxKustomization[]> {
  try {
    return (await deadlock(await places.tree(), all)).operator
  } catch (error) {
    if (error instanceof Failure) return []
    throw error
  }
}
