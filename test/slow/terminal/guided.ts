import { execFile } from 'node:child_process'
import { readFile } from 'node:fs/promises'
import { promisify } from 'node:util'
import { expect, inject } from 'vitest'
import { findCanary } from '../../canary.ts'
import { bare, kubectl, type Served } from '../served.ts'
import { openTerminal, type Terminal, type TerminalOptions } from './terminal.ts'

const exec = promisify(execFile)

/** `init` in a terminal, in the working tree of the sandbox and with nothing given but the kubeconfig. */
export function guided(served: Served, args: readonly string[] = [], options: Partial<TerminalOptions> = {}): Terminal {
  const { KUBECONFIG, ESO_BOOTSTRAP_REPO } = served.exports
  return openTerminal([process.execPath, inject('program'), 'init', '--timeout', '20s', ...args], {
    cwd: ESO_BOOTSTRAP_REPO,
    ...options,
    env: bare('/nonexistent', { KUBECONFIG, ...options.env }),
  })
}

/** The token as somebody has it in the clipboard. */
export async function tokenOf({ exports }: Served): Promise<string> {
  return (await readFile(exports.ESO_BOOTSTRAP_TOKEN, 'utf8')).trim()
}

/** Answers every question of a first run, up to the last one before the plan. */
export async function answerAll(terminal: Terminal, served: Served): Promise<void> {
  await terminal.answers('Credentials file:', '../1password-credentials.json')
  await terminal.answers('Connect access token:', await tokenOf(served))
  await terminal.answers('Vaults:', '')
  await terminal.answers('Vault:', served.exports.ESO_BOOTSTRAP_VAULT)
  await terminal.answers('Changed files:', '')
  await terminal.answers('Proof:', 'my-app-credentials/api-key')
}

/** No secret of the sandbox is in what the terminal got, not even for a moment; the terminal is as it was before. */
export async function expectClean(terminal: Terminal, served: Served): Promise<void> {
  const { ESO_BOOTSTRAP_CREDENTIALS, ESO_BOOTSTRAP_TOKEN, DEMO_NEW_TOKEN } = served.exports
  const secrets = await Promise.all([ESO_BOOTSTRAP_CREDENTIALS, ESO_BOOTSTRAP_TOKEN, DEMO_NEW_TOKEN].map((path) => readFile(path, 'utf8')))
  const shown = [terminal.bytes(), terminal.text(), terminal.text().replaceAll('\n', '')].join('\n')
  expect(findCanary(shown, secrets)).toEqual([])
  const { echo, canonical } = await terminal.ended
  expect({ echo, canonical, modes: terminal.modes() }).toEqual({ echo: true, canonical: true, modes: [] })
}

/** What init may change: the objects of the cluster with their versions, the working tree, the branches here and there. */
export async function world(served: Served): Promise<unknown> {
  const { ESO_BOOTSTRAP_REPO } = served.exports
  const git = async (...args: string[]) => (await exec('git', args, { cwd: ESO_BOOTSTRAP_REPO, env: bare('/nonexistent') })).stdout
  return {
    status: await git('status', '--porcelain'),
    commits: await git('log', '--all', '--format=%H'),
    remote: await git('ls-remote', 'origin'),
    secrets: await kubectl(
      served,
      'get',
      'secrets',
      '--all-namespaces',
      '-o=jsonpath={range .items[*]}{.metadata.name} {.metadata.resourceVersion}{"\\n"}{end}',
    ),
    namespaces: await kubectl(
      served,
      'get',
      'namespaces',
      '-o=jsonpath={range .items[*]}{.metadata.name} {.metadata.annotations}{"\\n"}{end}',
    ),
    leases: await kubectl(
      served,
      'get',
      'leases',
      '--all-namespaces',
      '-o=jsonpath={range .items[*]}{.metadata.name} {.spec.holderIdentity}{"\\n"}{end}',
    ),
  }
}
