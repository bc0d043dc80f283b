import { execFileSync } from 'node:child_process'
import { mkdirSync, mkdtempSync, realpathSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import type { TestProject } from 'vitest/node'

declare module 'vitest' {
  interface ProvidedContext {
    /** A folder with `remote.git`, and `clone` of it, that hold the seed's files. */
    planted: string
  }
}

export const store = 'secretstores/onepassword-secretstore.yaml'
export const seed: Record<string, string> = {
  'kustomization.yaml': 'resources:\n  # - onepassword-connect\n',
  [store]: 'vaults:\n  homelab: 1\n',
  'README.md': 'Read me.\n',
}

export function person(name: string): Record<string, string> {
  const email = `${name.toLowerCase()}@example.com`
  return { GIT_AUTHOR_NAME: name, GIT_AUTHOR_EMAIL: email, GIT_COMMITTER_NAME: name, GIT_COMMITTER_EMAIL: email }
}

/** Plants the repositories once for all tests: to copy them is cheaper than eight calls of git for each. */
export default function setup(project: TestProject): () => void {
  const folder = realpathSync(mkdtempSync(join(tmpdir(), 'git-planted-')))
  const [remote, clone] = [join(folder, 'remote.git'), join(folder, 'clone')]
  const settings = { HOME: folder, GIT_CONFIG_GLOBAL: '/dev/null', GIT_CONFIG_NOSYSTEM: '1', GIT_TEMPLATE_DIR: '' }
  const env = { PATH: process.env['PATH'] ?? '', ...settings, ...person('Seed') }
  const git = (cwd: string, ...args: string[]) => execFileSync('git', args, { cwd, env, stdio: 'pipe' })
  git(folder, 'init', '--quiet', '--bare', '--initial-branch', 'main', remote)
  git(folder, '-c', 'init.defaultBranch=main', 'clone', '--quiet', remote, clone)
  for (const [path, text] of Object.entries(seed)) {
    mkdirSync(dirname(join(clone, path)), { recursive: true })
    writeFileSync(join(clone, path), text)
  }
  git(clone, 'add', '-A')
  git(clone, 'commit', '--quiet', '-m', 'Seed')
  git(clone, 'push', '--quiet', 'origin', 'main')
  project.provide('planted', folder)
  return () => rmSync(folder, { recursive: true, force: true })
}
