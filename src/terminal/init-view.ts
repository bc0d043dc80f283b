import { mutations, type Plan } from '../engine/plan.ts'
import { exitCodes } from '../failure.ts'
import type { Inputs } from '../inputs.ts'
import type { RawOptions } from '../raw-options.ts'
import type { World } from '../steps/world.ts'
import { plain } from '../text/plain.ts'
import { shortPath } from '../text/short-path.ts'
import { equivalentCommand } from './equivalent.ts'
import { exitCodeOf, recordOf, renderError } from './errors.ts'
import { type Io, wantsJson } from './io.ts'
import { renderPlan } from './plan.ts'
import { type ProgressView, showProgress } from './progress.ts'
import type { Report } from './report.ts'
import { nextOf, renderResult } from './result.ts'
import { styleOf } from './style.ts'

/** What `init` shows: text while it works on standard error, the result on standard output; or one JSON document there. */
export interface InitView {
  say(text: string): void
  /** Which cluster and which repository: before anything is asked. */
  begin(at: Where): Promise<void>
  plan(plan: Plan): void
  consents(world: World, plan: Plan, signal: AbortSignal): Promise<boolean>
  declined(): number
  progress(): Promise<ProgressView>
  finished(world: World, report: Omit<Report, 'next'>): Promise<number>
  failed(error: unknown): number
}

export function openView(io: Io, raw: RawOptions): InitView {
  const json = wantsJson(io, raw)
  const plainText = raw['no-color'] === true
  const err = styleOf(io, io.stderr, plainText)
  const out = styleOf(io, io.stdout, plainText)
  const verbose = raw.verbose === true
  let known: ReturnType<typeof places> | undefined
  const placesOf = (at: Where) => {
    known ??= places(at)
    return known
  }
  const print = (document: unknown) => io.stdout.write(`${JSON.stringify(document, null, 2)}\n`)
  return {
    say: (text) => {
      if (!json) io.stderr.write(`  ${text}\n`)
    },
    async begin(at) {
      if (!json) io.stderr.write(header(await placesOf(at), io))
    },
    plan(plan) {
      const text = renderPlan({ steps: plan.steps.filter(({ id }) => id !== 'cluster') }, err)
      if (!json && text.trim() !== '') io.stderr.write(`\n${text}\n`)
    },
    async consents(world, plan, signal) {
      const { confirmPlan } = await import('./confirm.ts')
      const count = mutations(plan).length
      const where = world.inputs.offline ? 'the working tree' : (await world.cluster()).context
      return confirmPlan(`Apply ${count === 1 ? 'this change' : `these ${count} changes`} to ${plain(where)}?`, io, signal)
    },
    declined() {
      io.stderr.write('Nothing was changed.\n')
      return exitCodes.interrupted
    },
    progress: async () => (json ? { on: () => {}, stop: () => {} } : await showProgress(io, { noColour: plainText, verbose })),
    async finished(world, report) {
      const whole: Report = { ...report, ...(await placesOf(world)), next: nextOf(report, world.inputs) }
      if (json) print(whole)
      else if (whole.verdict === 'failed') io.stderr.write(renderResult(whole, undefined, err))
      else io.stdout.write(renderResult(whole, world.interactive ? equivalentCommand(world.inputs, io.cwd) : undefined, out))
      return whole.exitCode
    },
    failed(error) {
      const exitCode = exitCodeOf(error)
      if (json)
        print({
          schemaVersion: 1,
          command: 'init',
          verdict: 'failed',
          exitCode,
          steps: [],
          errors: [recordOf(error)],
          next: [],
        } satisfies Report)
      else io.stderr.write(renderError(error, err, verbose))
      return exitCode
    },
  }
}

/** As much of the places as tells where the work is done. */
type Where = Pick<World, 'cluster' | 'repository'> & { inputs: Pick<Inputs, 'offline'> }

function header({ cluster, repository }: Awaited<ReturnType<typeof places>>, io: Io): string {
  const lines = []
  if (cluster !== undefined) lines.push(`  cluster     ${cluster.context}  ${cluster.server}`)
  if (repository !== undefined)
    lines.push(`  repository  ${shortPath(repository.root, io)}${repository.branch === undefined ? '' : `  ${repository.branch}`}`)
  return lines.map((line) => `${line}\n`).join('')
}

/** Which cluster and which repository this is about, as far as they are known. */
async function places(world: Where): Promise<Pick<Report, 'cluster' | 'repository'>> {
  const cluster = world.inputs.offline ? undefined : await world.cluster().catch(() => undefined)
  const repository = await world.repository().catch(() => undefined)
  const branch = await repository?.branch()
  return {
    ...(cluster && { cluster: { context: plain(cluster.context), server: plain(cluster.server) } }),
    ...(repository && { repository: { root: repository.root, ...(branch !== undefined && { branch }) } }),
  }
}
