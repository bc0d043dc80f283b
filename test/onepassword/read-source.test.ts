import { execFileSync } from 'node:child_process'
import { chmod, mkdir, mkdtemp, open, rm, truncate, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { readSource, type SourcePorts } from '../../src/onepassword/read-source.ts'
import type { Source } from '../../src/onepassword/source.ts'
import { Secret } from '../../src/secret.ts'
import { findCanary, makeCredentials, makeToken } from '../canary.ts'
import { failureOf } from './failure-of.ts'

const token = makeToken()
const credentials = makeCredentials()
let folder = ''

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'read-source-'))
  await mkdir(join(folder, 'folder'))
  await writeFile(join(folder, 'credentials.json'), credentials, { mode: 0o600 })
  await writeFile(join(folder, 'open.json'), credentials)
  await chmod(join(folder, 'open.json'), 0o644)
  await writeFile(join(folder, 'empty'), '', { mode: 0o600 })
  await writeFile(join(folder, 'utf-16'), Buffer.from(`\uFEFF${token}`, 'utf16le'), { mode: 0o600 })
  await writeFile(join(folder, 'nul'), `${token}\0`, { mode: 0o600 })
  await writeFile(join(folder, 'latin-1'), Buffer.concat([Buffer.from(token), Buffer.from([0xe9])]), { mode: 0o600 })
  await writeFile(join(folder, 'large'), '', { mode: 0o600 })
  await truncate(join(folder, 'large'), 50 * 1024 * 1024)
})
afterAll(() => rm(folder, { recursive: true }))

const at = (more: Partial<SourcePorts> = {}): SourcePorts => ({
  cwd: folder,
  env: { HOME: folder, TOKEN: token },
  stdin: async () => token,
  op: { read: async () => new Secret(token) },
  ...more,
})
const file = (path: string): Source => ({ kind: 'file', path })

describe('readSource', () => {
  it('reads a file, also from the home folder', async () => {
    for (const path of ['credentials.json', './credentials.json', join(folder, 'credentials.json'), '~/credentials.json']) {
      const { secret, notes } = await readSource(file(path), at(), 'credentials')
      expect(secret.reveal()).toBe(credentials)
      expect(notes).toEqual([])
    }
  })

  it('says that others can read the file', async () => {
    const { secret, notes } = await readSource(file('open.json'), at(), 'credentials')
    expect(secret.reveal()).toBe(credentials)
    expect(notes).toEqual(['Other users of this machine can read open.json: chmod 600 open.json'])
  })

  it('reads what a shell hands over as a pipe', async () => {
    const pipe = join(folder, 'pipe')
    execFileSync('mkfifo', [pipe])
    const [{ secret, notes }] = await Promise.all([readSource(file(pipe), at(), 'credentials'), writeFile(pipe, credentials)])
    expect(secret.reveal()).toBe(credentials)
    expect(notes).toEqual([])
  })

  it('reads standard input, a variable, op and a prompt', async () => {
    const sources: Source[] = [
      { kind: 'stdin' },
      { kind: 'env', name: 'TOKEN' },
      { kind: 'op', reference: 'op://v/i/f' },
      { kind: 'given', secret: new Secret(token), said: 'typed in' },
    ]
    for (const source of sources) expect((await readSource(source, at(), 'token')).secret.reveal()).toBe(token)
  })

  it('warns about a variable, because other programs can see it', async () => {
    expect((await readSource({ kind: 'env', name: 'TOKEN' }, at(), 'token')).notes).toEqual([
      'TOKEN: other programs of yours can see it; a file or op:// is safer.',
    ])
  })

  it('leaves what is empty to the check that says what is wanted there', async () => {
    expect((await readSource(file('empty'), at(), 'token')).secret.bytes).toBe(0)
  })

  it('stops when it was told to before it began', async () => {
    const reason = new Error('stopped')
    await expect(readSource({ kind: 'stdin' }, at({ signal: AbortSignal.abort(reason) }), 'token')).rejects.toBe(reason)
  })
})

describe('what cannot be read', () => {
  const endless = async () => 'x'.repeat(1024 * 1024 + 1)
  const rows: [string, string, Source, Partial<SourcePorts>][] = [
    ['a file that is not there', 'credentials-missing', file('nowhere.json'), {}],
    ['a file below a file', 'credentials-missing', file('credentials.json/x'), {}],
    ['a folder', 'credentials-is-folder', file('folder'), {}],
    ['a name that is too long for a file', 'credentials-unreadable', file('x'.repeat(300)), {}],
    ['a file of 50 MB', 'credentials-too-large', file('large'), {}],
    ['an endless device', 'credentials-too-large', file('/dev/zero'), {}],
    ['too much on standard input', 'credentials-too-large', { kind: 'stdin' }, { stdin: endless }],
    ['UTF-16', 'credentials-not-text', file('utf-16'), {}],
    ['NUL bytes', 'credentials-not-text', file('nul'), {}],
    ['no UTF-8', 'credentials-not-text', file('latin-1'), {}],
    ['NUL bytes on standard input', 'credentials-not-text', { kind: 'stdin' }, { stdin: async () => `${token}\0` }],
    ['a variable that is not set', 'credentials-variable-unset', { kind: 'env', name: 'NOTHING' }, {}],
  ]
  it.each(rows)('%s: %s', async (_, id, source, ports) => {
    const failure = await failureOf(() => readSource(source, at(ports), 'credentials'))
    expect(failure).toMatchObject({ id, exit: 'usage' })
    expect(findCanary(`${failure.stack}${failure.why}${failure.fix}`, [token, credentials])).toEqual([])
  })

  it('a file without permission: token-unreadable', async () => {
    const path = join(folder, 'locked')
    await (await open(path, 'w', 0o000)).close()
    // Root may read everything: while the file is opened, this process is nobody.
    const isRoot = process.geteuid?.() === 0
    if (isRoot) process.seteuid?.(65534)
    try {
      expect(await failureOf(() => readSource(file(path), at(), 'token'))).toMatchObject({
        id: 'token-unreadable',
        message: `The file ${path} cannot be read (EACCES).`,
        fix: [`ls -l ${path}`],
      })
    } finally {
      if (isRoot) process.seteuid?.(0)
    }
  })
})
