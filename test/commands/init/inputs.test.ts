import { readFile, writeFile } from 'node:fs/promises'
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest'
import { kinds } from '../../../src/sandbox/kinds.ts'
import { findCanary } from '../../canary.ts'
import { secretValue } from '../../sandbox/bootstrap.ts'
import type { RunOptions } from '../run.ts'
import { reportIn } from './schema.ts'
import { type Flags, openStage, type Stage } from './stage.ts'
import { storesFile } from './trees.ts'

const base64 = (text: string) => Buffer.from(text).toString('base64')

describe('where credentials and token come from', () => {
  let stage: Stage
  let credentials: string
  let token: string
  beforeAll(async () => {
    stage = await openStage()
    credentials = await readFile(stage.sandbox.credentialsPath, 'utf8')
    token = await readFile(stage.sandbox.tokenPath, 'utf8')
    await stage.program('git', `env >> '${stage.sandbox.folder}/children'\nPATH="${process.env['PATH']}" exec git "$@"`)
  })
  afterAll(() => stage?.close())
  afterEach(async () => {
    for (const name of ['onepassword-connect-secret', 'onepassword-connect-token'])
      stage.sandbox.api.store.remove(kinds.secret, 'external-secrets', name)
    await stage.git('checkout', '--quiet', '.')
  })

  const rows: [string, () => Promise<[Flags, RunOptions?]>][] = [
    ['standard input', async () => [{ credentials: '-' }, { stdin: credentials }]],
    ['standard input, for the token', async () => [{ token: '-' }, { stdin: `${token}\n` }]],
    [
      'environment variables',
      async () => [{ credentials: 'env:CREDS', token: 'env:TOKEN' }, { env: { CREDS: credentials, TOKEN: token } }],
    ],
    [
      'the names that the old script read',
      async () => [
        { credentials: undefined, token: undefined },
        { env: { OP_CREDENTIALS_FILE: stage.sandbox.credentialsPath, OP_CONNECT_TOKEN: token } },
      ],
    ],
    [
      'ESO_BOOTSTRAP_*',
      async () => [
        { credentials: undefined, token: undefined, vault: undefined, git: undefined },
        {
          env: {
            ESO_BOOTSTRAP_CREDENTIALS: stage.sandbox.credentialsPath,
            ESO_BOOTSTRAP_TOKEN: stage.sandbox.tokenPath,
            ESO_BOOTSTRAP_VAULT: 'catalyst-eso',
            ESO_BOOTSTRAP_GIT: 'none',
          },
        },
      ],
    ],
    [
      '1Password, by its own command',
      async () => {
        const line = `case "$*" in *op://ops/connect/file*) exec cat '${stage.sandbox.credentialsPath}';; *op://ops/connect/token*) exec cat '${stage.sandbox.tokenPath}';; esac; exit 1`
        await stage.program('op', line)
        return [{ credentials: 'op://ops/connect/file', token: 'op://ops/connect/token' }]
      },
    ],
    [
      'a file that is base64 already',
      async () => {
        await writeFile(`${stage.sandbox.folder}/b64`, base64(credentials), { mode: 0o600 })
        return [{ credentials: `${stage.sandbox.folder}/b64` }]
      },
    ],
    [
      'a file that is base64 twice, and wrapped',
      async () => {
        await writeFile(`${stage.sandbox.folder}/b64b64`, base64(base64(credentials)).replace(/.{76}/g, '$&\n'), { mode: 0o600 })
        return [{ credentials: `${stage.sandbox.folder}/b64b64` }]
      },
    ],
  ]

  test.each(rows)('%s', async (_, given) => {
    const [flags, options] = await given()
    const ended = await stage.init({ git: 'none', 'no-reconcile': true, output: 'json', ...flags }, options)
    expect(reportIn(ended)).toMatchObject({ exitCode: 0, errors: [] })
    const stored = secretValue(stage.sandbox, 'onepassword-connect-secret', '1password-credentials.json') ?? ''
    expect(Buffer.from(stored, 'base64').toString()).toBe(credentials)
    expect(secretValue(stage.sandbox, 'onepassword-connect-token', 'token')).toBe(token)
    const children = await readFile(`${stage.sandbox.folder}/children`, 'utf8')
    expect(findCanary(ended.stdout + ended.stderr + children, [credentials, token])).toEqual([])
  })

  test('input that had to be put right is spoken of', async () => {
    await writeFile(`${stage.sandbox.folder}/b64`, base64(credentials), { mode: 0o600 })
    const report = reportIn(await stage.init({ 'dry-run': true, credentials: `${stage.sandbox.folder}/b64`, output: 'json' }))
    expect(report.steps.find(({ id }) => id === 'credentials')?.changes[0]?.note).toMatch(/base64/i)
    const plain = reportIn(await stage.init({ 'dry-run': true, output: 'json' }))
    expect(plain.steps.find(({ id }) => id === 'credentials')?.changes[0]?.note).not.toMatch(/was base64|already base64/i)
  })
})

describe('vaults', () => {
  let stage: Stage
  beforeAll(async () => {
    stage = await openStage()
  })
  afterAll(() => stage?.close())
  afterEach(() => stage.git('checkout', '--quiet', '.'))

  test.each([
    ['in the order in which they are given', ['b-vault', 'a-vault'], ['b-vault: 1', 'a-vault: 2']],
    ['in the order that is said', ['late=7', 'early=3'], ['early: 3', 'late: 7']],
    ['by id, in small letters', ['ABCDEFGHIJKLMNOPQRSTUVWXY2'], ['abcdefghijklmnopqrstuvwxy2: 1']],
    ['quoted where YAML needs it', ['yes', '007'], ['"yes": 1', '"007": 2']],
  ])('%s', async (_, vault, lines) => {
    expect(await stage.init({ vault, offline: true, git: undefined })).toMatchObject({ code: 0 })
    const text = await readFile(`${stage.sandbox.repository}/${storesFile}`, 'utf8')
    const written = [...text.matchAll(/vaults:\n((?: {8}\S.*\n)+)/g)].map(([, block = '']) =>
      block
        .trimEnd()
        .split('\n')
        .map((line) => line.trim().replace(/ #.*/, '').replaceAll("'", '"'))
        .sort((a, b) => Number(a.split(': ')[1]) - Number(b.split(': ')[1])),
    )
    expect(written).toEqual([lines, lines])
  })
})
