import { expect, test } from 'vitest'
import { checkBranch } from '../../src/git/preflight.ts'
import { colleague, git, type World, world } from './fixture.ts'

async function check(at: World): Promise<void> {
  await checkBranch(await at.open(), { remote: 'origin', branch: 'main' })
}

test('on the branch that Flux reads, with nothing of its own', async () => {
  const at = world()
  await expect(check(at)).resolves.toBeUndefined()
  colleague(at, 'a', 'a\n')
  git(at, at.clone, 'fetch', '--quiet')
  await expect(check(at)).resolves.toBeUndefined()
})

test('without an upstream it is enough that the branch was fetched', async () => {
  const at = world()
  git(at, at.clone, 'branch', '--unset-upstream')
  await expect(check(at)).resolves.toBeUndefined()
  git(at, at.clone, 'update-ref', '-d', 'refs/remotes/origin/main')
  await expect(check(at)).rejects.toMatchObject({
    id: 'branch-not-fetched',
    fix: ['git fetch origin main:refs/remotes/origin/main'],
  })
  git(at, at.clone, 'fetch', '--quiet', 'origin', 'main:refs/remotes/origin/main')
  await expect(check(at)).resolves.toBeUndefined()
})

test('detached HEAD', async () => {
  const at = world()
  git(at, at.clone, 'switch', '--quiet', '--detach')
  await expect(check(at)).rejects.toMatchObject({ id: 'head-detached', exit: 'blocked', fix: ['git switch main'] })
})

test('another branch', async () => {
  const at = world()
  git(at, at.clone, 'switch', '--quiet', '-c', 'topic')
  await expect(check(at)).rejects.toMatchObject({
    id: 'wrong-branch',
    message: 'The branch topic is checked out, but Flux reads main.',
    fix: ['git switch main', 'Or, for a pull request: --branch <new-branch>'],
  })
})

test('commits that are not pushed', async () => {
  const at = world()
  git(at, at.clone, 'commit', '--quiet', '--allow-empty', '-m', 'Mine')
  await expect(check(at)).rejects.toMatchObject({ id: 'unpushed-commits', message: 'main holds a commit that is not on origin yet.' })
  git(at, at.clone, 'commit', '--quiet', '--allow-empty', '-m', 'Mine too')
  await expect(check(at)).rejects.toMatchObject({
    message: 'main holds 2 commits that are not on origin yet.',
    fix: ['git log origin/main..main', 'git push origin main'],
  })
})
