import { readdir, readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { describe, expect, inject, it, onTestFinished, vi } from 'vitest'
import { startSandbox } from '../../src/sandbox/sandbox.ts'
import { makeCredentials, makeToken } from '../canary.ts'
import { seed } from '../commands/init/trees.ts'
import { environment } from '../commands/run.ts'
import { leaks } from './secrets/evidence.ts'
import { expectNoLeak } from './secrets/no-leak.ts'
import { type Observation, type Observed, type Observing, observe } from './secrets/observe.ts'

const program = [process.execPath, inject('program')]
const base64 = (text: string) => Buffer.from(text).toString('base64')
const isLinux = process.platform === 'linux'
const patient = 120_000

/** A sandbox, what is secret in it, and `init` under observation. */
async function stage(scenario = 'healthy') {
  const sandbox = await startSandbox({ scenario, files: await seed(), env: environment() })
  onTestFinished(() => sandbox.close())
  const [credentials, token, other] = await Promise.all(
    [sandbox.credentialsPath, sandbox.tokenPath, sandbox.newTokenPath].map((path) => readFile(path, 'utf8')),
  )
  const secrets = [credentials ?? '', token ?? '', other ?? '', sandbox.item.value, sandbox.api.token()]
  const begin = (args: readonly string[], more: Partial<Observation> = {}): Promise<Observing> =>
    observe([...program, 'init', '--timeout', '20s', ...args], {
      cwd: sandbox.repository,
      folders: [sandbox.folder],
      repositories: [join(sandbox.repository, '.git'), sandbox.remote],
      ...more,
      env: { KUBECONFIG: sandbox.kubeconfigPath, ESO_BOOTSTRAP_VAULT: sandbox.vault, ...more.env },
    })
  return {
    ...{ sandbox, secrets, begin },
    credentials: credentials ?? '',
    token: token ?? '',
    files: ['--credentials', sandbox.credentialsPath, '--token', sandbox.tokenPath],
    init: async (args: readonly string[], more?: Partial<Observation>) => (await begin(args, more)).ended,
  }
}
type Stage = Awaited<ReturnType<typeof stage>>

describe('who watches', () => {
  const script = (text: string) => ['sh', '-c', `T=$(cat "$FILE")\n${text}`]

  const ways = [
    ['standard output', 'printf %s "$T" | od -An -v -tx1 | tr -d " \\n"'],
    ['standard error', 'echo "$T" >&2'],
    ['what git was given', 'git "$T"'],
    ['what git was given', 'T=$T git --version; LEAK=$T git --version'],
    ['/proc, of sh', `sh -c 'sleep 0.5; true' "$T"`],
    ['/proc, of sleep', 'export T; sleep 0.5'],
    ['strace, start of "/', '/bin/true "$T"'],
    ['strace, start of "/', 'LEAK=$T /bin/true'],
    ['strace, written to ', 'echo "$T" >"$HOME/gone"; rm "$HOME/gone"'],
    ['/', 'echo "$T" | base64 -w 0 | base64 -w 0 >"$TMPDIR/left"'],
    ['/', 'printf %s "$T" >>README.md'],
    ['the objects of ', 'cp "$FILE" x; git add x; git commit -qm x; git reset -q --hard HEAD^'],
  ] as const

  it.each(ways.filter(([where]) => isLinux || !/proc|strace/.test(where)))('%s shows what %j leaks', async (where, leaking) => {
    const { sandbox, token } = await stage()
    const { ended } = await observe(script(leaking), {
      cwd: sandbox.repository,
      env: { FILE: sandbox.tokenPath },
      folders: [sandbox.folder],
      repositories: [join(sandbox.repository, '.git')],
    })
    const found = leaks((await ended).evidence, [token])
    expect(found.filter((each) => each.startsWith(where))).not.toEqual([])
  })

  it('nobody shows anything when nothing leaks', async () => {
    const { sandbox, secrets } = await stage()
    const { ended } = await observe(script('printf %s "$T" | git hash-object --stdin >/dev/null'), {
      cwd: sandbox.repository,
      env: { FILE: sandbox.tokenPath },
      folders: [sandbox.folder],
    })
    expectNoLeak(await ended, secrets)
  })
})

describe('a run that ends well', () => {
  it.each([
    ['files, with proof', (at: Stage) => at.init(['--yes', '--git', 'push', ...at.files, '--verify-item', 'my-app-credentials/api-key'])],
    [
      'op:// and standard input, --verbose',
      (at: Stage) =>
        at.init(['--yes', '--git', 'push', '--verbose', '--credentials', 'op://ops/connect/file', '--token', '-'], {
          stdin: at.token,
          op: `cat '${at.sandbox.credentialsPath}'`,
          flux: `cat '${at.sandbox.tokenPath}' '${at.sandbox.tokenPath}' >&2; exit 1`,
        }),
    ],
    [
      'the old names of the environment, -o json',
      (at: Stage) =>
        at.init(['--yes', '--git', 'push', '--output', 'json'], {
          env: { OP_CONNECT_TOKEN: at.token, OP_CREDENTIALS_FILE: at.sandbox.credentialsPath, OP_SESSION: base64(at.credentials) },
        }),
    ],
    [
      'env:, to commit only',
      (at: Stage) =>
        at.init(['--yes', '--git', 'commit', '--token', 'env:MINE', '--credentials', 'env:YOURS'], {
          env: { MINE: at.token, YOURS: base64(base64(at.credentials)) },
        }),
    ],
    ['--dry-run --verbose', (at: Stage) => at.init(['--dry-run', '--verbose', '--git', 'push', ...at.files])],
    ['--dry-run -o json', (at: Stage) => at.init(['--dry-run', '--git', 'push', '--output', 'json', ...at.files])],
  ])('%s', { timeout: patient }, async (_, run) => {
    const at = await stage()
    const observed = await run(at)
    expect(observed).toMatchObject({ code: 0 })
    expectNoLeak(observed, at.secrets)
  })

  it('twice, and a third time with another token: neither the new nor the old one', { timeout: patient }, async () => {
    const at = await stage()
    const usual = ['--yes', '--git', 'push', '--verbose', '--credentials', at.sandbox.credentialsPath, '--token']
    expect(await at.init([...usual, at.sandbox.tokenPath])).toMatchObject({ code: 0 })
    const second = await at.init([...usual, at.sandbox.tokenPath])
    expect(second).toMatchObject({ code: 0, stdout: expect.stringContaining('Nothing to change') })
    expectNoLeak(second, at.secrets)
    const refused = await at.init([...usual, at.sandbox.newTokenPath])
    expect(refused).toMatchObject({ code: 3 })
    expectNoLeak(refused, at.secrets)
    const replaced = await at.init([...usual, at.sandbox.newTokenPath, '--replace'])
    expect(replaced).toMatchObject({ code: 0 })
    expectNoLeak(replaced, at.secrets)
  })
})

describe('a run that fails', () => {
  const all = ['--yes', '--git', 'push', '--verbose']
  const refusing = (status: number, reason: string) => async (at: Stage) => {
    const message = `admission webhook denied the request: ${JSON.stringify({ data: { token: base64(at.token), raw: at.token } })}`
    at.sandbox.api.inject({ match: { verb: 'patch', resource: 'secrets' }, answer: { status, reason, message }, times: 20 })
    return at.init([...all, ...at.files])
  }
  const badToken = (token: string) => async (at: Stage) => {
    at.secrets.push(token)
    return at.init([...all, '--credentials', at.sandbox.credentialsPath, '--token', '-'], { stdin: token })
  }
  const badCredentials = (credentials: string) => async (at: Stage) => {
    at.secrets.push(credentials)
    return at.init([...all, '--token', at.sandbox.tokenPath, '--credentials', '-'], { stdin: credentials })
  }

  it.each<[string, number, string, (at: Stage) => Promise<Observed>, scenario?: string]>([
    ['an expired token', 3, 'expired', badToken(makeToken({ issuedAt: new Date(0) }))],
    ['a token for something else', 3, 'audience', badToken(makeToken({ audience: ['com.example'] }))],
    ['a token that breaks in the middle', 3, 'line break', badToken(makeToken().replace(/(.{200})/, '$1 \n '))],
    ['a service account token', 3, 'service-account', badToken(`ops_${makeToken().replaceAll('.', '')}`)],
    ['half of the credentials', 3, 'end in the middle', badCredentials(makeCredentials().slice(0, 500))],
    ['credentials of another version', 3, 'version', badCredentials(makeCredentials().replace('"version":"2"', '"version":"3"'))],
    ['a vault that is not there', 5, 'sees no vault', (at) => at.init([...all, ...at.files]), 'wrong-vault'],
    ['a token that 1Password has revoked', 5, 'refuses the token', (at) => at.init([...all, ...at.files]), 'dead-token'],
    ['a cluster that forbids it', 4, 'may not patch secrets', refusing(403, 'Forbidden')],
    ['a cluster that finds it invalid', 4, 'invalid', refusing(422, 'Invalid')],
    ['a cluster that breaks', 3, 'with status 500', refusing(500, 'InternalError')],
    [
      'a remote whose hook prints what it knows',
      3,
      'did not accept a push',
      async (at) => {
        await at.sandbox.origin.setHook('pre-receive', `cat '${at.sandbox.tokenPath}' '${at.sandbox.credentialsPath}' >&2; exit 1`)
        return at.init([...all, ...at.files])
      },
    ],
    [
      'a hook of the clone that prints what it knows',
      3,
      'hook rejected',
      async (at) => {
        const script = `#!/bin/sh\nenv >&2; cat '${at.sandbox.tokenPath}' '${at.sandbox.credentialsPath}' >&2; exit 1\n`
        await writeFile(join(at.sandbox.repository, '.git/hooks/pre-commit'), script, { mode: 0o755 })
        return at.init([...all, ...at.files], { env: { OP_CONNECT_TOKEN: at.token } })
      },
    ],
    [
      'an op that prints what it knows',
      3,
      'op could not read',
      (at) =>
        at.init([...all, '--credentials', at.sandbox.credentialsPath, '--token', 'op://ops/connect/token'], {
          op: `cat '${at.sandbox.tokenPath}' >&2; exit 1`,
        }),
    ],
    [
      'a mistake of ours that nobody catches',
      1,
      'does not know \\(Error\\)',
      async (at) => {
        const mistake = join(at.sandbox.folder, 'mistake.mjs')
        const throwing = `throw new Error(readFileSync('${at.sandbox.tokenPath}', 'utf8'))`
        const script = `import { readFileSync } from 'node:fs'
          const { write } = process.stderr
          process.stderr.write = function (text) {
            if (text.includes('onepassword-connect-token created')) setImmediate(() => { ${throwing} })
            return write.call(this, text)
          }`
        await writeFile(mistake, script)
        return at.init([...all, ...at.files], { env: { NODE_OPTIONS: `--import=file://${mistake}` } })
      },
    ],
    ['a cluster that holds them in the wrong encoding', 3, 'as json', (at) => at.init([...all, ...at.files]), 'wrong-encoding'],
  ])('%s', { timeout: patient }, async (_, code, says, run, scenario) => {
    const at = await stage(scenario)
    const observed = await run(at)
    expect(observed).toMatchObject({ code })
    expect(observed.stderr.replace(/\s+/g, ' ')).toMatch(new RegExp(`✖[^✖]*${says}`))
    expectNoLeak(observed, at.secrets)
  })

  it.each(['SIGTERM', 'SIGINT', 'SIGKILL'] as const)('%s in the middle', { timeout: patient }, async (signal) => {
    const at = await stage()
    await at.sandbox.origin.setHook('pre-receive', 'sleep 20')
    const running = await at.begin([...all, ...at.files])
    await running.sees('onepassword-connect-token created')
    running.kill(signal)
    const observed = await running.ended
    expect(observed).toMatchObject(signal === 'SIGKILL' ? { code: null, signal } : { code: signal === 'SIGINT' ? 130 : 143 })
    expectNoLeak(observed, at.secrets)
    expect(await readdir(running.temporary)).toEqual([])
  })
})

describe('demo', () => {
  /** Only while it runs does anybody know its secrets. */
  async function secretsOf(temporary: string): Promise<string[]> {
    const read = async () => {
      const [name = ''] = await readdir(temporary)
      const place = (file: string) => readFile(join(temporary, name, file), 'utf8')
      return Promise.all(['1password-credentials.json', 'token', 'new-token'].map(place))
    }
    return vi.waitUntil(
      () =>
        read()
          .then((texts) => texts.every((text) => text !== '') && texts)
          .catch(() => false as const),
      {
        timeout: 30_000,
        interval: 2,
      },
    )
  }

  it.each(['demo', 'demo --verbose'])('%s', { timeout: patient }, async (words) => {
    // They are the demo's own sources, and gone with it.
    const isSource = (path: string) => /\/eso-bootstrap-sandbox-\w+\/(1password-credentials\.json|token|new-token|kubeconfig)$/.test(path)
    const { temporary, ended } = await observe([...program, ...words.split(' ')], { cwd: '/', isSource })
    const secrets = await secretsOf(temporary)
    const observed = await ended
    expect(observed).toMatchObject({ code: 0, stdout: expect.stringContaining('Verified') })
    expectNoLeak(observed, secrets)
    expect(await readdir(temporary)).toEqual([])
  })
})
