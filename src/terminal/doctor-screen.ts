import { type Check, categories } from '../doctor/check.ts'
import type { Result } from '../doctor/diagnose.ts'
import type { Examination } from '../doctor/examine.ts'
import { shortPath } from '../text/short-path.ts'
import { plural } from './age.ts'
import { judge, pageOf, type Told, told } from './doctor-report.ts'
import type { Io } from './io.ts'
import { type Style, wrap } from './style.ts'

/** For a person: where it was looked, what is wrong with cause and fix, and how much of it could be looked at. */
export function renderExamination(
  examination: Examination,
  { io, style, verbose }: { io: Pick<Io, 'home' | 'cwd'>; style: Style; verbose: boolean },
): string {
  const findings = told(examination)
  const parts = [
    renderWhere(examination, io),
    verbose ? examination.results.flatMap((each) => renderCheck(each, style)) : renderCategories(examination, style),
    ...findings.map((each) => renderFinding(each, style)),
    verbose ? [] : renderNotSeen(examination, style),
    [verdictLine(examination, findings, style), ...moreLines(findings, style)],
  ]
  return `${parts
    .filter((lines) => lines.length > 0)
    .map((lines) => lines.join('\n'))
    .join('\n\n')}\n`
}

function renderWhere({ cluster, repository }: Examination, io: Pick<Io, 'home' | 'cwd'>): string[] {
  const files = repository === undefined ? 'none here' : `${shortPath(repository.root, io)}  ${repository.branch ?? '(detached HEAD)'}`
  return [`cluster     ${cluster === undefined ? 'not looked at' : `${cluster.context}  ${cluster.server}`}`, `repository  ${files}`]
}

const signs = { true: '✔', found: '✖', skipped: '–', 'not-seen': '?' } as const

/** One line a category: how many of its statements are true. */
function renderCategories({ results }: Examination, { colour }: Style): string[] {
  return categories.flatMap((category) => {
    const some = results.filter(({ check }) => check.category === category)
    if (some.length === 0) return []
    const count = (is: Result['is']) => some.filter((each) => each.is === is).length
    const parts = [
      ...(count('true') > 0 ? [colour.green(`✔ ${count('true')} true`)] : []),
      ...severities(some).map(([severity, number]) =>
        painted(severity, { colour })(`${signOf(severity)} ${number} ${severity}${number > 1 && severity !== 'advice' ? 's' : ''}`),
      ),
      ...(count('not-seen') > 0 ? [colour.dim(`? ${count('not-seen')} not looked at`)] : []),
      ...(count('skipped') > 0 ? [colour.dim(`– ${count('skipped')} skipped`)] : []),
    ]
    return [`${category.padEnd(12)}${parts.join('  ')}`]
  })
}

function severities(results: readonly Result[]): [Told['severity'], number][] {
  const all = told({ results: [...results] })
  return (['error', 'warning', 'advice'] as const).flatMap((severity): [Told['severity'], number][] => {
    const number = all.filter((each) => each.severity === severity).length
    return number === 0 ? [] : [[severity, number]]
  })
}

function renderCheck({ check, is, because, notSeen, findings }: Result, style: Style): string[] {
  const { colour } = style
  const severity = told({ results: [{ check, is, notSeen, findings }] })[0]?.severity
  const paint = is === 'true' ? colour.green : severity === undefined ? colour.dim : painted(severity, style)
  const sign = severity === undefined ? signs[is] : signOf(severity)
  const why = because === undefined ? notSeen.map((each) => each.why) : [`skipped: see ${because}`]
  return [
    ...headed(paint(sign), check.title, check.id, style),
    ...[...new Set(why)].map((each) => colour.dim(wrap(each, style.columns, '    '))),
  ]
}

function renderFinding({ check, severity, about, why, fix, at, repair }: Told, style: Style): string[] {
  const { colour, columns } = style
  const paint = painted(severity, style)
  const place = at === undefined || about.includes(at.path) ? '' : ` (${at.path}:${at.line})`
  return [
    ...headed(paint(signOf(severity)), `${about}${place}`, check.id, style, paint),
    wrap(why, columns, '  '),
    ...fix.map((each) => `  ${colour.cyan('→')} ${isCommand(each) ? each : hanging(each, columns, 4)}`),
    ...(repair === undefined ? [] : [`  ${colour.cyan('→')} eso-bootstrap doctor --fix`, colour.dim(wrap(repair.says, columns, '    '))]),
  ]
}

/** A text behind its sign, and the check's id behind it where there is room, else below. */
function headed(sign: string, text: string, id: string, { colour, columns }: Style, paint = (each: string) => each): string[] {
  const lines = wrap(text, columns - 2).split('\n')
  const hasRoom = (lines.at(-1)?.length ?? 0) + id.length + 4 <= columns
  const shown = lines.map((line, at) => `${at === 0 ? sign : ' '} ${paint(line)}`)
  return hasRoom ? [...shown.slice(0, -1), `${shown.at(-1)}  ${colour.dim(id)}`] : [...shown, `  ${colour.dim(id)}`]
}

function hanging(text: string, columns: number, indent: number): string {
  return wrap(text, columns - indent).replaceAll('\n', `\n${' '.repeat(indent)}`)
}

/** What is pasted is never broken. */
function isCommand(text: string): boolean {
  return /^(eso-bootstrap|kubectl|flux|op|git|https:\/\/)/.test(text)
}

/** The same reason once, with all that it hides. */
function renderNotSeen({ results }: Examination, style: Style): string[] {
  const byWhy = new Map<string, string[]>()
  for (const { check, notSeen } of results)
    for (const { why } of notSeen) byWhy.set(why, [...new Set([...(byWhy.get(why) ?? []), check.id])])
  return [...byWhy].map(([why, ids]) => style.colour.dim(`? ${hanging(`Not looked at: ${ids.join(', ')}. ${why}`, style.columns, 2)}`))
}

function verdictLine(examination: Examination, findings: readonly Told[], { colour }: Style): string {
  const number = (severity: Told['severity']) => findings.filter((each) => each.severity === severity).length
  const trueOnes = examination.results.filter(({ is }) => is === 'true').length
  switch (judge(examination).verdict) {
    case 'well':
      return colour.green(`✔ Nothing is wrong: ${plural(trueOnes, 'check')}.`)
    case 'partly':
      return colour.bold('Nothing is wrong with what could be looked at.')
    case 'warnings':
      return colour.yellow(`Nothing is broken; ${plural(number('warning'), 'warning')}.`)
    case 'unseen':
      return colour.red('✖ Nothing could be looked at.')
    case 'errors': {
      const warnings = number('warning') === 0 ? '' : ` and ${plural(number('warning'), 'warning')}`
      return colour.red(`${plural(number('error'), 'error')}${warnings}.`)
    }
  }
}

function moreLines(findings: readonly Told[], { colour }: Style): string[] {
  const [first] = findings
  return first === undefined ? [] : [colour.dim(`More on each: eso-bootstrap doctor --explain ${first.check.id}`)]
}

function signOf(severity: Told['severity']): string {
  return { error: '✖', warning: '!', advice: '·' }[severity]
}

function painted(severity: Told['severity'], { colour }: Pick<Style, 'colour'>) {
  return { error: colour.red, warning: colour.yellow, advice: colour.dim }[severity]
}

/** One check, for `--explain`. */
export function renderExplanation({ id, title, page: { symptom, cause, fix, sources }, needs }: Check, style: Style): string {
  const { colour, columns } = style
  const part = (name: string, text: string) => `${colour.bold(name)}\n${wrap(text, columns, '  ')}`
  return `${[
    `${colour.bold(id)}\n${wrap(`True where nothing is wrong: ${title}.`, columns, '  ')}`,
    part('How it shows', symptom),
    part('Why', cause),
    part('What to do', fix),
    ...(needs.length === 0 ? [] : [part('Skipped while one of these is wrong', needs.join(', '))]),
    `${colour.bold('Sources')}\n${[...sources, pageOf(id)].map((each) => `  ${each}`).join('\n')}`,
  ].join('\n\n')}\n`
}
