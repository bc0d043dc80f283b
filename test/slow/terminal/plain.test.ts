import { spawn } from 'node:child_process'
import { afterAll, beforeAll, describe, expect, inject, it, onTestFinished } from 'vitest'
import { bare, type Served, serve } from '../served.ts'
import { openTerminal, type TerminalOptions } from './terminal.ts'

let served: Served
beforeAll(async () => {
  served = await serve()
})
afterAll(() => served?.end())

const program = () => [process.execPath, inject('program')]
const everything = () => {
  const { DEMO_NEW_TOKEN: _, ...given } = served.exports
  return { ...given, ESO_BOOTSTRAP_GIT: 'push', ESO_BOOTSTRAP_YES: 'true' }
}

interface Ended {
  code: number | null
  bytes: string
}

async function inTerminal(args: readonly string[], env: Record<string, string>, options: Partial<TerminalOptions> = {}): Promise<Ended> {
  const terminal = openTerminal([...program(), ...args], { cwd: '/', env: bare('/nonexistent', env), ...options })
  const { code } = await terminal.ended
  return { code, bytes: terminal.bytes() }
}

function inPipe(args: readonly string[], env: Record<string, string>): Promise<Ended> {
  const [node = '', ...rest] = program()
  const child = spawn(node, [...rest, ...args], { cwd: '/', env: bare('/nonexistent', env), stdio: ['ignore', 'pipe', 'pipe'] })
  let bytes = ''
  for (const stream of [child.stdout, child.stderr])
    stream.on('data', (chunk) => {
      bytes += chunk
    })
  return new Promise((resolve) => child.once('close', (code) => resolve({ code, bytes })))
}

/** What moves a cursor, changes a colour, or draws a line anew; a terminal itself makes CR LF of every line's end. */
// biome-ignore lint/suspicious/noControlCharactersInRegex: they are what is looked for.
const control = /[\x00-\x08\x0b-\x1f\x7f\x9b]/
const escapes = ({ bytes }: Ended) => control.exec(bytes.replaceAll('\r\n', '\n'))?.[0]

const runs: [name: string, code: number, args: string[], env: () => Record<string, string>][] = [
  ['a run', 0, ['init'], everything],
  ['a run with --verbose', 0, ['init', '--verbose'], everything],
  ['a plan', 0, ['init', '--dry-run', '--no-input'], everything],
  ['a run that fails', 2, ['init', '--context', 'nowhere'], everything],
  ['a run with nothing given', 2, ['init', '--no-input'], () => ({})],
  ['a wrong option', 2, ['init', '--nope'], () => ({})],
  ['help', 0, ['init', '--help'], () => ({})],
  ['the demo', 0, ['demo'], () => ({})],
]

describe.each<[string, (args: string[], env: Record<string, string>) => Promise<Ended>]>([
  ['a terminal with NO_COLOR', (args, env) => inTerminal(args, { ...env, NO_COLOR: '1' })],
  ['a terminal with TERM=dumb', (args, env) => inTerminal(args, { ...env, TERM: 'dumb' })],
  ['a pipe', inPipe],
  ['a pipe with FORCE_COLOR', (args, env) => inPipe(args, { ...env, FORCE_COLOR: '3', CLICOLOR_FORCE: '1' })],
])('in %s', (_, start) => {
  it.each(runs)('%s has not one escape sequence', async (_, code, args, env) => {
    const ended = await start(args, env())
    expect(ended.code).toBe(code)
    expect(ended.bytes.length).toBeGreaterThan(40)
    expect(escapes(ended)).toBeUndefined()
  })
})

it('the demo says no command that is about a folder that is gone by then', async () => {
  const { code, bytes } = await inTerminal(['demo'], {})
  expect({ code, bytes }).toEqual({ code: 0, bytes: expect.stringContaining('To play with it yourself: eso-bootstrap demo --serve') })
  expect(bytes).not.toContain('The same, unattended')
})

it('a terminal without any of these has colours', async () => {
  expect(escapes(await inTerminal(['init'], everything()))).toBe('\x1b')
})

describe('with nobody to ask', () => {
  it.each<[string, Record<string, string>, Partial<TerminalOptions>]>([
    ['standard input is /dev/null', {}, { stdin: 'null' }],
    ['standard input is a pipe that never says anything', {}, { stdin: 'open' }],
    ['CI=true', { CI: 'true' }, {}],
    ['TERM=dumb', { TERM: 'dumb' }, {}],
  ])('%s: names what is missing, at once', async (_, env, options) => {
    const { KUBECONFIG, ESO_BOOTSTRAP_REPO } = served.exports
    const started = performance.now()
    const { code, bytes } = await inTerminal(['init'], { KUBECONFIG, ESO_BOOTSTRAP_REPO, ...env }, options)
    expect(code).toBe(2)
    expect(bytes).toContain('Nobody can be asked here, and 5 things are missing')
    // Far less than any deadline; how little exactly is measured elsewhere.
    expect(performance.now() - started).toBeLessThan(5_000)
  })
})

describe('a reader that goes', () => {
  const shell = (script: string, env: Record<string, string> = {}) =>
    new Promise<Ended>((resolve) => {
      const [node, path] = program()
      const child = spawn('bash', ['-c', `run() { '${node}' '${path}' "$@"; }\nset -o pipefail\n${script}`], {
        env: bare('/nonexistent', env),
        stdio: ['ignore', 'pipe', 'pipe'],
      })
      let bytes = ''
      for (const stream of [child.stdout, child.stderr])
        stream.on('data', (chunk) => {
          bytes += chunk
        })
      child.once('close', (code) => resolve({ code, bytes }))
    })

  it('of the help, as head does: ends without a word about it', async () => {
    expect(await shell('run init --help | head -n 1')).toEqual({ code: 0, bytes: 'Usage: eso-bootstrap init [options]\n' })
  })

  it('of a run: it is done all the same', async () => {
    const own = await serve()
    onTestFinished(async () => void (await own.end()))
    const { DEMO_NEW_TOKEN: _, ...given } = own.exports
    const { code, bytes } = await shell('run init --yes --git push 2>&1 | head -n 1', given)
    expect({ code, bytes }).toEqual({ code: 0, bytes: expect.stringMatching(/^ {2}cluster .*\n$/) })
    expect((await shell('run init --yes --git push', given)).bytes).toContain('Nothing to change')
  })
})
