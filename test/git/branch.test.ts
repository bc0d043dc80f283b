import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { commitOnBranch } from '../../src/git/branch.ts'
import type { Commit } from '../../src/git/commit.ts'
import { push } from '../../src/git/push.ts'
import { calm, everything, git, hook, read, seed, store, type World, world, write } from './fixture.ts'

async function onBranch(at: World, branch = 'enable-stores', more: { signal?: AbortSignal; deadline?: number } = {}): Promise<Commit> {
  write(at, store, 'changed\n')
  write(at, 'new.yaml', 'new\n')
  const repository = await at.open()
  return commitOnBranch(repository, { branch, paths: [store, 'new.yaml'], message: 'Enable the stores', env: at.env, ...calm, ...more })
}

test('the commit is on the new branch; the branch that is checked out is as it was, also for others’ staged work', async () => {
  const at = world()
  write(at, 'staged.yaml', 'staged\n')
  git(at, at.clone, 'add', 'staged.yaml')
  const main = git(at, at.clone, 'rev-parse', 'main')
  const made = await onBranch(at)
  expect(git(at, at.clone, 'rev-parse', 'enable-stores', 'enable-stores^', 'main')).toBe(`${made.sha}\n${main}\n${main}`)
  expect(git(at, at.clone, 'show', '--format=', '--name-only', 'enable-stores')).toBe(`new.yaml\n${store}`)
  expect(git(at, at.clone, 'status', '--porcelain', '--branch')).toBe(`## main...origin/main\n M ${store}\nA  staged.yaml\n?? new.yaml`)
  expect(read(at, store)).toBe('changed\n')

  const { pushed } = await push(await at.open(), {
    remote: 'origin',
    branch: 'enable-stores',
    sha: made.sha,
    newBranch: true,
    env: at.env,
    ...calm,
  })
  expect(git(at, at.remote, 'rev-parse', 'enable-stores', 'main')).toBe(`${pushed}\n${main}`)

  write(at, store, seed[store] ?? '')
  expect(git(at, at.clone, 'status', '--porcelain')).toBe('A  staged.yaml\n?? new.yaml')
})

test('undo removes the branch', async () => {
  const at = world()
  write(at, store, 'changed\n')
  write(at, 'new.yaml', 'new\n')
  const before = everything(at)
  await (await onBranch(at)).undo()
  expect(everything(at)).toBe(before)
})

test('from a detached HEAD', async () => {
  const at = world()
  git(at, at.clone, 'switch', '--quiet', '--detach')
  const head = read(at, '.git/HEAD')
  const made = await onBranch(at)
  expect(read(at, '.git/HEAD')).toBe(head)
  expect(git(at, at.clone, 'rev-parse', 'enable-stores')).toBe(made.sha)
})

test('hooks see the branch’s name', async () => {
  const at = world()
  hook(at.clone, 'pre-commit', `git symbolic-ref --short HEAD > ${join(at.folder, 'seen')}`)
  await onBranch(at)
  expect(read(at, 'seen', at.folder)).toBe('enable-stores\n')
})

describe('leaves nothing behind when', () => {
  async function refuses(at: World, expected: object, branch?: string, more?: { signal?: AbortSignal; deadline?: number }): Promise<void> {
    write(at, store, 'changed\n')
    write(at, 'new.yaml', 'new\n')
    const before = everything(at)
    await expect(onBranch(at, branch, more)).rejects.toMatchObject(expected)
    expect(everything(at)).toBe(before)
  }

  test('a hook rejects', async () => {
    const at = world()
    hook(at.clone, 'commit-msg', 'exit 1')
    await refuses(at, { id: 'hook-rejected' })
  })

  test('a hook hangs after the commit', async () => {
    const at = world()
    hook(at.clone, 'post-commit', 'sleep 60')
    await refuses(at, { id: 'commit-deadline' }, undefined, { deadline: 1500 })
  })

  test('it is interrupted', async () => {
    const at = world()
    const reached = join(at.folder, 'reached')
    hook(at.clone, 'pre-commit', `touch ${reached}; sleep 60`)
    const controller = new AbortController()
    const poll = setInterval(() => existsSync(reached) && controller.abort(new Error('interrupted')), 10)
    await refuses(at, { message: 'interrupted' }, undefined, { signal: controller.signal })
    clearInterval(poll)
  })

  test('there is such a branch', async () => {
    const at = world()
    git(at, at.clone, 'branch', 'taken')
    await refuses(at, { id: 'branch-exists', message: 'There is a branch taken already.' }, 'taken')
  })

  test.each(['', '-x', 'a b', 'a..b', '@{-1}', 'x.lock', 'refs/heads/\u001b[31m'])('the name is not allowed: %j', async (name) => {
    const at = world()
    git(at, at.clone, 'switch', '--quiet', '-c', 'second')
    await refuses(at, { id: 'branch-name', exit: 'usage', message: expect.not.stringContaining('\u001b') }, name)
  })

  test('there is no commit yet', async () => {
    const at = world()
    git(at, at.clone, 'switch', '--quiet', '--orphan', 'fresh')
    await refuses(at, { id: 'no-commit-yet' })
  })
})
