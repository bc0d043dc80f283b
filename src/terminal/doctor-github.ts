import { pageOf, type Told } from './doctor-report.ts'

const levels = { error: 'error', warning: 'warning', advice: 'notice' } as const

/** A line for each finding, as a workflow of GitHub Actions takes them: https://docs.github.com/en/actions/reference/workflow-commands-for-github-actions */
export function annotations(findings: readonly Told[]): string {
  return findings
    .map(({ check, severity, about, why, fix, at }) => {
      const place = at === undefined ? '' : `file=${property(at.path)},line=${at.line},`
      const text = [`${about}: ${why}`, ...fix.map((each) => `→ ${each}`), pageOf(check.id)].join('\n')
      return `::${levels[severity]} ${place}title=${property(check.id)}::${data(text)}\n`
    })
    .join('')
}

function data(text: string): string {
  return text.replaceAll('%', '%25').replaceAll('\r', '%0D').replaceAll('\n', '%0A')
}

function property(text: string): string {
  return data(text).replaceAll(':', '%3A').replaceAll(',', '%2C')
}
