import type { Step } from '../engine/step.ts'
import { cluster } from './cluster.ts'
import { components } from './components.ts'
import { credentials } from './credentials.ts'
import { flux } from './flux.ts'
import { lock } from './lock.ts'
import { manifests } from './manifests.ts'
import { namespace } from './namespace.ts'
import { operator } from './operator.ts'
import { proof } from './proof.ts'
import { publish } from './publish.ts'
import { ready } from './ready.ts'
import { reconcile } from './reconcile.ts'
import { token } from './token.ts'
import { vaults } from './vaults.ts'
import type { World } from './world.ts'

/** From nothing but Flux to a synced secret, in the order in which it becomes true. */
export const bootstrap: readonly Step<World>[] = [
  cluster,
  flux,
  namespace,
  lock,
  credentials,
  token,
  operator,
  manifests,
  vaults,
  components,
  publish,
  reconcile,
  ready,
  proof,
]

/** The part that needs no cluster. */
export const offline: readonly Step<World>[] = [manifests, vaults, components, publish]
