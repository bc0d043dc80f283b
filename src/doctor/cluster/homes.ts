import { Failure } from '../../failure.ts'
import { runsConnect } from '../../manifests/consumer.ts'
import { knownStores, tokenOf } from '../../status/world.ts'
import { shared } from '../shared.ts'
import type { DoctorWorld } from '../world.ts'

/**
 * The namespaces that hold Connect and the Secrets which come from no file: as the folder of the working tree says, where the
 * stores take their tokens from, and where Connect runs. What can't be read of these names none.
 */
export const homes = shared(async ({ live, places }: DoctorWorld): Promise<string[]> => {
  const [folder, stores, deployments] = await Promise.all([
    places.folder().catch(nothing),
    knownStores(live).catch(nothing),
    live.deployments().catch(nothing),
  ])
  const names = [
    ...(folder === undefined ? [] : [folder.namespace]),
    ...(stores ?? []).map((store) => tokenOf(store).namespace),
    ...(deployments ?? []).filter((each) => runsConnect(each)).flatMap(({ metadata: { namespace } }) => namespace ?? []),
  ]
  return [...new Set(names)]
})

/** Where nothing of that names one. */
export const unknownHome = {
  notSeen: 'the namespace',
  why: 'Neither files nor stores nor a running Connect say which one it is.',
}

function nothing(error: unknown): undefined {
  if (!(error instanceof Failure)) throw error
}
