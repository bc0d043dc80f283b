import { execFileSync } from 'node:child_process'
import { chmodSync, cpSync, existsSync, mkdirSync, mkdtempSync, readFileSync, realpathSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { inject, onTestFinished } from 'vitest'
import { openRepository, type Repository } from '../../src/git/repository.ts'
import { person } from './planted.ts'

export { person, seed, store } from './planted.ts'

/** A person's machine and a server: a home, a bare remote with one commit, and a clone of it. */
export interface World {
  folder: string
  home: string
  remote: string
  clone: string
  env: Record<string, string>
  open(folder?: string): Promise<Repository>
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
  const planted = inject('planted')
  cpSync(planted, folder, { recursive: true, preserveTimestamps: true })
  const file = join(clone, '.git/config')
  writeFileSync(file, readFileSync(file, 'utf8').replace(join(planted, 'remote.git'), remote))
  return { folder, home, remote, clone, env, open: (at = clone) => openRepository(at, env) }
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
