import { mkdtemp, readdir, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, inject, it, onTestFinished } from 'vitest'
import { bare, kubectl, type Served, serve } from '../served.ts'
import { answerAll, expectClean, guided, tokenOf, world } from './guided.ts'
import { keys, openTerminal, type Terminal } from './terminal.ts'

let served: Served
beforeAll(async () => {
  served = await serve()
})
afterAll(() => served.end())

const questions = ['Credentials file:', 'Connect access token:', 'Vaults:', 'Vault:', 'Changed files:', 'Proof:', 'Apply'] as const

/** Goes on until this question waits. */
async function upTo(question: (typeof questions)[number], terminal: Terminal): Promise<void> {
  const { ESO_BOOTSTRAP_VAULT } = served.exports
  const answers: Record<string, string> = {
    'Credentials file:': '../1password-credentials.json',
    'Connect access token:': await tokenOf(served),
    'Vault:': ESO_BOOTSTRAP_VAULT,
  }
  for (const each of questions.slice(0, questions.indexOf(question))) await terminal.answers(each, answers[each] ?? '')
  await terminal.asks(question)
}

describe.each(questions)('at %s', (question) => {
  it.each([
    ['Ctrl-C', (terminal: Terminal) => terminal.type(keys.interrupt), 130],
    ['SIGINT', (terminal: Terminal) => terminal.signal('SIGINT'), 130],
    ['SIGTERM', (terminal: Terminal) => terminal.signal('SIGTERM'), 143],
    ['Ctrl-D', (terminal: Terminal) => terminal.type(keys.endOfFile), 130],
  ] as const)('%s ends it, and nothing has changed', async (_, stop, code) => {
    const before = await world(served)
    const terminal = guided(served)
    await upTo(question, terminal)
    await stop(terminal)
    expect(await terminal.ended).toMatchObject({ code, signal: null })
    await expectClean(terminal, served)
    expect(terminal.text()).toContain('Interrupted.')
    expect(await world(served)).toEqual(before)
  })
})

it.each([
  ['SIGINT', 130],
  ['SIGTERM', 143],
] as const)('%s in the demo ends it, and nothing is left behind', async (signal, code) => {
  const temporary = await mkdtemp(join(tmpdir(), 'eso-bootstrap-demo-'))
  onTestFinished(() => rm(temporary, { recursive: true, force: true }))
  const terminal = openTerminal([process.execPath, inject('program'), 'demo'], {
    cwd: '/',
    env: bare('/nonexistent', { TMPDIR: temporary }),
  })
  await terminal.sees('onepassword-connect-secret created')
  await terminal.signal(signal)
  expect(await terminal.ended).toMatchObject({ code })
  expect(terminal.text()).not.toContain('Verified')
  expect(await readdir(temporary)).toEqual([])
})

describe('while it works', () => {
  const unattended = ({ DEMO_NEW_TOKEN: _, ...given }: Served['exports'] = served.exports) => {
    return openTerminal([process.execPath, inject('program'), 'init', '--yes', '--git', 'push', '--timeout', '20s'], {
      cwd: given.ESO_BOOTSTRAP_REPO,
      env: bare('/nonexistent', given),
    })
  }

  it('Ctrl-C during the looks ends it, and nothing has changed', async () => {
    const before = await world(served)
    const terminal = unattended()
    await terminal.sees('repository')
    terminal.type(keys.interrupt)
    expect(await terminal.ended).toMatchObject({ code: 130 })
    await expectClean(terminal, served)
    expect(await world(served)).toEqual(before)
  })

  it('Ctrl-C before the push takes back what was done', async () => {
    const before = await world(served)
    const terminal = guided(served)
    await answerAll(terminal, served)
    await terminal.asks('Apply')
    terminal.type('y\r')
    await terminal.sees('onepassword-connect-secret created')
    terminal.type(keys.interrupt)
    expect(await terminal.ended).toMatchObject({ code: 130 })
    await expectClean(terminal, served)
    expect(terminal.text()).toContain('Taken back: ')
    expect(await world(served)).toEqual(before)
  })

  it('a second Ctrl-C ends it at once, in the middle of taking back, and the next run goes on from there', async () => {
    const own = await serve()
    onTestFinished(async () => void (await own.end()))
    const terminal = guided(own)
    await answerAll(terminal, own)
    await terminal.asks('Apply')
    terminal.type('y\r')
    await terminal.sees('onepassword-connect-secret created')
    // A cluster that answers nothing any more: taking back can't end.
    process.kill(own.pid, 'SIGSTOP')
    terminal.type(keys.interrupt)
    await terminal.sees('^C')
    terminal.type(keys.interrupt)
    expect(await terminal.ended).toMatchObject({ code: 130 })
    expect(terminal.text()).toContain('Stopped at once, in the middle of taking back. Run the same command again')
    expect(terminal.broken()).toEqual([])
    process.kill(own.pid, 'SIGCONT')
    await expectClean(terminal, own)

    const locked = unattended(own.exports)
    expect(await locked.ended).toMatchObject({ code: 6 })
    // Instead of a minute.
    await kubectl(own, 'delete', 'lease', 'eso-bootstrap', '-n', 'external-secrets')
    const again = unattended(own.exports)
    expect(await again.ended).toMatchObject({ code: 0 })
  })

  it('Ctrl-C while it waits ends it, and says what stands', async () => {
    const own = await serve(['--scenario', 'slow-connect'])
    onTestFinished(async () => void (await own.end()))
    const terminal = unattended(own.exports)
    await terminal.sees('main pushed')
    await terminal.sees('waiting for')
    terminal.type(keys.interrupt)
    expect(await terminal.ended).toMatchObject({ code: 130 })
    expect(terminal.text()).toMatch(/Interrupted\.\n(.*\n)* {2}Done, and left as it is: (.*\n)*.*Run the same command again/)
    await expectClean(terminal, own)
  })

  it('Ctrl-C after the push says what stands, and the next run goes on from there', async () => {
    const terminal = guided(served)
    await answerAll(terminal, served)
    await terminal.asks('Apply')
    terminal.type('y\r')
    await terminal.sees('main pushed')
    terminal.type(keys.interrupt)
    expect(await terminal.ended).toMatchObject({ code: 130 })
    await expectClean(terminal, served)
    expect(terminal.text()).toContain('Done, and left as it is: ')

    const again = unattended()
    expect(await again.ended).toMatchObject({ code: 0 })
    await expectClean(again, served)
  })
})
