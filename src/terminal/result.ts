import { exitCodes } from '../failure.ts'
import type { Inputs } from '../inputs.ts'
import { unattended } from './equivalent.ts'
import { renderRecord } from './errors.ts'
import type { Report } from './report.ts'
import { type Style, wrap } from './style.ts'

/** What to do after this run, as commands that can be pasted. */
export function nextOf(report: Omit<Report, 'next'>, inputs: Inputs): string[] {
  const state = (id: string) => report.steps.find((step) => step.id === id)?.state
  switch (report.verdict) {
    case 'verified':
    case 'planned':
      return report.verdict === 'planned' ? ['Run it again without --dry-run.'] : []
    case 'failed':
      return report.exitCode === 5 || state('publish') === 'made' ? ['Run the same command again: it goes on from what is there.'] : []
    case 'unchanged':
    case 'configured':
      if (inputs.offline) return [online]
      return ['To see a value come through: add --verify-item <item>/<field>']
    case 'prepared':
      return prepared(inputs)
  }
}

const online = 'eso-bootstrap init … --git push (creates what the cluster needs, waits and proves it)'

function prepared({ git, branch, offline, reconcile }: Inputs): string[] {
  if (branch !== undefined)
    return [
      `Open a pull request for ${branch}: gh pr create --head ${branch}`,
      'When it is merged: eso-bootstrap init … (it waits and proves it)',
    ]
  const steps = []
  if (git === undefined || git === 'none') steps.push('git commit and git push the changed files')
  if (git === 'commit') steps.push('git push')
  if (offline || !reconcile || git !== 'push') steps.push(online)
  return steps
}

const headline: Record<Report['verdict'], string> = {
  verified: 'Verified: a value from 1Password arrived in a Kubernetes Secret.',
  configured: 'Configured, not verified.',
  unchanged: 'Nothing to change; configured, not verified.',
  prepared: 'Prepared; Flux does not see it yet.',
  planned: 'Nothing was written: this is the plan.',
  failed: '',
}

/** The result for a person: the verdict, what is left to do, and how to do the same unattended. */
export function renderResult(report: Report, equivalent: readonly string[] | undefined, style: Style): string {
  const { colour } = style
  const lines = report.errors.map((error) => renderRecord(error, style))
  if (report.verdict !== 'failed') {
    const good = report.verdict === 'verified' || report.verdict === 'unchanged'
    lines.push(good ? colour.green(`✔ ${headline[report.verdict]}`) : colour.bold(headline[report.verdict]))
  } else {
    lines.push(...left(report).map((line) => wrap(line, style.columns, '  ')))
  }
  for (const each of report.next) lines.push(`  ${colour.cyan('→')} ${each}`)
  if (equivalent !== undefined && report.verdict !== 'failed') lines.push(...unattended(equivalent))
  return `${lines.join('\n')}\n`
}

/** After a failure: what was taken back, what stands, what could not be taken back. */
export function left({ steps, exitCode }: Pick<Report, 'steps' | 'exitCode'>): string[] {
  const titles = (state: string) => steps.filter((step) => step.state === state && step.changes.length > 0).map(({ title }) => title)
  const say = (words: string, named: string[]) => (named.length === 0 ? [] : [`${words}: ${named.join('; ')}.`])
  const stands = titles('made')
  const lines = [
    ...say('Taken back', titles('undone')),
    ...say('Could not be taken back', titles('not-undone')),
    ...say('Done, and left as it is', stands),
  ]
  // Partly done, and no step to show for it: then the error tells all that is known.
  if (lines.length === 0) return exitCode === exitCodes.partly ? [] : ['Nothing was changed.']
  return [...lines, ...say('Not reached', titles('not-reached'))]
}
