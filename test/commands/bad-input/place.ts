import { execFile } from 'node:child_process'
import { cp, lstat, mkdir, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { promisify } from 'node:util'
import type { Environment } from '../../../src/child.ts'
import type { KubernetesObject } from '../../../src/kubernetes/object.ts'
import type { Sandbox } from '../../../src/sandbox/sandbox.ts'
import { environment, type RunOptions } from '../run.ts'

/** Where a command line differs from the usual one. */
export interface Given {
  /** In the place of the usual flags, or beside them; `undefined` leaves one out. */
  flags?: Readonly<Record<string, string | readonly string[] | true | undefined>>
  /** Words after all flags. */
  words?: readonly string[]
  env?: Environment
  stdin?: string
  /** Secrets that no output may hold, beside those of the sandbox. */
  secrets?: readonly string[]
}

/** A copy of the sandbox's clone to spoil, and a home; what is changed in the cluster is put back at the end. */
export interface Place {
  sandbox: Sandbox
  /** Holds all of the following; `<here>` in texts. */
  folder: string
  home: string
  repository: string
  /** The same line with `-o json` says the same as a document. */
  commandLine(given: Given): string[]
  options(given: Given): RunOptions
  secrets(): string[]
  git(...args: string[]): Promise<string>
  read(path: string): Promise<string>
  /** Writes files into the working tree. */
  edit(files: Record<string, string>): Promise<void>
  /** Writes files and commits them; as far as this clone knows, they are pushed. */
  commit(files: Record<string, string>): Promise<void>
  /** Writes a file beside the working tree and gives its path. */
  file(name: string, content: string | Buffer): Promise<string>
  /** A program that stands before all others in the PATH that it gives. */
  program(name: string, script: string): Promise<{ PATH: string }>
  put(object: KubernetesObject): Promise<KubernetesObject>
  change(kind: { group: string; kind: string }, name: string, namespace: string, change: object): Promise<void>
  /** Texts with what differs from run to run replaced: `<here>`, `<server>`, `<remote>`. */
  neutral(text: string): string
  /** All that must not change: every file with its time, those of git among them, here and of the remote. */
  snapshot(): Promise<string[]>
  restore(): Promise<void>
}

const exec = promisify(execFile)

export async function placeIn(sandbox: Sandbox): Promise<Place> {
  const folder = await mkdtemp(join(sandbox.folder, 'place-'))
  const [home, repository, beside] = ['home', 'repository', 'beside'].map((name) => join(folder, name)) as [string, string, string]
  await mkdir(home)
  await mkdir(beside)
  const isSample = (file: string) => file.endsWith('.sample')
  await cp(sandbox.repository, repository, { recursive: true, preserveTimestamps: true, filter: (file) => !isSample(file) })
  const { store } = sandbox.api
  const token = await readFile(sandbox.tokenPath, 'utf8')
  const before: (() => void)[] = []
  const now = new Date()
  const env = environment({ HOME: home, KUBECONFIG: sandbox.kubeconfigPath, GIT_OPTIONAL_LOCKS: '0' })
  const git = async (...args: string[]) => (await exec('git', args, { cwd: repository, env: env as NodeJS.ProcessEnv })).stdout

  const usual: Given['flags'] = {
    yes: true,
    git: 'push',
    repo: repository,
    credentials: sandbox.credentialsPath,
    token: sandbox.tokenPath,
    vault: sandbox.vault,
  }

  async function edit(files: Record<string, string>): Promise<void> {
    for (const [path, text] of Object.entries(files)) {
      await mkdir(dirname(join(repository, path)), { recursive: true })
      await writeFile(join(repository, path), text)
    }
  }

  async function put(object: KubernetesObject): Promise<KubernetesObject> {
    const { name, namespace } = object.metadata
    const kind = { group: object.apiVersion.includes('/') ? (object.apiVersion.split('/')[0] ?? '') : '', kind: object.kind }
    const old = store.get(kind, namespace, name)
    before.push(() => (old === undefined ? store.remove(kind, namespace, name) : void store.put(old, 'a-person')))
    const made = store.put(object, 'a-person')
    await sandbox.settled()
    return made
  }

  return {
    ...{ sandbox, folder, home, repository, git, edit, put },

    commandLine({ flags, words = [] }) {
      const all = Object.entries({ ...usual, ...flags }).flatMap(([flag, value]) => {
        if (value === undefined) return []
        return [value].flat().map((each) => (each === true ? `--${flag}` : `--${flag}=${each}`))
      })
      return ['init', ...all, ...words]
    },

    options: (given) => ({
      env: { ...env, ...given.env },
      cwd: repository,
      home,
      now: () => now,
      ...(given.stdin === undefined ? {} : { stdin: given.stdin }),
    }),

    read: (path) => readFile(join(repository, path), 'utf8'),

    secrets: () => [sandbox.access.credentials.reveal(), token, sandbox.api.token()],

    async commit(files) {
      await edit(files)
      await git('add', '--all')
      await git('commit', '--quiet', '--message', 'Before')
      await git('update-ref', 'refs/remotes/origin/main', 'HEAD')
    },

    async file(name, content) {
      await writeFile(join(beside, name), content, { mode: 0o600 })
      return join(beside, name)
    },

    async program(name, script) {
      const bin = join(folder, 'bin')
      await mkdir(bin, { recursive: true })
      await writeFile(join(bin, name), `#!/bin/sh\n${script}\n`, { mode: 0o755 })
      return { PATH: `${bin}:${env['PATH']}` }
    },

    async change({ group, kind }, name, namespace, change) {
      const found = store.get({ group, kind }, namespace, name)
      if (found === undefined) throw new Error(`the sandbox has no ${kind} ${name}`)
      await put({ ...found, ...merged(found, change) } as KubernetesObject)
    },

    neutral: (text) =>
      text
        .replaceAll(folder, '<here>')
        .replaceAll(sandbox.api.url, '<server>')
        .replaceAll(sandbox.remote, '<remote>')
        .replace(/(https:\/\/127\.0\.0\.1:)\d+/g, '$1<port>'),

    snapshot: async () => [...(await files(folder)), ...(await files(sandbox.remote))],

    async restore() {
      for (const undo of before.reverse()) undo()
      await sandbox.settled()
      await rm(folder, { recursive: true, force: true })
    },
  }
}

/** Every file, folder and link below, with its size, mode and time. */
async function files(folder: string): Promise<string[]> {
  const names = await readdir(folder, { recursive: true })
  return Promise.all(
    names.sort().map(async (name) => {
      const { mode, size, mtimeMs } = await lstat(join(folder, name))
      return `${name} ${mode.toString(8)} ${size} ${mtimeMs}`
    }),
  )
}

function merged(object: Record<string, unknown>, change: object): Record<string, unknown> {
  const result: Record<string, unknown> = { ...object }
  for (const [key, value] of Object.entries(change)) {
    const old = result[key]
    const both = typeof value === 'object' && value !== null && !Array.isArray(value) && typeof old === 'object' && old !== null
    result[key] = both ? merged(old as Record<string, unknown>, value) : value
  }
  return result
}
