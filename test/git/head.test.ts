import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import type { Repository } from '../../src/git/repository.ts'
import { git, type World, world, write } from './fixture.ts'

const upstream = { remote: 'origin', branch: 'main' }

async function place(repository: Repository) {
  return { head: await repository.head(), branch: await repository.branch(), upstream: await repository.upstream() }
}

test('on a branch with an upstream', async () => {
  const at = world()
  const repository = await at.open()
  expect(await place(repository)).toEqual({ head: git(at, at.clone, 'rev-parse', 'HEAD'), branch: 'main', upstream })
  expect(await repository.busy()).toBeUndefined()
})

test('an upstream with another name than the branch, on another remote than origin', async () => {
  const at = world()
  git(at, at.clone, 'remote', 'rename', 'origin', 'my/fork')
  git(at, at.clone, 'switch', '--quiet', '-c', 'local/name', '--track', 'my/fork/main')
  expect(await place(await at.open())).toMatchObject({ branch: 'local/name', upstream: { remote: 'my/fork', branch: 'main' } })
})

test('no upstream; one that is a local branch; one that is gone', async () => {
  const at = world()
  const repository = await at.open()
  git(at, at.clone, 'switch', '--quiet', '--no-track', '-c', 'topic')
  expect(await place(repository)).toMatchObject({ branch: 'topic', upstream: undefined })
  git(at, at.clone, 'branch', '--quiet', '--set-upstream-to', 'main')
  expect(await repository.upstream()).toBeUndefined()
  git(at, at.clone, 'switch', '--quiet', 'main')
  git(at, at.clone, 'update-ref', '-d', 'refs/remotes/origin/main')
  expect(await repository.upstream()).toEqual(upstream)
})

test('detached HEAD', async () => {
  const at = world()
  git(at, at.clone, 'switch', '--quiet', '--detach')
  expect(await place(await at.open())).toMatchObject({ branch: undefined, upstream: undefined })
})

test('before the first commit', async () => {
  const at = world()
  const empty = join(at.folder, 'empty')
  git(at, at.folder, 'init', '--quiet', empty)
  expect(await place(await at.open(empty))).toEqual({ head: undefined, branch: 'main', upstream: undefined })
})

test('a worktree and a submodule are repositories with a HEAD of their own', async () => {
  const at = world()
  const worktree = join(at.folder, 'work tree')
  git(at, at.clone, 'worktree', 'add', '--quiet', '-b', 'beside', worktree)
  const beside = await at.open(worktree)
  expect(beside.root).toBe(worktree)
  expect(await beside.branch()).toBe('beside')

  git(at, at.clone, 'submodule', '--quiet', 'add', at.remote, 'sub')
  git(at, join(at.clone, 'sub'), 'switch', '--quiet', '-c', 'within')
  const within = await at.open(join(at.clone, 'sub/secretstores'))
  expect(within.root).toBe(join(at.clone, 'sub'))
  expect(await within.branch()).toBe('within')
})

describe('what is under way', () => {
  test.each([
    ['merge', ['merge', 'other']],
    ['rebase', ['rebase', 'other']],
    ['cherry-pick', ['cherry-pick', 'other']],
    ['revert', ['revert', 'HEAD~1']],
    ['bisect', ['bisect', 'start']],
  ])('%s', async (busy, command) => {
    const at = world()
    git(at, at.clone, 'switch', '--quiet', '-c', 'other')
    change(at, 'Theirs')
    git(at, at.clone, 'switch', '--quiet', 'main')
    change(at, 'Ours')
    change(at, 'Ours again')
    try {
      git(at, at.clone, ...command)
    } catch {
      // It stops at a conflict, as it is meant to.
    }
    expect(await (await at.open()).busy()).toBe(busy)
  })
})

function change(at: World, text: string): void {
  write(at, 'README.md', `${text}\n`)
  git(at, at.clone, 'commit', '--quiet', '-am', text)
}
