import { describe, expect, it } from 'vitest'
import { parse } from 'yaml'
import { shells } from '../../src/command-table.ts'
import { parseDoctor } from '../../src/doctor-inputs.ts'
import { Failure } from '../../src/failure.ts'
import { parseInputs } from '../../src/inputs.ts'
import { type CommandName, type Option, optionsOf } from '../../src/options.ts'
import type { RawOptions } from '../../src/raw-options.ts'
import { parseRotation } from '../../src/rotation-inputs.ts'
import { parseStatus } from '../../src/status-inputs.ts'
import { parseVerify } from '../../src/verify-inputs.ts'
import { type Block, blocks, pages, read } from './markdown.ts'

interface CommandLine {
  where: string
  words: string[]
}

/** Stands for what the reader fills in: `<vault>`, `‹flag›`, `…`. */
const filledIn = 'FILLED-IN'

/** The words of a simple command, as far as docs use the shell: quotes, and what ends a command or stands behind it. */
function wordsOf(text: string): string[] {
  const filled = text.replace(/<[^<>]+>|‹[^‹›]+›|…/g, filledIn)
  const [command = ''] = filled.split(/\s[|&;<>(#]|\s{2,}|[;)](?=\s|$)/)
  return [...command.matchAll(/(?:[^\s"']|"[^"]*"|'[^']*')+/g)].map(([word]) => word.replace(/["']/g, ''))
}

/** The commands of ours in a text, each at the beginning of a line or behind a prompt, an arrow or `npx`. */
function commandLines(text: string, where: string): CommandLine[] {
  const joined = text.replace(/\s*\\\n\s*/g, ' ')
  const ours = /^\s*(?:- run: )?(?:[$→] )?(?:npx (?:--yes )?|node bin\/)?eso-bootstrap(?:\.js)? +([^\n]+)/gm
  return [...joined.matchAll(ours)].map(([, rest = '']) => ({ where, words: wordsOf(rest) }))
}

function runIn(block: Block): string {
  if (block.language !== 'yaml' || !block.text.includes('run:')) return block.text
  const { jobs = {} } = parse(block.text) as { jobs?: Record<string, { steps: { run?: string }[] }> }
  return Object.values(jobs)
    .flatMap(({ steps }) => steps.map(({ run = '' }) => run))
    .join('\n')
}

const all = pages.flatMap((page) => [
  ...blocks(read(page)).flatMap((block) => commandLines(runIn(block), `${page}:${block.line}`)),
  ...[
    ...read(page)
      .replace(/^( *)```.*?^\1```$/gms, '')
      .matchAll(/`([^`\n]+)`/g),
  ].flatMap(([, text = '']) => commandLines(text, page)),
])

/** What is wrong with a command line: an unknown command or option, a value that is missing, too much, or not one of the choices. */
function flaw(words: readonly string[]): string | undefined {
  const [first = '', ...rest] = words
  const command = first === filledIn ? 'init' : first
  if (/^(-h|--help|-V|--version)$/.test(command)) return undefined
  if (command === 'completion') return (shells as readonly string[]).includes(rest.join(' ')) ? undefined : 'there is no such shell'
  if (!isCommand(command)) return `there is no command ${command}`
  const raw: Record<string, string | string[] | true> = {}
  const known = optionsOf(command) as readonly Option[]
  for (let word = rest.shift(); word !== undefined; word = rest.shift()) {
    if (word === filledIn || word === '--help') continue
    const [name = '', own] = word.split(/=(.*)/s)
    const option = known.find(({ flag, short }) => name === `--${flag}` || name === `-${short}`)
    if (option === undefined) return `${command} knows no ${name}`
    if (option.value === undefined) {
      if (own !== undefined) return `${name} takes no value`
      raw[option.flag] = true
      continue
    }
    const value = own ?? rest.shift()
    if (value === undefined || value.startsWith('--')) return `${name} needs a value`
    if (option.choices !== undefined && !option.choices.includes(value)) return `${name} can't be ${value}`
    if (value !== filledIn && !value.startsWith('$'))
      raw[option.flag] = option.many ? [...((raw[option.flag] as string[] | undefined) ?? []), value] : value
  }
  return command === 'demo' ? undefined : refusal(command, raw)
}

function isCommand(word: string): word is CommandName {
  return optionsOf(word as CommandName).length > 0
}

function refusal(command: Exclude<CommandName, 'demo'>, raw: RawOptions): string | undefined {
  try {
    const at = { env: {}, cwd: '/' }
    if (command === 'init') parseInputs(raw, at)
    else if (command === 'status') parseStatus(raw, at)
    else if (command === 'verify') parseVerify(raw, at)
    else if (command === 'doctor') parseDoctor(raw, at)
    else parseRotation(command, raw, at)
    return undefined
  } catch (error) {
    if (error instanceof Failure) return error.message
    throw error
  }
}

describe('command lines in docs', () => {
  it('are understood', () => {
    expect(all.length).toBeGreaterThan(60)
    expect(all.flatMap(({ where, words }) => (flaw(words) === undefined ? [] : `${where}: ${words.join(' ')}: ${flaw(words)}`))).toEqual([])
  })

  it.each([
    'explode',
    'init --nothing',
    'init --git maybe',
    'init --vault',
    'init --yes=1',
    'init --timeout soon',
    'demo --vault x',
    'init stray',
  ])('eso-bootstrap %s would be noticed', (line) => {
    expect(flaw(line.split(' '))).toBeDefined()
  })

  it.each([
    ['npx --yes eso-bootstrap init --yes \\\n  --vault a | jq .', ['init', '--yes', '--vault', 'a']],
    ['$ eso-bootstrap init --token env:T   (then wait)', ['init', '--token', 'env:T']],
    ["eso-bootstrap init --vault 'two words' # why", ['init', '--vault', 'two words']],
    ['  → eso-bootstrap init --vault <vault> --git push (waits)', ['init', '--vault', filledIn, '--git', 'push']],
    ['eso-bootstrap demo --serve | tee file', ['demo', '--serve']],
    ['eso-bootstrap explode', ['explode']],
  ])('are found in %s', (text, words) => {
    expect(commandLines(text, '').map((each) => each.words)).toEqual([words])
  })
})
