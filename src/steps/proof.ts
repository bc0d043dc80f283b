import type { Step } from '../engine/step.ts'
import { roundTrip, roundTripNeeds } from './round-trip.ts'
import type { World } from './world.ts'

/** A value read from 1Password has arrived in a Kubernetes Secret. */
export const proof: Step<World> = {
  id: 'proof',
  title: 'a value from 1Password arrives in a Secret',
  async look(world, earlier) {
    const wanted = world.inputs.verifyItem
    const ready = await earlier('ready')
    if (wanted === undefined) return { is: 'skipped', says: 'not verified: no --verify-item', weaker: true }
    if (ready.is === 'skipped') return { is: 'skipped', says: 'not verified: not waited for', weaker: true }
    const { namespace } = await world.folder()
    const field = wanted.field ?? 'password'
    return {
      is: 'pending',
      says: `prove it with ${wanted.item}/${field}`,
      changes: [{ action: 'act', what: `read ${wanted.item}/${field} through a throw-away ExternalSecret` }],
      needs: roundTripNeeds(namespace),
      async makeItSo(run) {
        const [cluster, { stores }] = await Promise.all([world.cluster(), world.folder()])
        const store = stores.find(({ kind }) => kind === 'ClusterSecretStore') ?? stores[0]
        if (store === undefined) throw new Error('Ready without a store')
        const at = { cluster, timeout: world.inputs.timeout }
        const trip = await roundTrip(at, { namespace, store, item: wanted.item, field }, run)
        return { says: `${wanted.item}/${field} came through ${trip.store}: ${trip.length} bytes, salted digest ${trip.digest}` }
      },
    }
  },
}
