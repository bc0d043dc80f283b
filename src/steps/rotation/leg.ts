import type { Outcome } from '../../engine/apply.ts'
import type { Looked } from '../../engine/look.ts'
import type { Plan } from '../../engine/plan.ts'
import type { RotationWorld } from './world.ts'

/** The rotation of one cluster: what it looked like, and what became of it. */
export interface Leg {
  world: RotationWorld
  looked: Looked<RotationWorld>[]
  plan: Plan
  errors: unknown[]
  outcome?: Outcome
}
