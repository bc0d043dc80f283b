import { exitCodes } from '../failure.ts'
import { clusterNames } from '../kubernetes/cluster-names.ts'
import type { RotationInputs } from '../rotation-inputs.ts'
import { commandFor, type Old } from '../steps/rotation/revoke.ts'
import { unattended } from './equivalent.ts'
import { type ErrorRecord, renderRecord } from './errors.ts'
import { left } from './result.ts'
import { equivalentRotation } from './rotation-equivalent.ts'
import type { ClusterVerdict, RotationReport } from './rotation-report.ts'
import { type Style, wrap } from './style.ts'

/** What to do after this run, as commands that can be pasted. */
export function nextOfRotation(report: RotationReport, replaced: readonly Old[]): string[] {
  const failed = report.clusters.find(({ errors }) => errors.length > 0)
  if (report.verdict === 'planned') return ['Run it again without --dry-run.']
  if (failed?.verdict === 'failed') return isToldAlready(failed.errors) ? [] : [`${again}: it sees what stands, and goes on from there.`]
  const kept = replaced.filter((_, at) => report.replaced[at]?.deleted === false)
  return kept.length === 0 ? [] : [...kept.flatMap((old) => [`${still(old)} When nothing else uses it:`, commandFor(old)])]
}

const again = 'Run the same command again'

function isToldAlready(errors: readonly ErrorRecord[]): boolean {
  return errors.some(({ fix }) => fix.some((each) => each.startsWith(again)))
}

function still({ id, expires }: Old): string {
  if (id === undefined) return 'The old Connect server still exists.'
  return `The old token is still valid${expires === undefined ? '' : `, until ${expires.toISOString().slice(0, 10)}`}.`
}

const headline: Record<RotationReport['verdict'], string> = {
  rotated: 'Rotated: values came through with the new token.',
  unchanged: 'Nothing to change: the new token is there already, and proven.',
  planned: 'Nothing was written: this is the plan.',
  failed: '',
}

const words: Record<ClusterVerdict, string> = {
  rotated: 'rotated',
  unchanged: 'has it already',
  planned: 'planned',
  blocked: 'in the way; see above',
  restored: 'failed; the old one is back',
  failed: 'failed; see above',
  'not-reached': 'not begun',
}

const kept = 'The new one is in use, and proven: only the old one was not deleted.'

/** The result for a person: what went wrong or the verdict, a table of several clusters, and what is left to do. */
export function renderRotation(report: RotationReport, inputs: RotationInputs, guided: boolean, style: Style): string {
  const { colour } = style
  const lines: string[] = []
  const failed = report.clusters.filter(({ errors }) => errors.length > 0)
  const names = clusterNames(report.clusters.map(({ cluster }) => cluster))
  for (const [at, { errors }] of report.clusters.entries()) {
    if (errors.length > 0 && names.length > 1) lines.push(names[at] ?? '')
    lines.push(...errors.map((error) => renderRecord(error, style)))
  }
  lines.push(...report.errors.map((error) => renderRecord(error, style)))
  if (report.verdict !== 'failed')
    lines.push(report.verdict === 'planned' ? colour.bold(headline.planned) : colour.green(`✔ ${headline[report.verdict]}`))
  else if (failed.length > 0) lines.push(...failed.flatMap((each) => standing(report, each, style)))
  else if (report.clusters.length > 0) lines.push(wrap(kept, style.columns, '  '))
  if (names.length > 1) lines.push('', ...table(report, names))
  for (const each of report.next) lines.push(`  ${colour.cyan('→')} ${each}`)
  if (guided && report.verdict === 'rotated') lines.push(...unattended(equivalentRotation(inputs)))
  return `${lines.join('\n')}\n`
}

/** After a failure: what the Secret holds now. */
function standing({ exitCode }: RotationReport, { verdict, steps }: RotationReport['clusters'][number], style: Style): string[] {
  const isUndone = (step: string) => steps.some(({ id, state }) => id === step && state === 'undone')
  if (verdict === 'restored' && isUndone('credentials'))
    return [wrap('The old credentials and the old token are back, and Connect and the stores go on with them.', style.columns, '  ')]
  if (verdict === 'restored' && isUndone('token'))
    return [wrap('The old token is back in the Secret, and the stores have been asked to go on with it.', style.columns, '  ')]
  if (verdict === 'failed' && steps.some(({ id, state }) => id === 'token' && state === 'already'))
    return [wrap('The Secret still holds what an earlier run put in, and that is not proven.', style.columns, '  ')]
  return left({ steps, exitCode: verdict === 'failed' ? exitCodes.partly : exitCode }).map((line) => wrap(line, style.columns, '  '))
}

function table({ clusters }: RotationReport, names: readonly string[]): string[] {
  const width = Math.max(...names.map((name) => name.length))
  return clusters.map(({ verdict }, at) => `  ${names[at]?.padEnd(width)}  ${words[verdict]}`)
}
