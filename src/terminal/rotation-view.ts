import { mutations, type Plan } from '../engine/plan.ts'
import { exitCodes } from '../failure.ts'
import { clusterNames } from '../kubernetes/cluster-names.ts'
import type { RawOptions } from '../raw-options.ts'
import type { RotationInputs } from '../rotation-inputs.ts'
import type { OpenCluster } from '../steps/open-cluster.ts'
import type { Expiry } from '../steps/rotation/check-expiry.ts'
import type { Leg } from '../steps/rotation/leg.ts'
import { plain } from '../text/plain.ts'
import { exitCodeOf, recordOf, renderError } from './errors.ts'
import { expiryReport, renderExpiries } from './expiry.ts'
import { type Io, wantsJson } from './io.ts'
import { renderPlan } from './plan.ts'
import { type ProgressView, showProgress } from './progress.ts'
import { clusterReports, type Ended, overall, type RotationReport } from './rotation-report.ts'
import { nextOfRotation, renderRotation } from './rotation-result.ts'
import { styleOf } from './style.ts'

/** What a rotation shows: text while it works on standard error, the result on standard output; or one JSON document there. */
export interface RotationView {
  say(text: string): void
  /** Which clusters: before anything is asked. */
  begin(targets: readonly OpenCluster[]): Promise<void>
  plan(legs: readonly Leg[]): Promise<void>
  consents(legs: readonly Leg[], signal: AbortSignal): Promise<boolean>
  consentsToRevoke(plan: Plan, signal: AbortSignal): Promise<boolean>
  declined(): number
  /** Of several clusters, the one that is worked on is named first. */
  progress(leg?: Leg, legs?: readonly Leg[]): Promise<ProgressView>
  finished(inputs: RotationInputs, legs: readonly Leg[], ended: Ended): Promise<number>
  checked(found: readonly Expiry[]): number
  failed(error: unknown): number
}

export function openRotationView(command: RotationInputs['command'], io: Io, raw: RawOptions): RotationView {
  const json = wantsJson(io, raw)
  const plainText = raw['no-color'] === true
  const err = styleOf(io, io.stderr, plainText)
  const out = styleOf(io, io.stdout, plainText)
  const verbose = raw.verbose === true
  const tell = (text: string) => {
    if (!json) io.stderr.write(text)
  }
  const print = (document: object) => io.stdout.write(`${JSON.stringify({ schemaVersion: 1, command, ...document }, null, 2)}\n`)
  const confirm = async (message: string, signal: AbortSignal) => (await import('./confirm.ts')).confirmPlan(message, io, signal)
  return {
    say: (text) => tell(`  ${text}\n`),
    async begin(targets) {
      for (const target of targets) {
        const cluster = await target.cluster().catch(() => undefined)
        if (cluster !== undefined) tell(`  cluster     ${plain(cluster.context)}  ${plain(cluster.server)}\n`)
      }
    },
    async plan(legs) {
      for (const leg of legs) {
        const text = renderPlan({ steps: leg.plan.steps.filter(({ id }) => id !== 'cluster') }, err)
        if (text.trim() !== '') tell(`\n${await heading(leg, legs)}${text}`)
      }
      tell('\n')
    },
    async consents(legs, signal) {
      const count = legs.flatMap(({ plan }) => mutations(plan)).length
      const names = await namesOf(legs)
      return confirm(`Apply ${count === 1 ? 'this change' : `these ${count} changes`} to ${names.join(', ')}?`, signal)
    },
    consentsToRevoke(plan, signal) {
      tell(`\n${renderPlan(plan, err)}\n`)
      return confirm('The new one is proven. Delete the old one? It can not be had back.', signal)
    },
    declined() {
      tell('Nothing was changed.\n')
      return exitCodes.interrupted
    },
    async progress(leg, legs = []) {
      if (json) return { on: () => {}, stop: () => {} }
      if (leg !== undefined) tell(await heading(leg, legs))
      return showProgress(io, { noColour: plainText, verbose })
    },
    async finished(inputs, legs, ended) {
      const clusters = await clusterReports(legs)
      const { verdict, exitCode } = overall(clusters, ended.revoked)
      const failed = ended.revoked?.outcome.failed
      const report: RotationReport = {
        ...{ schemaVersion: 1, command, verdict },
        exitCode: verdict === 'planned' && inputs.detailedExitcode ? exitCodes.pending : exitCode,
        clusters: clusters.map(({ exitCode: _, ...each }) => each),
        replaced: (ended.replaced ?? []).map((old) => {
          const { expires, ...each } = old
          const deleted = ended.revoked?.deleted.includes(old) === true
          return { ...each, ...(expires && { expires: expires.toISOString() }), deleted }
        }),
        errors: failed === undefined ? [] : [recordOf(failed.error)],
        next: [],
      }
      report.next = nextOfRotation(report, ended.replaced ?? [])
      if (json) print(report)
      else if (verdict === 'failed') io.stderr.write(renderRotation(report, inputs, false, err))
      else io.stdout.write(renderRotation(report, inputs, legs[0]?.world.interactive === true, out))
      return report.exitCode
    },
    checked(found) {
      const { verdict, exitCode, errors, next } = expiryReport(found)
      if (json) print({ verdict, exitCode, clusters: [], replaced: [], tokens: found, errors, next })
      else io.stdout.write(renderExpiries(found, { verdict, exitCode, errors, next }, out))
      return exitCode
    },
    failed(error) {
      const exitCode = exitCodeOf(error)
      if (json) print({ verdict: 'failed', exitCode, clusters: [], replaced: [], errors: [recordOf(error)], next: [] })
      else io.stderr.write(renderError(error, err, verbose))
      return exitCode
    },
  }
}

/** Which cluster it is about, where there are several. */
async function heading(leg: Leg, legs: readonly Leg[]): Promise<string> {
  return legs.length < 2 ? '' : `${(await namesOf(legs))[legs.indexOf(leg)]}\n`
}

async function namesOf(legs: readonly Leg[]): Promise<string[]> {
  return clusterNames(await Promise.all(legs.map(({ world }) => world.cluster().catch(() => undefined))))
}
