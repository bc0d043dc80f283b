import { chmod, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { Failure } from '../../src/failure.ts'
import { json, refuse, serve, type TestServer } from './server.ts'

let folder: string
let server: TestServer
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'plugin-'))
  server = await serve((_, response) => json(response, { gitVersion: 'v1.34.1' }))
})
afterEach(async () => {
  await server.close()
  await rm(folder, { recursive: true, force: true })
})

const env = { PATH: '/usr/bin:/bin' }

async function plugin(script: string): Promise<string> {
  const file = join(folder, 'login')
  await writeFile(file, `#!/bin/sh\n${script}\n`)
  await chmod(file, 0o755)
  return file
}

const credential = (status: object) => `echo '${JSON.stringify({ kind: 'ExecCredential', status })}'`
const user = (command: string, more: object = {}) => ({ exec: { apiVersion: 'client.authentication.k8s.io/v1', command, ...more } })

async function failureWith(script: string, more: { execDeadline?: number } = {}): Promise<Failure> {
  const cluster = await server.connect({ user: user(await plugin(script)), env, ...more })
  const failure = await cluster.version().catch((error: unknown) => error)
  if (!(failure instanceof Failure)) throw failure
  expect(JSON.stringify([failure.message, failure.why, failure.fix, failure.stack])).not.toContain('canary')
  return failure
}

describe('a credential plugin', () => {
  it('signs every call, runs once, and is told what kubectl would tell it', async () => {
    const script = `echo "$KUBERNETES_EXEC_INFO $OWN $1" >> ${folder}/runs; ${credential({ token: 'from-plugin' })}`
    const more = { args: ['get-token'], env: [{ name: 'OWN', value: 'set' }] }
    const cluster = await server.connect({ user: user(await plugin(script), more), env })
    await Promise.all([cluster.version(), cluster.version(), cluster.version()])
    expect(server.requests.map(({ headers }) => headers.authorization)).toEqual(Array(3).fill('Bearer from-plugin'))
    const info = { apiVersion: 'client.authentication.k8s.io/v1', kind: 'ExecCredential', spec: { interactive: false } }
    expect(await readFile(join(folder, 'runs'), 'utf8')).toBe(`${JSON.stringify(info)} set get-token\n`)
  })

  it('gets no secret of ours in its environment', async () => {
    const script = `env > ${folder}/env; ${credential({ token: 'x' })}`
    const secrets = { OP_CONNECT_TOKEN: 'canary-3f9a', ESO_BOOTSTRAP_TOKEN: 'canary-3f9a', OP_SESSION: 'canary-3f9a' }
    await (await server.connect({ user: user(await plugin(script)), env: { ...env, ...secrets, AWS_PROFILE: 'home' } })).version()
    const seen = await readFile(join(folder, 'env'), 'utf8')
    expect(seen).not.toContain('canary')
    expect(seen).toContain('AWS_PROFILE=home')
  })

  it('is run again when its credential has expired, or is refused', async () => {
    const script = (status: string) =>
      `n=$(cat ${folder}/n 2>/dev/null || echo 0); n=$((n+1)); echo $n > ${folder}/n; echo '{"status":{"token":"t'$n'"${status}}}'`
    const expired = await server.connect({ user: user(await plugin(script(',"expirationTimestamp":"2020-01-01T00:00:00Z"'))), env })
    await expired.version()
    await expired.version()
    const tokens = () => server.requests.map(({ headers }) => headers.authorization?.replace('Bearer ', ''))
    expect(new Set(tokens()).size).toBe(2)

    const strict = await serve(({ headers }, response) =>
      headers.authorization === 'Bearer t9' ? json(response, { gitVersion: 'v1' }) : refuse(response, 401, 'Unauthorized'),
    )
    await writeFile(join(folder, 'n'), '7')
    const refused = await strict.connect({ user: user(await plugin(script(''))), env })
    expect(await refused.version()).toBe('v1')
    expect(strict.requests).toHaveLength(2)
    await strict.close()
  })

  it('that is missing is told with its own hint', async () => {
    const cluster = await server.connect({ user: user('no-such-login', { installHint: 'brew install no-such-login' }), env })
    expect(await cluster.version().catch((error) => error)).toMatchObject({
      id: 'exec-plugin-missing',
      exit: 'refused',
      fix: ['brew install no-such-login'],
    })
  })

  it('that fails is told by its exit code, never by its words', async () => {
    const failure = await failureWith('echo canary-3f9a; echo canary-3f9a >&2; exit 3')
    expect(failure).toMatchObject({ id: 'exec-plugin-failed', exit: 'refused', message: expect.stringContaining('exit code 3') })
  })

  it.each(['echo canary-3f9a', credential({}), credential({ token: 'canary-3f9a\\nrest' }), credential({ clientCertificateData: 'only' })])(
    'that answers nonsense: %s',
    async (script) => {
      expect(await failureWith(script)).toMatchObject({ id: 'exec-plugin-answer' })
    },
  )

  it('that hangs is given up, and its children with it', async () => {
    const started = Date.now()
    expect(await failureWith('sleep 60', { execDeadline: 200 })).toMatchObject({ id: 'exec-plugin-hangs' })
    expect(Date.now() - started).toBeLessThan(2_000)
  })
})
