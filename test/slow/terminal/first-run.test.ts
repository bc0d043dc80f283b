import { execFile } from 'node:child_process'
import { promisify } from 'node:util'
import { afterEach, beforeEach, describe, expect, inject, it } from 'vitest'
import { bare, type Served, serve } from '../served.ts'
import { answerAll, expectClean, guided, tokenOf, world } from './guided.ts'
import { keys } from './terminal.ts'

const exec = promisify(execFile)
let served: Served

beforeEach(async () => {
  served = await serve()
})
afterEach(() => served.end())

describe.each([24, 50])('in a terminal of 80 columns and %i rows', (rows) => {
  it('asks, explains, shows the plan, asks once more, and proves it', async () => {
    const terminal = guided(served, [], { rows })
    await answerAll(terminal, served)
    await terminal.answers('Apply these 6 changes to sandbox?', 'y')
    expect(await terminal.ended).toMatchObject({ code: 0 })
    await expectClean(terminal, served)

    const lines = terminal.text().split('\n')
    expect(lines.filter((line) => line.length > 80)).toEqual([])
    expect(terminal.broken()).toEqual([])
    expect(unexplained(lines)).toEqual([])
    expect(terminal.text()).toContain('✔ Verified: a value from 1Password arrived in a Kubernetes Secret.')
  })
})

it('shows the cluster and the repository before it asks anything', async () => {
  const terminal = guided(served)
  await terminal.asks('Credentials file:')
  expect(terminal.text()).toMatch(/^ {2}cluster {5}sandbox {2}https:\/\/127\.0\.0\.1:\d+\n {2}repository {2}\S+\/repository {2}main\n/)
  terminal.type(keys.interrupt)
  await terminal.ended
})

it('never shows a token that is typed or pasted, also when it is asked to', async () => {
  const terminal = guided(served)
  await terminal.answers('Credentials file:', '../1password-credentials.json')
  await terminal.asks('Connect access token:')
  const token = await tokenOf(served)
  terminal.type(keys.reveal + token.slice(0, 200))
  terminal.type(keys.reveal + token.slice(200))
  terminal.type(keys.reveal + keys.enter)
  await terminal.asks('Vaults:')
  terminal.type(keys.interrupt)
  expect(await terminal.ended).toMatchObject({ code: 130 })
  await expectClean(terminal, served)
  expect(terminal.text()).not.toContain('eyJ')
})

it('changes nothing when the plan is declined', async () => {
  const before = await world(served)
  const terminal = guided(served)
  await answerAll(terminal, served)
  await terminal.answers('Apply these', '')
  expect(await terminal.ended).toMatchObject({ code: 130 })
  expect(terminal.text()).toContain('Nothing was changed.')
  expect(await world(served)).toEqual(before)
  await expectClean(terminal, served)
})

it('asks nothing but for what is kept on the second run, changes nothing, and says an unattended command that a shell runs', async () => {
  const first = guided(served)
  await answerAll(first, served)
  await first.answers('Apply these', 'y')
  expect(await first.ended).toMatchObject({ code: 0 })
  const after = await world(served)

  const second = guided(served)
  await second.asks('Credentials:')
  await second.sees('❯ keep what it holds')
  second.type(keys.enter)
  await second.answers('Token:', '')
  await second.asks('Vaults:')
  await second.sees('catalyst-eso  (named in the store now)')
  second.type(keys.space + keys.enter)
  await second.answers('Proof:', '')
  expect(await second.ended).toMatchObject({ code: 0 })
  expect(second.text()).toContain('✔ Nothing to change; configured, not verified.')
  expect(second.text()).not.toContain('Apply')
  expect(unexplained(second.text().split('\n'))).toEqual([])
  expect(second.broken()).toEqual([])
  await expectClean(second, served)
  expect(await world(served)).toEqual(after)

  const { ESO_BOOTSTRAP_TOKEN, ESO_BOOTSTRAP_REPO, KUBECONFIG } = served.exports
  const [, said = ''] = first.text().split('The same, unattended:\n')
  const command = said
    .replace("'op://<vault>/<item>/<field>'", ESO_BOOTSTRAP_TOKEN)
    .replace('eso-bootstrap', `${process.execPath} ${inject('program')}`)
  const again = await exec('sh', ['-c', command], { cwd: ESO_BOOTSTRAP_REPO, env: bare('/nonexistent', { KUBECONFIG }) })
  expect(again.stderr).not.toContain('✖')
  expect(again.stdout).toContain('Verified')
})

/** Questions without a line above them that says what is asked for. */
function unexplained(lines: readonly string[]): string[] {
  return lines.filter((line, at) => /^[?✔] (?!Apply|Verified|Nothing)/.test(line) && !/^ {2}\S.*[.:;]$/.test(lines[at - 1] ?? ''))
}
