import { execFile } from 'node:child_process'
import { mkdir, writeFile } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { promisify } from 'node:util'
import type { Environment } from '../../../src/child.ts'
import { isRead, type RequestRecord } from '../../../src/sandbox/api/requests.ts'
import { kinds } from '../../../src/sandbox/kinds.ts'
import { type Sandbox, type SandboxOptions, startSandbox } from '../../../src/sandbox/sandbox.ts'
import { secretValue } from '../../sandbox/bootstrap.ts'
import { type Ended, environment, type Running, type RunOptions, start } from '../run.ts'
import { type Files, seed } from './trees.ts'

export type Flags = Readonly<Record<string, string | readonly string[] | true | undefined>>

/** A sandbox with the seed's repository, and `init` as it is called unattended there. */
export interface Stage {
  sandbox: Sandbox
  /** Everything that `init` needs is given; flags are added, or replace the usual ones, or take one away (`undefined`). */
  init(flags?: Flags, options?: RunOptions): Promise<Ended>
  begin(flags?: Flags, options?: RunOptions): Running
  /** Requests since the last call, or since the start. */
  requests(): RequestRecord[]
  /** Of those since the last call, the ones that could change something, as `verb resource/name`. */
  writes(): string[]
  git(...args: string[]): Promise<string>
  /** A command in the bare repository. */
  remote(...args: string[]): Promise<string>
  edit(files: Files): Promise<void>
  /** A program that stands before all others in the PATH of the next runs. */
  program(name: string, script: string): Promise<void>
  env: Environment
  close(): Promise<void>
}

let asked = 0

/** An application somewhere else in the cluster that wants a value of the sandbox's item; gives what has arrived when all is quiet. */
export async function appValue({ sandbox }: Stage): Promise<string | undefined> {
  const version = sandbox.api.store.list(kinds.clusterSecretStore)[0]?.apiVersion ?? 'external-secrets.io/v1'
  const { title, field } = sandbox.item
  const spec = {
    refreshInterval: '1h',
    secretStoreRef: { kind: 'ClusterSecretStore', name: 'onepassword' },
    target: { name: 'my-app' },
    data: [{ secretKey: 'api-key', remoteRef: { key: title, property: field } }],
  }
  // Whatever it has been waiting for, it looks now: any change of its metadata makes it.
  const metadata = { name: 'my-app', namespace: 'default', annotations: { 'force-sync': `${++asked}` } }
  sandbox.api.store.put({ apiVersion: version, kind: 'ExternalSecret', metadata, spec }, 'a-person')
  await sandbox.settled()
  return secretValue(sandbox, 'my-app', 'api-key', 'default')
}

const exec = promisify(execFile)

export async function openStage(options: Partial<SandboxOptions> = {}): Promise<Stage> {
  const sandbox = await startSandbox({ files: await seed(), env: environment(), ...options })
  const bin = join(sandbox.folder, 'bin')
  const { PATH } = environment()
  const env = environment({ PATH: `${bin}:${PATH}`, HOME: sandbox.folder, KUBECONFIG: sandbox.kubeconfigPath, GIT_OPTIONAL_LOCKS: '0' })
  const usual: Flags = {
    yes: true,
    git: 'push',
    vault: sandbox.vault,
    credentials: sandbox.credentialsPath,
    token: sandbox.tokenPath,
  }
  const begin = (flags: Flags = {}, more: RunOptions = {}) =>
    start(['init', ...words({ ...usual, ...flags })], {
      cwd: sandbox.repository,
      home: sandbox.folder,
      ...more,
      env: { ...env, ...more.env },
    })
  let seen = 0
  const requests = () => {
    const since = sandbox.api.log.slice(seen)
    seen = sandbox.api.log.length
    return since
  }
  const git =
    (cwd: string) =>
    async (...args: string[]) =>
      (await exec('git', args, { cwd, env: env as NodeJS.ProcessEnv })).stdout
  return {
    sandbox,
    env,
    begin,
    init: (flags, more) => begin(flags, more).ended,
    requests,
    writes: () =>
      requests()
        .filter((each) => !isRead(each))
        .map(nameOf),
    git: git(sandbox.repository),
    remote: git(sandbox.remote),
    async edit(files) {
      for (const [path, text] of Object.entries(files)) {
        await mkdir(dirname(join(sandbox.repository, path)), { recursive: true })
        await writeFile(join(sandbox.repository, path), text)
      }
    },
    async program(name, script) {
      await mkdir(bin, { recursive: true })
      await writeFile(join(bin, name), `#!/bin/sh\n${script}\n`, { mode: 0o755 })
    },
    close: () => sandbox.close(),
  }
}

/** All that a run said, without its line breaks. */
export function said({ stdout, stderr }: Ended): string {
  return `${stderr} ${stdout}`.replace(/\s+/g, ' ')
}

/** `patch secrets/onepassword-connect-token`, as a fault can be made to match it. */
export function nameOf({ verb, resource, path }: RequestRecord): string {
  const name = verb === 'create' ? '' : `/${path.split('/').at(-1)}`
  return `${verb} ${resource}${name}`
}

function words(flags: Flags): string[] {
  return Object.entries(flags).flatMap(([flag, value]) => {
    if (value === undefined) return []
    return [value].flat().map((each) => (each === true ? `--${flag}` : `--${flag}=${each}`))
  })
}
