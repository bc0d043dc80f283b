import type { Plan, PlannedStep } from '../engine/plan.ts'
import type { Change } from '../engine/step.ts'
import { renderDiff } from './diff.ts'
import { type Style, wrap } from './style.ts'

/** The plan for a person: what holds already, what would change with the diffs, what is left out. */
export function renderPlan(plan: Plan, style: Style): string {
  const lines = plan.steps.flatMap((step) => renderStep(step, style))
  return `${lines.join('\n')}\n`
}

function renderStep(step: PlannedStep, style: Style): string[] {
  const { colour } = style
  switch (step.state) {
    case 'already':
      return [item(colour.green('✔'), step.says, style), ...notes(step, style)]
    case 'skipped':
      return [item(colour.dim('–'), step.says, style)]
    case 'blocked':
      return []
    case 'pending':
      return [...step.changes.flatMap((change) => renderChange(change, style)), ...(step.changes.length > 0 ? notes(step, style) : [])]
  }
}

function renderChange({ action, what, note, diff }: Change, style: Style): string[] {
  const { colour } = style
  const sign = { create: colour.green('+'), update: colour.yellow('~'), delete: colour.red('-'), act: colour.cyan('▸') }[action]
  const lines = [item(sign, what, style)]
  if (note) lines.push(colour.dim(wrap(note, style.columns, '      ')))
  if (diff !== undefined) lines.push(...renderDiff(diff, style))
  return lines
}

function notes({ notes }: PlannedStep, style: Style): string[] {
  return notes.map((note) => style.colour.dim(wrap(note, style.columns, '      ')))
}

function item(sign: string, text: string, { columns }: Style): string {
  return `  ${sign} ${wrap(text, columns - 4).replaceAll('\n', '\n    ')}`
}
