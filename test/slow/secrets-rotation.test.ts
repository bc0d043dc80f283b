import { readdir, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { describe, expect, inject, it, onTestFinished } from 'vitest'
import { createConnectAccess } from '../../src/sandbox/connect/identity.ts'
import { onRequest } from '../commands/init/trip.ts'
import { openRotation } from '../commands/rotate/stage.ts'
import { startOpStandIn, wrong } from '../op-stand-in.ts'
import { secretValue } from '../sandbox/bootstrap.ts'
import { expectNoLeak } from './secrets/no-leak.ts'
import { type Observation, type Observed, type Observing, observe } from './secrets/observe.ts'

const program = [process.execPath, inject('program')]
const patient = 120_000
const base64 = (text: string) => Buffer.from(text).toString('base64')

/** A cluster that init has set up, what is secret there and what will be, and rotations under observation. */
async function stage() {
  const rotation = await openRotation()
  onTestFinished(() => rotation.close())
  const { sandbox } = rotation
  const bin = join(sandbox.folder, 'stand-in')
  const op = await startOpStandIn({ folder: bin, account: sandbox.account, access: sandbox.access })
  onTestFinished(() => op.close())
  const next = await rotation.newToken()
  const { '1password.com/auuid': account } = JSON.parse(Buffer.from(next.value.split('.')[1] ?? '', 'base64url').toString())
  const server = createConnectAccess(account)
  sandbox.account.servers.push(server.identity)
  const hourAgo = new Date(Date.now() - 3_600_000)
  const file = async (name: string, content: string) => {
    const path = join(sandbox.folder, name)
    await writeFile(path, content, { mode: 0o600 })
    return path
  }
  const pair = {
    credentials: server.credentials.reveal(),
    token: server.mint({ vaults: sandbox.account.vaults, issuedAt: hourAgo }).reveal(),
  }
  const files = { credentials: await file('new-credentials.json', pair.credentials), token: await file('its-token', pair.token) }
  const own = [sandbox.access.credentials.reveal(), rotation.held() ?? '', next.value, pair.credentials, pair.token]
  /** All that is secret by now: what op has made as well. */
  const secrets = () => [
    ...own,
    sandbox.item.value,
    sandbox.api.token(),
    rotation.held() ?? '',
    secretValue(sandbox, 'onepassword-connect-secret', '1password-credentials.json') ?? '',
    ...op.servers.map(({ access }) => access.credentials.reveal()),
  ]
  const begin = (command: string, args: readonly string[], more: Partial<Observation> = {}): Promise<Observing> =>
    observe([...program, command, '--timeout', '20s', ...args], {
      cwd: sandbox.repository,
      folders: [sandbox.folder],
      op: `exec '${bin}/op' "$@"`,
      // What op writes where it stands, and the pipe that it reads from, which has no name by then.
      isSource: (path) => /\/eso-bootstrap-\w+\/(1password-credentials\.json|pipe( \(deleted\))?)$/.test(path),
      ...more,
      env: { KUBECONFIG: sandbox.kubeconfigPath, ...more.env },
    })
  return {
    ...{ rotation, op, next, pair, files, secrets, begin },
    run: async (command: string, args: readonly string[], more?: Partial<Observation>) => (await begin(command, args, more)).ended,
  }
}
type Stage = Awaited<ReturnType<typeof stage>>

const all = ['--yes', '--verbose']
const json = ['--yes', '--output', 'json']
const both = ({ files }: Stage) => ['--credentials', files.credentials, '--token', files.token]

describe('a rotation that ends well', () => {
  it.each<[string, ('git' | 'op')[], (at: Stage) => Promise<Observed>]>([
    ['a file', [], (at) => at.run('rotate-token', [...all, '--token', at.next.path, '--all'])],
    ['a file, -o json', [], (at) => at.run('rotate-token', [...json, '--token', at.next.path])],
    ['standard input', [], (at) => at.run('rotate-token', [...all, '--token', '-'], { stdin: `${at.next.value}\n` })],
    ['op://', ['op'], (at) => at.run('rotate-token', [...all, '--token', 'op://ops/connect/token'], { op: `cat '${at.next.path}'` })],
    [
      'env:, and op asked as well',
      ['op'],
      (at) =>
        at.run('rotate-credentials', [...all, '--token', 'env:MINE', '--credentials', 'op://ops/connect/file'], {
          env: { MINE: at.pair.token },
          op: `cat '${at.files.credentials}'`,
        }),
    ],
    ['--mint --revoke-old', ['op'], (at) => at.run('rotate-token', [...all, '--mint', '--revoke-old'])],
    [
      '--mint -o json',
      ['op'],
      (at) =>
        at.run('rotate-token', [...json, '--mint'], { env: { OP_CONNECT_TOKEN: at.next.value, OP_SESSION: base64(at.pair.credentials) } }),
    ],
    ['--dry-run', [], (at) => at.run('rotate-token', [...all, '--dry-run', '--token', at.next.path])],
    ['--check', [], (at) => at.run('rotate-token', ['--check', '--verbose'])],
    ['--check -o json', [], (at) => at.run('rotate-token', ['--check', '--output', 'json'])],
    ['--verify-item', [], (at) => at.run('rotate-token', [...all, '--token', at.next.path, '--verify-item', 'my-app-credentials/api-key'])],
    ['credentials', [], (at) => at.run('rotate-credentials', [...all, ...both(at)])],
    ['credentials, -o json', [], (at) => at.run('rotate-credentials', [...json, ...both(at)])],
    [
      'credentials, --mint --keep-in',
      ['op'],
      (at) => at.run('rotate-credentials', [...all, '--mint', '--keep-in', 'Team Shared/connect', '--revoke-old']),
    ],
    ['credentials, --mint -o json', ['op'], (at) => at.run('rotate-credentials', [...json, '--mint', '--keep-in', 'Team Shared/connect'])],
  ])('%s', { timeout: patient }, async (_, children, run) => {
    const at = await stage()
    const observed = await run(at)
    expect(observed).toMatchObject({ code: 0 })
    expectNoLeak(observed, at.secrets(), children)
  })
})

describe('a rotation that fails', () => {
  const revoked = (moment: string, run: (at: Stage) => Promise<Observed>, id: (at: Stage) => string) => async (at: Stage) => {
    const stop = onRequest(at.rotation, moment, () => at.rotation.sandbox.account.revoked.add(id(at)))
    return run(at).finally(stop)
  }
  const last = ({ op }: Stage) => op.servers.at(-1)?.tokens.at(-1)?.id ?? ''
  const refusing = (status: number, reason: string) => (at: Stage) => {
    const message = `denied: ${JSON.stringify({ data: { token: base64(at.next.value), raw: at.next.value, old: at.rotation.held() } })}`
    at.rotation.sandbox.api.inject({ match: { verb: 'patch', resource: 'secrets' }, answer: { status, reason, message }, times: 20 })
    return at.run('rotate-token', [...all, '--token', at.next.path])
  }

  it.each<[string, number, RegExp, ('git' | 'op')[], (at: Stage) => Promise<Observed>]>([
    ['the same token', 3, /holds this very token/, [], (at) => at.run('rotate-token', [...all, '--token', at.rotation.sandbox.tokenPath])],
    [
      'half of a token',
      3,
      /end of the token is missing/,
      [],
      (at) => at.run('rotate-token', [...all, '--token', '-'], { stdin: at.next.value.slice(0, -20) }),
    ],
    ['a token of another server', 3, /another Connect server/, [], (at) => at.run('rotate-token', [...all, '--token', at.files.token])],
    [
      'a token that is revoked',
      4,
      /refuses the token/,
      [],
      (at) => {
        at.rotation.sandbox.account.revoked.add(at.next.id)
        return at.run('rotate-token', [...all, '--token', at.next.path])
      },
    ],
    [
      'a token that is revoked as it is written',
      4,
      /refuses the token/,
      [],
      revoked(
        'patch secrets/onepassword-connect-token',
        (at) => at.run('rotate-token', [...all, '--token', at.next.path]),
        (at) => at.next.id,
      ),
    ],
    [
      'the same with --mint',
      4,
      /refuses the token/,
      ['op'],
      revoked('patch secrets/onepassword-connect-token', (at) => at.run('rotate-token', [...all, '--mint', '--timeout', '2s']), last),
    ],
    [
      'a new pair with --mint --keep-in that Connect refuses',
      4,
      /refuses the token/,
      ['op'],
      revoked(
        'patch deployments/onepassword-connect',
        (at) => at.run('rotate-credentials', [...all, '--mint', '--keep-in', 'Team Shared/connect', '--timeout', '2s']),
        last,
      ),
    ],
    [
      'a pair that does not fit',
      4,
      /✖/,
      [],
      (at) => at.run('rotate-credentials', [...all, '--credentials', at.files.credentials, '--token', at.next.path, '--timeout', '3s']),
    ],
    ['a cluster that forbids it', 4, /may not patch secrets/, [], refusing(403, 'Forbidden')],
    ['a cluster that finds it invalid', 4, /invalid/, [], refusing(422, 'Invalid')],
    ['a cluster that breaks', 5, /status 500/, [], refusing(500, 'InternalError')],
    [
      'an op that prints what it knows',
      3,
      /op could not/,
      ['op'],
      (at) => at.run('rotate-token', [...all, '--mint'], { op: `cat '${at.next.path}' '${at.files.credentials}' >&2; exit 1` }),
    ],
    [
      'an op that gives something else',
      3,
      /no token/,
      ['op'],
      (at) => at.run('rotate-token', [...all, '--mint'], { op: `cat '${at.files.credentials}'` }),
    ],
    [
      'an op that can not keep the pair',
      4,
      /does not let you/,
      ['op'],
      (at) => {
        at.op.goWrong(wrong.forbidden, 'item create')
        return at.run('rotate-credentials', [...all, '--mint', '--keep-in', 'Team Shared/connect'])
      },
    ],
  ])('%s', { timeout: patient }, async (_, code, says, children, run) => {
    const at = await stage()
    const observed = await run(at)
    expect(observed.stderr.replace(/\s+/g, ' ')).toMatch(says)
    expect(observed).toMatchObject({ code })
    expectNoLeak(observed, at.secrets(), children)
  })

  it.each(['SIGTERM', 'SIGINT', 'SIGKILL'] as const)('%s when the new token is written', { timeout: patient }, async (signal) => {
    const at = await stage()
    at.rotation.sandbox.api.inject({ match: { verb: 'patch', resource: 'clustersecretstores' }, answer: 'hang' })
    const running = await at.begin('rotate-token', [...all, '--token', at.next.path])
    await running.sees('onepassword-connect-token written')
    running.kill(signal)
    const observed = await running.ended
    expect(observed).toMatchObject(signal === 'SIGKILL' ? { code: null, signal } : { code: signal === 'SIGINT' ? 130 : 143 })
    expectNoLeak(observed, at.secrets(), [])
    expect(await readdir(running.temporary)).toEqual([])
  })

  it('SIGTERM while op has made a token and does not end', { timeout: patient }, async () => {
    const at = await stage()
    at.op.goWrong(wrong.hangsWhenDone, 'connect token create')
    const hanging = at.op.hanging()
    const running = await at.begin('rotate-token', [...all, '--mint'])
    await hanging
    running.kill('SIGTERM')
    const observed = await running.ended
    expect(observed).toMatchObject({ code: 143 })
    expectNoLeak(observed, at.secrets(), ['op'])
    expect(await readdir(running.temporary)).toEqual([])
  })
})
