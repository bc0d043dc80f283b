import { symlinkSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { openRepository } from '../../src/git/repository.ts'
import { git, read, store, type World, world, write } from './fixture.ts'

const id = (name: string) => expect.objectContaining({ name: 'Failure', id: name })

describe('opening', () => {
  test('from any folder of the working tree, also through a symbolic link', async () => {
    const at = world()
    symlinkSync(at.clone, join(at.folder, 'link'))
    expect((await at.open(join(at.clone, 'secretstores'))).root).toBe(at.clone)
    expect((await at.open(join(at.folder, 'link'))).root).toBe(at.clone)
  })

  test('what is not a working tree', async () => {
    const at = world()
    await expect(at.open(at.home)).rejects.toEqual(id('not-a-repository'))
    await expect(at.open(join(at.folder, 'nowhere'))).rejects.toEqual(id('not-a-repository'))
    await expect(at.open(join(at.clone, 'README.md'))).rejects.toEqual(id('not-a-repository'))
    await expect(at.open(join(at.clone, '.git'))).rejects.toEqual(id('not-a-repository'))
    await expect(at.open(at.remote)).rejects.toEqual(id('bare-repository'))
  })

  test('without git', async () => {
    const at = world()
    await expect(openRepository(at.clone, { ...at.env, PATH: at.home })).rejects.toEqual(id('git-missing'))
  })

  test('a repository that belongs to somebody else', async () => {
    const at = world()
    const env = { ...at.env, GIT_TEST_ASSUME_DIFFERENT_OWNER: '1' }
    await expect(openRepository(at.clone, env)).rejects.toMatchObject({
      id: 'repository-not-trusted',
      fix: [`git config --global --add safe.directory ${at.clone}`],
    })
  })

  test('GIT_DIR and its kin, as a hook or an alias sets them, lead nowhere else', async () => {
    const at = world()
    const other = world()
    const env = { ...at.env, GIT_DIR: join(other.clone, '.git'), GIT_WORK_TREE: other.clone, GIT_INDEX_FILE: join(at.folder, 'index') }
    const repository = await openRepository(at.clone, env)
    expect(repository.root).toBe(at.clone)
    expect(await repository.dirty(['README.md'])).toEqual([])
  })
})

describe('paths', () => {
  const odd = ['two words.yaml', 'schlüssel/ключ.yaml', '-n.yaml', ':(top)x.yaml', 'a*[b]?.yaml', 'quote\'".yaml', 'tab\there.yaml']

  test.each(odd)('%s', async (path) => {
    const at = world()
    const repository = await at.open()
    write(at, path, 'new\n')
    expect(await repository.dirty([path])).toEqual([{ path, what: 'untracked' }])
    expect(await repository.tracked(path)).toBe(false)
    expect(await repository.ignored([path])).toEqual([])
    git(at, at.clone, 'add', '--', `:(literal)${path}`)
    expect(await repository.dirty([join(at.clone, path)])).toEqual([{ path, what: 'staged' }])
    expect(await repository.tracked(path)).toBe(true)
    git(at, at.clone, 'commit', '--quiet', '-m', 'x')
    expect(await repository.show('HEAD', path)).toBe('new\n')
  })

  test('a pattern in a name finds only itself', async () => {
    const at = world()
    write(at, 'ab.yaml', 'new\n')
    expect(await (await at.open()).dirty(['a*.yaml'])).toEqual([])
  })

  test('the repository may be asked about what lies outside only with `inside` and `exposed`', async () => {
    const at = world()
    const repository = await at.open()
    const outside = join(at.home, 'token')
    expect(await repository.inside(outside)).toBeUndefined()
    expect(await repository.inside(at.clone)).toBeUndefined()
    expect(await repository.inside(join(at.clone, 'not/there.yaml'))).toBe('not/there.yaml')
    expect(await repository.exposed(outside)).toBe(false)
    await expect(repository.ignored([outside])).rejects.toEqual(id('outside-repository'))
  })
})

describe('dirty', () => {
  test('modified, staged, untracked, conflicted; others are not named', async () => {
    const at = world()
    const repository = await at.open()
    expect(await repository.dirty(Object.keys({ [store]: 1, 'README.md': 1 }))).toEqual([])
    write(at, store, 'changed\n')
    write(at, 'README.md', 'staged\n')
    git(at, at.clone, 'add', 'README.md')
    expect(await repository.dirty([store, 'kustomization.yaml'])).toEqual([{ path: store, what: 'modified' }])
    expect(await repository.dirty(['README.md'])).toEqual([{ path: 'README.md', what: 'staged' }])
    expect(await repository.dirty([])).toEqual([])
  })

  test('conflicted', async () => {
    const at = world()
    diverge(at)
    expect(() => git(at, at.clone, 'merge', 'other')).toThrow()
    expect(await (await at.open()).dirty(['README.md'])).toEqual([{ path: 'README.md', what: 'conflicted' }])
  })

  test('looking takes no lock and leaves the index as it is', async () => {
    const at = world()
    write(at, '.git/index.lock', '')
    write(at, 'README.md', 'changed\n')
    const index = read(at, '.git/index')
    expect(await (await at.open()).dirty(['README.md'])).toEqual([{ path: 'README.md', what: 'modified' }])
    expect(read(at, '.git/index')).toBe(index)
  })

  test('ignored', async () => {
    const at = world()
    write(at, '.gitignore', '*.json\n')
    const repository = await at.open()
    expect(await repository.ignored(['x.yaml', '1password-credentials.json'])).toEqual(['1password-credentials.json'])
  })
})

test('commits: has, isAncestor, resolve, show', async () => {
  const at = world()
  const first = git(at, at.clone, 'rev-parse', 'HEAD')
  write(at, 'README.md', 'Second.\n')
  git(at, at.clone, 'commit', '--quiet', '-am', 'Second')
  const second = git(at, at.clone, 'rev-parse', 'HEAD')
  const repository = await at.open()
  const unknown = 'f'.repeat(40)
  expect(await repository.has(first)).toBe(true)
  expect(await repository.has(unknown)).toBe(false)
  expect(await repository.has('--batch')).toBe(false)
  expect(await repository.isAncestor(first, second)).toBe(true)
  expect(await repository.isAncestor(second, first)).toBe(false)
  expect(await repository.isAncestor(unknown, first)).toBe(false)
  expect(await repository.resolve('HEAD')).toBe(second)
  expect(await repository.resolve('nothing')).toBeUndefined()
  expect(await repository.resolve('--all')).toBeUndefined()
  expect(await repository.show(first, 'README.md')).toBe('Read me.\n')
  expect(await repository.show(first, 'none')).toBeUndefined()
  expect(await repository.unpushed('origin', 'main')).toBe(1)
  expect(await repository.unpushed('origin', 'never')).toBeUndefined()
  expect(await repository.distance(first)).toEqual({ ahead: 1, behind: 0 })
  expect(await repository.distance(second)).toEqual({ ahead: 0, behind: 0 })
  expect(await repository.distance(unknown)).toBeUndefined()
  expect(await repository.distance('--all')).toBeUndefined()
  git(at, at.clone, 'checkout', '--quiet', first)
  expect(await repository.distance(second)).toEqual({ ahead: 0, behind: 1 })
})

test('remotes: insteadOf and pushurl are honoured, credentials are gone', async () => {
  const at = world()
  git(at, at.clone, 'config', 'url.https://github.com/.insteadOf', 'gh:')
  git(at, at.clone, 'remote', 'add', 'upstream', 'gh:ada/homelab')
  git(at, at.clone, 'remote', 'add', 'ci', 'https://x:not-a-token@github.com/ada/homelab.git')
  git(at, at.clone, 'remote', 'set-url', '--push', 'ci', 'ssh://git@ssh.github.com:443/ada/homelab.git')
  expect(await (await at.open()).remotes()).toEqual([
    { name: 'ci', fetch: 'https://github.com/ada/homelab.git', push: 'ssh://git@ssh.github.com:443/ada/homelab.git' },
    { name: 'origin', fetch: at.remote, push: at.remote },
    { name: 'upstream', fetch: 'https://github.com/ada/homelab', push: 'https://github.com/ada/homelab' },
  ])
})

function diverge(at: World): void {
  git(at, at.clone, 'switch', '--quiet', '-c', 'other')
  write(at, 'README.md', 'Theirs.\n')
  git(at, at.clone, 'commit', '--quiet', '-am', 'Theirs')
  git(at, at.clone, 'switch', '--quiet', 'main')
  write(at, 'README.md', 'Ours.\n')
  git(at, at.clone, 'commit', '--quiet', '-am', 'Ours')
}
