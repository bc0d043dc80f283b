import { chmod, mkdir, mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { describe, expect, it, onTestFinished } from 'vitest'
import { otherNode } from '../slow/other-node.ts'
import { keys, openTerminal } from '../slow/terminal/terminal.ts'
import { through } from './network.ts'
import { type Installed, install, type Place } from './place.ts'

const proof = ['--verify-item', 'my-app-credentials/api-key']

/** From nothing but Flux to a value that came through, and once more: nothing to do. */
async function setsUp(at: Installed, exports: Record<string, string>): Promise<void> {
  const init = ['init', '--yes', '--git', 'push', '--context', 'sandbox', ...proof]
  const first = await at.run(init, exports)
  expect([first.code, first.stderr]).toEqual([0, expect.stringContaining('came through')])
  const again = await at.run(init.slice(0, -2), exports)
  expect([again.code, again.stdout + again.stderr]).toEqual([0, expect.stringMatching(/nothing to (do|change)/i)])
  const doctor = await at.run(['doctor'], exports)
  expect([doctor.code, doctor.stdout]).toEqual([0, expect.stringMatching(/Nothing is (wrong|broken)/)])
}

/** The first question in a real terminal, and Ctrl-C: the terminal is as it was. */
async function asksAndIsLeft(at: Installed, exports: Record<string, string>, columns = 80): Promise<void> {
  const { ESO_BOOTSTRAP_REPO = '', KUBECONFIG = '' } = exports
  const terminal = openTerminal([...at.command, 'init', '--context', 'sandbox'], {
    cwd: ESO_BOOTSTRAP_REPO,
    columns,
    env: { ...at.env, KUBECONFIG },
  })
  await terminal.asks('Credentials file:')
  terminal.type(keys.interrupt)
  expect(await terminal.ended).toEqual({ code: 130, signal: null, echo: true, canonical: true })
  expect(terminal.modes()).toEqual([])
}

async function isGood(place: Place, columns?: number): Promise<void> {
  const at = await install(place)
  const demo = await at.run(['demo'])
  expect([demo.code, demo.stderr + demo.stdout]).toEqual([0, expect.stringContaining('came through')])
  const exports = await at.serve()
  await asksAndIsLeft(at, exports, columns)
  await setsUp(at, exports)
}

describe('on Node', () => {
  it.each(['20', '22', '24', '26'])('%s', async (version) => isGood({ node: await otherNode(version) }))
})

describe('in a place', () => {
  it('of an ordinary user', () => isGood({ as: ['setpriv', '--reuid=65534', '--regid=65534', '--clear-groups'] }))

  it('without HOME', () => isGood({ env: { HOME: undefined } }))

  it('with a home that cannot be written', async () => {
    const home = await mkdtemp(join(tmpdir(), 'eso-bootstrap-home-'))
    onTestFinished(() => rm(home, { recursive: true, force: true }))
    await mkdir(join(home, '.config'))
    await chmod(home, 0o555)
    await isGood({ as: ['setpriv', '--reuid=65534', '--regid=65534', '--clear-groups'], env: { HOME: home } })
  })

  it('whose path has blanks and other letters', () => isGood({ folder: 'my åpps – für später' }))

  it('of 40 columns', () => isGood({}, 40))

  it.each([
    ['LANG=C', { LANG: 'C' }],
    ['LC_ALL=POSIX', { LC_ALL: 'POSIX' }],
    ['NO_COLOR', { NO_COLOR: '1' }],
  ])('with %s', (_, env) => isGood({ env }))

  it('with TERM=dumb nobody is asked, and no escape sequence is written', async () => {
    const at = await install({ env: { TERM: 'dumb' } })
    const exports = await at.serve()
    const { ESO_BOOTSTRAP_REPO = '', KUBECONFIG = '' } = exports
    const terminal = openTerminal([...at.command, 'init'], { cwd: ESO_BOOTSTRAP_REPO, env: { ...at.env, KUBECONFIG } })
    expect(await terminal.ended).toMatchObject({ code: 2 })
    expect(terminal.bytes()).not.toContain('\x1b')
    await setsUp(at, exports)
  })
})

describe('with an API server', () => {
  it('that is slow', async () => {
    const at = await install({})
    const exports = await at.serve()
    await setsUp(at, { ...exports, KUBECONFIG: (await through(exports['KUBECONFIG'] ?? '', { latency: 100 })).path })
  })

  it('whose connections break: what fails says so, and in the end all is set up', async () => {
    const at = await install({})
    const exports = await at.serve()
    const { path: KUBECONFIG, broken } = await through(exports['KUBECONFIG'] ?? '', { resets: 3 })
    const codes: number[] = []
    for (let nth = 0; nth < 6 && codes.at(-1) !== 0; nth++) {
      const { code, stderr } = await at.run(['init', '--yes', '--git', 'push', '--context', 'sandbox', ...proof], {
        ...exports,
        KUBECONFIG,
      })
      codes.push(code)
      if (code !== 0) expect(stderr).toMatch(/✖ .+\n[\s\S]*→ /)
    }
    expect(codes.filter((code) => ![0, 3, 4, 5, 6].includes(code))).toEqual([])
    expect(codes.at(-1)).toBe(0)
    expect(broken()).toBeGreaterThan(0)
    await setsUp(at, exports)
  })
})
