import type { FluxKustomization, FluxSource, FluxView } from '../../flux/objects.ts'
import { concerned, lookAtFlux, sourcesOf } from '../../status/flux.ts'
import type { Problem } from '../../status/found.ts'
import type { Finding } from '../check.ts'
import { shared } from '../shared.ts'
import type { DoctorWorld } from '../world.ts'

/** What of Flux concerns External Secrets: the rest of the cluster is not judged. */
export interface FluxHere {
  view: FluxView
  kustomizations: FluxKustomization[]
  sources: FluxSource[]
}

export const fluxHere = shared(async ({ live }: DoctorWorld): Promise<FluxHere> => {
  const view = await live.flux()
  const kustomizations = view.installed ? await concerned(live, view) : []
  return { view, kustomizations, sources: sourcesOf(view, kustomizations) }
})

/** The same as `status` tells it. */
export const fluxTold = shared(({ live }: DoctorWorld) => lookAtFlux(live))

export function nameOfKustomization({ namespace, name }: { namespace: string; name: string }): string {
  return `Kustomization ${namespace}/${name}`
}

export function nameOfSource({ kind, namespace, name }: { kind: string; namespace: string; name: string }): string {
  return `${kind} ${namespace}/${name}`
}

/** What `status` tells of one thing, as a finding about it. */
export function findingOfProblem({ about, why, fix }: Problem): Finding {
  return { about: about.join(', '), why, fix }
}
