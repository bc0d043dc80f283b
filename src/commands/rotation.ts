import { apply } from '../engine/apply.ts'
import { mutations } from '../engine/plan.ts'
import { unlessAborted } from '../engine/unless-aborted.ts'
import { opCli } from '../onepassword/op.ts'
import { opConnect } from '../onepassword/op-connect.ts'
import { withoutSources } from '../onepassword/source.ts'
import type { RotationInputs } from '../rotation-inputs.ts'
import { askedOf, asOpKnows } from '../steps/rotation/asked-of-op.ts'
import { checkExpiry } from '../steps/rotation/check-expiry.ts'
import { rotationSteps } from '../steps/rotation/index.ts'
import type { Leg } from '../steps/rotation/leg.ts'
import { openPair } from '../steps/rotation/pair.ts'
import { replacedInAll } from '../steps/rotation/replaced.ts'
import { openTargets } from '../steps/rotation/targets.ts'
import { openRotation } from '../steps/rotation/world.ts'
import { type Io, readAll } from '../terminal/io.ts'
import type { RotationView } from '../terminal/rotation-view.ts'
import { prepare } from './prepare.ts'
import { revokeOld } from './revoke-old.ts'

export interface RotationRun {
  io: Io
  view: RotationView
  /** A person is asked for what is missing and for consent. */
  asks: boolean
  signal: AbortSignal
}

/** Looks at all clusters, asks once, and does one after the other; the first that fails is the last. Gives the exit code. */
export async function rotation(inputs: RotationInputs, { io, view, asks, signal }: RotationRun): Promise<number> {
  const env = withoutSources(io.env, [inputs.credentials, inputs.token])
  const op = opCli(env, { waiting: view.say })
  const ports = { env: io.env, cwd: io.cwd, now: io.now, stdin: () => readAll(io.stdin), op, signal }
  const targets = await openTargets(inputs, { env, home: io.home })
  try {
    await unlessAborted(view.begin(targets), signal)
    if (inputs.check) return view.checked(await unlessAborted(checkExpiry(inputs, targets, io.now()), signal))
    const answered = asks ? await (await import('../terminal/ask-rotation.ts')).askRotation(inputs, targets, ports, io) : inputs
    const pair = openPair(answered, ports)
    const worlds = targets.map(({ cluster }) => openRotation(answered, { cluster, pair, now: io.now, interactive: asks, signal }))
    const maker = opConnect(env, { waiting: view.say })
    const make = { op: maker, asked: askedOf(worlds), knows: (vaults: readonly string[]) => asOpKnows(op, vaults, signal) }
    const legs: Leg[] = await Promise.all(
      worlds.map(async (world, at) => ({
        world,
        ...(await prepare(rotationSteps(answered, at === 0 ? make : undefined), world, signal)),
      })),
    )
    await view.plan(legs)
    const isStopped = legs.some(({ errors }) => errors.length > 0)
    if (isStopped || inputs.dryRun) return await view.finished(answered, legs, {})
    const isConsentNeeded = !inputs.yes && legs.some(({ plan }) => mutations(plan).length > 0)
    if (isConsentNeeded && !(await view.consents(legs, signal))) return view.declined()
    await walk(legs, view, signal)
    const isDone = legs.every(({ outcome }) => outcome !== undefined && outcome.failed === undefined)
    const replaced = isDone ? await replacedInAll(worlds) : []
    const revoked = isDone && inputs.revokeOld ? await revokeOld(replaced, { op: maker, view, isConsentNeeded, signal }) : undefined
    return await view.finished(answered, legs, { replaced, ...(revoked && { revoked }) })
  } finally {
    await Promise.all(targets.map((target) => target.close()))
  }
}

async function walk(legs: Leg[], view: RotationView, signal: AbortSignal): Promise<void> {
  for (const leg of legs) {
    const progress = await view.progress(leg, legs)
    leg.outcome = await apply(leg.looked, signal, progress.on).finally(progress.stop)
    if (leg.outcome.failed !== undefined) return
  }
}
