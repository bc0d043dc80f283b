import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { isRead } from '../../../src/sandbox/api/requests.ts'
import { type Sandbox, startSandbox } from '../../../src/sandbox/sandbox.ts'
import { findCanary } from '../../canary.ts'
import { seedTree } from '../../sandbox/tree.ts'
import { run } from '../run.ts'
import { type Given, type Place, placeIn } from './place.ts'

let sandbox: Sandbox
beforeAll(async () => {
  sandbox = await startSandbox({ files: seedTree(), env: process.env })
})
afterAll(() => sandbox.close())

interface Step {
  id: string
  state: string
  changes: { what: string; note?: string }[]
}

/** Plans with what looks wrong and isn't: what the steps say, having changed nothing. */
async function planned(make: (at: Place) => Promise<Given | undefined> | Given): Promise<(id: string) => Step | undefined> {
  const at = await placeIn(sandbox)
  try {
    const given = (await make(at)) ?? {}
    const before = await at.snapshot()
    const flags = { ...given.flags, 'dry-run': true, output: 'json' } as const
    const { code, json, stdout, stderr } = await run(at.commandLine({ ...given, flags }), at.options(given))
    expect({ code, errors: json().errors }).toEqual({ code: 0, errors: [] })
    expect(findCanary(stdout + stderr, at.secrets())).toEqual([])
    expect(await at.snapshot()).toEqual(before)
    expect(sandbox.api.log.filter((request) => !isRead(request))).toEqual([])
    return (id) => (json()['steps'] as Step[]).find((step) => step.id === id)
  } finally {
    await at.restore()
  }
}

const base64 = (text: string) => Buffer.from(text).toString('base64')

test.each([
  ['base64', base64, 'The credentials were given as base64; they were decoded.'],
  [
    'base64 of base64',
    (text: string) => base64(base64(text)),
    'The credentials were given as base64 of base64, as in the data of a Secret; they were decoded twice.',
  ],
])('credentials as %s: taken, with a word about it', async (_, encode, note) => {
  const step = await planned(async (at) => ({ flags: { credentials: await at.file('credentials', encode(at.secrets()[0] ?? '')) } }))
  expect(step('credentials')?.changes[0]?.note).toContain(note)
})

test('credentials and a token as the old script took them from its environment', async () => {
  const step = await planned((at) => ({
    flags: { credentials: undefined, token: undefined },
    env: { OP_CREDENTIALS_FILE: sandbox.credentialsPath, OP_CONNECT_TOKEN: at.secrets()[1] },
  }))
  expect(step('token')).toMatchObject({ state: 'pending' })
  expect(step('token')?.changes[0]?.note).toContain('OP_CONNECT_TOKEN: other programs of yours can see it; a file or op:// is safer.')
})

test('op is asked for its account, not for Connect: OP_CONNECT_* and OP_SESSION are not handed on', async () => {
  let told = ''
  await planned(async (at) => {
    told = join(sandbox.folder, 'op-environment')
    const env = await at.program('op', `env > '${told}'; cat '${sandbox.credentialsPath}'`)
    const mine = { OP_CONNECT_TOKEN: at.secrets()[1], OP_CONNECT_HOST: 'http://connect:8080', OP_SESSION: 'stale', OP_ACCOUNT: 'my' }
    return { flags: { credentials: 'op://ops/connect/file', token: undefined }, env: { ...env, ...mine } }
  })
  const environment = await readFile(told, 'utf8')
  expect(environment).toMatch(/^OP_ACCOUNT=my$/m)
  expect(environment).not.toMatch(/^(OP_CONNECT_|OP_SESSION)/m)
})

test('a token with a last line break, from standard input', async () => {
  const step = await planned((at) => ({ flags: { token: '-' }, stdin: `${at.secrets()[1]}\n` }))
  expect(step('token')?.changes[0]?.note).toContain('White space around the token was removed.')
})

test('an entry that is live and commented out as well: nothing to do for it', async () => {
  const list = 'infrastructure/base/external-secrets/kustomization.yaml'
  const step = await planned(async (at) => {
    await at.commit({ [list]: `${await at.read(list)}  - onepassword-connect\n  - secretstores\n` })
    return undefined
  })
  expect(step('components')).toMatchObject({ state: 'already', changes: [] })
})

test('credentials in the working tree that git ignores', async () => {
  await planned(async (at) => {
    await at.commit({ '.gitignore': '1password-credentials.json\n' })
    await at.edit({ '1password-credentials.json': at.secrets()[0] ?? '' })
    return { flags: { credentials: '1password-credentials.json' } }
  })
})

test('somebody’s work in a file that is not ours', async () => {
  await planned(async (at) => {
    await at.edit({ 'README.md': 'Not committed yet.\n' })
    return undefined
  })
})
