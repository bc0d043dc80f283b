import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, it, vi } from 'vitest'
import { findCanary, makeCredentials, makeToken } from '../../canary.ts'
import { type Served, serve } from '../served.ts'
import { expectClean, guided } from './guided.ts'
import { keys, type Terminal } from './terminal.ts'

let served: Served
let folder: string

beforeAll(async () => {
  served = await serve()
  folder = await mkdtemp(join(tmpdir(), 'eso-bootstrap-answers-'))
})
afterAll(async () => {
  await served.end()
  await rm(folder, { recursive: true, force: true })
})

/** Gives a wrong answer, waits for the reason, and takes the answer away again. */
async function refused(terminal: Terminal, answer: string, reason: string): Promise<void> {
  terminal.type(answer + keys.enter)
  await terminal.sees(reason)
  terminal.type(keys.erase)
  // The next answer may be refused for the same reason: it must not be seen too early.
  await vi.waitUntil(() => !terminal.text().includes(reason), { timeout: 10_000, interval: 5 })
}

it('says what is wrong with a credentials file, and asks again', async () => {
  const credentials = makeCredentials()
  await writeFile(join(folder, 'empty'), '')
  await writeFile(join(folder, 'token'), makeToken())
  await writeFile(join(folder, 'words'), 'not JSON')
  const terminal = guided(served, [], { rows: 50 })
  await terminal.asks('Credentials file:')
  await refused(terminal, '/nonexistent/1password-credentials.json', 'There is no file')
  await refused(terminal, folder, 'is a folder')
  await refused(terminal, join(folder, 'empty'), 'are empty')
  await refused(terminal, join(folder, 'token'), 'A token was given')
  await refused(terminal, join(folder, 'words'), 'not JSON')
  await refused(terminal, '', 'empty')
  await refused(terminal, '-', 'Here it is a file')
  await refused(terminal, 'env:CONNECT_CREDENTIALS', 'Here it is a file')
  await terminal.answers('Credentials file:', '../1password-credentials.json')
  await terminal.asks('Connect access token:')
  terminal.type(keys.interrupt)
  expect(await terminal.ended).toMatchObject({ code: 130 })
  await expectClean(terminal, served)
  expect(terminal.broken()).toEqual([])
  expect(findCanary(terminal.bytes(), [credentials])).toEqual([])
})

it('says what is wrong with a token, and asks again', async () => {
  const expired = makeToken({ issuedAt: new Date(0) })
  const terminal = guided(served, [], { rows: 50 })
  await terminal.answers('Credentials file:', '../1password-credentials.json')
  await terminal.asks('Connect access token:')
  await refused(terminal, expired, 'expired')
  await refused(terminal, makeToken().split('.')[0] ?? '', 'first')
  await refused(
    terminal,
    `ops_${Buffer.from(JSON.stringify({ signInAddress: 'example.com' })).toString('base64url')}`,
    'service-account token',
  )
  await refused(terminal, '', 'empty')
  await terminal.answers('Connect access token:', served.exports.ESO_BOOTSTRAP_TOKEN)
  await terminal.asks('Vaults:')
  terminal.type(keys.interrupt)
  expect(await terminal.ended).toMatchObject({ code: 130 })
  await expectClean(terminal, served)
})
