import type { Problem, Unseen } from '../status/found.ts'
import { type Style, wrap } from './style.ts'

const titles: Record<Unseen['section'], string> = {
  cluster: 'the cluster',
  repository: 'the working tree',
  flux: 'Flux',
  operator: 'the operator',
  connect: 'Connect',
  stores: 'stores',
  tokens: 'tokens',
  externalSecrets: 'ExternalSecrets',
}

/** Each with its cause and one command: what could not be looked at, warnings, and last what is broken. */
export function renderProblems(problems: readonly Problem[], unseen: readonly Unseen[], style: Style): string[] {
  const { colour } = style
  const blind = grouped(unseen).map(([why, sections]) => hanging(colour.dim('?'), `Not looked at: ${sections}. ${why}`, style))
  return [
    ...blind,
    ...problems.flatMap(({ severity, about, why, fix }) => {
      const isBroken = severity === 'broken'
      const command = commandOf(fix)
      return [
        hanging(isBroken ? colour.red('✖') : colour.yellow('!'), about.join(', '), style, isBroken ? colour.red : colour.yellow),
        wrap(why, style.columns, '  '),
        ...(command === undefined ? [] : [`  ${colour.cyan('→')} ${command}`]),
      ]
    }),
  ]
}

/** A command of ours before others, and any before a sentence. */
export function commandOf(fix: readonly string[]): string | undefined {
  return fix.find((each) => each.startsWith('eso-bootstrap ')) ?? fix.find((each) => /^(kubectl|flux|op|git) /.test(each)) ?? fix[0]
}

/** The same reason once, with all that it hides. */
export function grouped(unseen: readonly Unseen[]): [why: string, sections: string][] {
  const byWhy = new Map<string, string[]>()
  for (const { why, section } of unseen) byWhy.set(why, [...(byWhy.get(why) ?? []), titles[section]])
  return [...byWhy].map(([why, sections]) => [why, [...new Set(sections)].join(', ')])
}

function hanging(sign: string, text: string, { columns }: Style, paint = (each: string) => each): string {
  const lines = wrap(text, columns - 2).split('\n')
  return `${sign} ${lines.map((line) => paint(line)).join('\n  ')}`
}
