import { apply } from '../engine/apply.ts'
import { mutations } from '../engine/plan.ts'
import { unlessAborted } from '../engine/unless-aborted.ts'
import type { Inputs } from '../inputs.ts'
import { opCli } from '../onepassword/op.ts'
import { withoutSources } from '../onepassword/source.ts'
import { bootstrap as allSteps, offline } from '../steps/index.ts'
import { openPlaces, type Places } from '../steps/places.ts'
import { openWorld, type WorldAt } from '../steps/world.ts'
import type { InitView } from '../terminal/init-view.ts'
import { type Io, readAll } from '../terminal/io.ts'
import { type Finished, reportOf } from '../terminal/report.ts'
import { prepare } from './prepare.ts'

export interface BootstrapAt {
  io: Io
  view: InitView
  /** A person is asked for what is missing and for consent. */
  asks: boolean
  signal: AbortSignal
}

/** Look, plan, consent, make it so, prove it. Gives the exit code. */
export async function bootstrap(inputs: Inputs, { io, view, asks, signal }: BootstrapAt): Promise<number> {
  const env = withoutSources(io.env, [inputs.credentials, inputs.token])
  const places = openPlaces(inputs, { env, home: io.home })
  const op = opCli(env, { waiting: view.say })
  const at: WorldAt = { env: io.env, cwd: io.cwd, now: io.now, stdin: () => readAll(io.stdin), op, signal, interactive: asks }
  try {
    await unlessAborted(view.begin({ ...places, inputs }), signal)
    const answered = asks ? await (await import('../terminal/ask.ts')).ask(inputs, places, at, io) : inputs
    return await walk(answered, places, at, signal, view)
  } finally {
    await places.close()
  }
}

async function walk(inputs: Inputs, places: Places, at: WorldAt, signal: AbortSignal, view: InitView): Promise<number> {
  const world = openWorld(inputs, places, at)
  const { looked, plan, errors } = await prepare(inputs.offline ? offline : allSteps, world, signal)
  const finish = (rest: Pick<Finished, 'outcome' | 'errors'>) =>
    view.finished(world, reportOf({ plan, detailedExitcode: inputs.detailedExitcode, ...rest }))

  view.plan(plan)
  if (errors.length > 0 || inputs.dryRun) return finish({ errors })
  const isConsentNeeded = mutations(plan).length > 0 && !inputs.yes
  if (isConsentNeeded && !(await view.consents(world, plan, signal))) return view.declined()
  const progress = await view.progress()
  const outcome = await apply(looked, signal, progress.on).finally(progress.stop)
  return finish({ outcome, errors: [] })
}
