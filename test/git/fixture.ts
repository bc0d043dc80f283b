import { execFileSync } from 'node:child_process'
import { chmodSync, cpSync, existsSync, mkdirSync, mkdtempSync, readFileSync, realpathSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { afterAll, onTestFinished } from 'vitest'
import { openRepository, type Repository } from '../../src/git/repository.ts'

/** A person's machine and a server: a home, a bare remote with one commit, and a clone of it. */
export interface World {
  folder: string
  home: string
  remote: string
  clone: string
  env: Record<string, string>
  open(folder?: string): Promise<Repository>
}

export const store = 'secretstores/onepassword-secretstore.yaml'
export const seed: Record<string, string> = {
  'kustomization.yaml': 'resources:\n  # - onepassword-connect\n',
  [store]: 'vaults:\n  homelab: 1\n',
  'README.md': 'Read me.\n',
}

export function world(config = '[user]\n\tname = Ada\n\temail = ada@example.com\n'): World {
  const folder = realpathSync(mkdtempSync(join(tmpdir(), 'git-')))
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }))
  const [home, remote, clone] = ['home', 'remote.git', 'clone'].map((name) => join(folder, name)) as [string, string, string]
  mkdirSync(home)
  const env = {
    PATH: process.env['PATH'] ?? '',
    HOME: home,
    GIT_CONFIG_GLOBAL: join(home, '.gitconfig'),
    GIT_CONFIG_NOSYSTEM: '1',
  }
  writeFileSync(env.GIT_CONFIG_GLOBAL, `${config}[init]\n\tdefaultBranch = main\n[protocol "file"]\n\tallow = always\n`)
  planted ??= plant()
  cpSync(planted, folder, { recursive: true, preserveTimestamps: true })
  const file = join(clone, '.git/config')
  writeFileSync(file, readFileSync(file, 'utf8').replace(join(planted, 'remote.git'), remote))
  return { folder, home, remote, clone, env, open: (at = clone) => openRepository(at, env) }
}

/** The remote and its clone, made once: to copy them is cheaper than eight calls of git for each test. */
let planted: string | undefined
afterAll(() => {
  if (planted !== undefined) rmSync(planted, { recursive: true, force: true })
})

function plant(): string {
  const folder = realpathSync(mkdtempSync(join(tmpdir(), 'git-planted-')))
  const settings = { HOME: folder, GIT_CONFIG_GLOBAL: '/dev/null', GIT_CONFIG_NOSYSTEM: '1', GIT_TEMPLATE_DIR: '' }
  const env = { PATH: process.env['PATH'] ?? '', ...settings, ...person('Seed') }
  const [remote, clone] = [join(folder, 'remote.git'), join(folder, 'clone')]
  const run = (...args: string[]) => execFileSync('git', args, { cwd: existsSync(clone) ? clone : folder, env, stdio: 'pipe' })
  run('init', '--quiet', '--bare', '--initial-branch', 'main', remote)
  run('-c', 'init.defaultBranch=main', 'clone', '--quiet', remote, clone)
  for (const [path, text] of Object.entries(seed)) {
    mkdirSync(dirname(join(clone, path)), { recursive: true })
    writeFileSync(join(clone, path), text)
  }
  run('add', '-A')
  run('commit', '--quiet', '-m', 'Seed')
  run('push', '--quiet', 'origin', 'main')
  return folder
}

export function person(name: string): Record<string, string> {
  const email = `${name.toLowerCase()}@example.com`
  return { GIT_AUTHOR_NAME: name, GIT_AUTHOR_EMAIL: email, GIT_COMMITTER_NAME: name, GIT_COMMITTER_EMAIL: email }
}

/** git itself, for arranging and for looking at the end: not the code under test. */
export function git(at: World, folder: string, ...args: string[]): string {
  return execFileSync('git', args, { cwd: folder, env: at.env, encoding: 'utf8', stdio: ['ignore', 'pipe', 'pipe'] }).trimEnd()
}

export function write(at: World, path: string, text: string, folder = at.clone): void {
  const file = join(folder, path)
  mkdirSync(dirname(file), { recursive: true })
  writeFileSync(file, text)
}

export function read(at: World, path: string, folder = at.clone): string {
  return readFileSync(join(folder, path), 'utf8')
}

export function hook(folder: string, name: string, script: string): void {
  const hooks = existsSync(join(folder, '.git')) ? join(folder, '.git/hooks') : join(folder, 'hooks')
  mkdirSync(hooks, { recursive: true })
  writeFileSync(join(hooks, name), `#!/bin/sh\n${script}\n`)
  chmodSync(join(hooks, name), 0o755)
}

/** Somebody else clones, changes a file and pushes. */
export function colleague(at: World, path: string, text: string): string {
  const folder = mkdtempSync(join(at.folder, 'colleague-'))
  git(at, at.folder, 'clone', '--quiet', at.remote, folder)
  write(at, path, text, folder)
  git(at, folder, 'add', '-A')
  execFileSync('git', ['commit', '--quiet', '-m', `Change ${path}`], { cwd: folder, env: { ...at.env, ...person('Grace') } })
  git(at, folder, 'push', '--quiet', 'origin', 'HEAD:main')
  return git(at, folder, 'rev-parse', 'HEAD')
}

/** Everything that a failed commit must leave alone: HEAD, branches, the index, the files, and no lock. */
export function everything(at: World, folder = at.clone): string {
  const gitFolder = git(at, folder, 'rev-parse', '--absolute-git-dir')
  const locks = execFileSync('find', [gitFolder, '-name', '*.lock'], { encoding: 'utf8' })
  const symbolic = readFileSync(join(gitFolder, 'HEAD'), 'utf8')
  return [
    symbolic,
    git(at, folder, 'for-each-ref'),
    git(at, folder, 'ls-files', '--stage'),
    git(at, folder, 'status', '--porcelain=v2', '--untracked-files=all'),
    locks,
  ].join('\n')
}

export const calm = { terminal: false, signal: undefined }
