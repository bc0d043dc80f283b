import { rmSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { type Commit, commit } from '../../src/git/commit.ts'
import { calm, everything, git, hook, read, seed, store, type World, world, write } from './fixture.ts'

async function commitIn(at: World, paths: string[], folder = at.clone): Promise<Commit> {
  return commit(await at.open(folder), { paths, message: 'Enable the stores', env: at.env, ...calm })
}

/** The names in the last commit, its author and message. */
function last(at: World, folder = at.clone): string {
  return git(at, folder, '-c', 'core.quotePath=false', 'show', '--name-only', '--format=%an <%ae>%n%s', 'HEAD')
}

test('exactly the files that are named; what others staged stays staged, what they changed stays changed', async () => {
  const at = world()
  write(at, store, 'vaults:\n  catalyst-eso: 1\n')
  write(at, 'kustomization.yaml', 'resources:\n  - onepassword-connect\n')
  write(at, 'staged.yaml', 'staged\n')
  git(at, at.clone, 'add', 'staged.yaml')
  write(at, 'README.md', 'Changed.\n')
  write(at, '1password-credentials.json', '{}')
  const before = git(at, at.clone, 'rev-parse', 'HEAD')

  const made = await commitIn(at, [store, join(at.clone, 'kustomization.yaml')])

  expect(made).toMatchObject({ sha: git(at, at.clone, 'rev-parse', 'HEAD'), rewritten: [] })
  expect(git(at, at.clone, 'rev-parse', 'HEAD^', 'main')).toBe(`${before}\n${made.sha}`)
  expect(last(at)).toBe(`Ada <ada@example.com>\nEnable the stores\n\nkustomization.yaml\n${store}`)
  expect(git(at, at.clone, 'status', '--porcelain')).toBe(' M README.md\nA  staged.yaml\n?? 1password-credentials.json')
})

const odd = ['two words.yaml', 'schlüssel/ключ.yaml', '-n.yaml', ':(top)x.yaml', 'a*[b]?.yaml', 'quote\'".yaml', 'sub folder/-A']

test.each(odd)('a new file: %s', async (path) => {
  const at = world()
  write(at, path, 'new\n')
  write(at, 'ab.yaml', 'not asked for\n')
  await commitIn(at, [path])
  expect(git(at, at.clone, 'ls-tree', '-r', '-z', '--name-only', 'HEAD').split('\0').sort()).toEqual(
    ['', path, ...Object.keys(seed)].sort(),
  )
  expect(git(at, at.clone, 'status', '--porcelain')).toBe('?? ab.yaml')
})

test('a file that is deleted', async () => {
  const at = world()
  rmSync(join(at.clone, 'README.md'))
  const made = await commitIn(at, ['README.md'])
  expect(git(at, at.clone, 'ls-tree', '-r', '--name-only', 'HEAD')).toBe(`kustomization.yaml\n${store}`)
  await made.undo()
  expect(git(at, at.clone, 'status', '--porcelain')).toBe(' D README.md')
})

test('the first commit of a repository, and its undo', async () => {
  const at = world()
  const folder = join(at.folder, 'empty')
  git(at, at.folder, 'init', '--quiet', folder)
  write(at, 'a.yaml', 'a\n', folder)
  const made = await commitIn(at, ['a.yaml'], folder)
  expect(last(at, folder)).toContain('a.yaml')
  await made.undo()
  expect(git(at, folder, 'status', '--porcelain', '--branch')).toBe('## No commits yet on main\n?? a.yaml')
})

test('in a worktree and in a submodule', async () => {
  const at = world()
  const worktree = join(at.folder, 'beside')
  git(at, at.clone, 'worktree', 'add', '--quiet', '-b', 'beside', worktree)
  git(at, at.clone, 'submodule', '--quiet', 'add', at.remote, 'sub')
  for (const folder of [worktree, join(at.clone, 'sub')]) {
    write(at, store, 'changed\n', folder)
    await commitIn(at, [store], folder)
    expect(last(at, folder)).toContain(store)
    expect(git(at, folder, 'status', '--porcelain')).toBe('')
  }
  expect(git(at, at.clone, 'rev-parse', 'main')).toBe(git(at, at.remote, 'rev-parse', 'main'))
})

test('on a detached HEAD no branch moves', async () => {
  const at = world()
  git(at, at.clone, 'switch', '--quiet', '--detach')
  write(at, store, 'changed\n')
  const made = await commitIn(at, [store])
  expect(git(at, at.clone, 'rev-parse', 'HEAD')).toBe(made.sha)
  expect(git(at, at.clone, 'rev-parse', 'main')).toBe(git(at, at.remote, 'rev-parse', 'main'))
  await made.undo()
  expect(git(at, at.clone, 'rev-parse', 'HEAD')).toBe(git(at, at.remote, 'rev-parse', 'main'))
})

describe('a hook that rewrites', () => {
  test('and adds what it wrote: the commit has it, index and disk agree', async () => {
    const at = world()
    hook(at.clone, 'pre-commit', `printf 'vaults: {a: 1}\\n' > ${store} && git add ${store}`)
    write(at, store, 'vaults:   {a: 1}\n')
    write(at, 'new.yaml', 'new\n')
    const made = await commitIn(at, [store, 'new.yaml'])
    expect(made.rewritten).toEqual([store])
    expect(git(at, at.clone, 'show', `HEAD:${store}`)).toBe('vaults: {a: 1}')
    expect(git(at, at.clone, 'status', '--porcelain')).toBe('')
  })

  test('only on disk: the commit has ours, and the file is named', async () => {
    const at = world()
    hook(at.clone, 'post-commit', `echo '# tidy' >> ${store}`)
    write(at, store, 'ours\n')
    const made = await commitIn(at, [store])
    expect(made.rewritten).toEqual([store])
    expect(git(at, at.clone, 'show', `HEAD:${store}`)).toBe('ours')
    expect(read(at, store)).toBe('ours\n# tidy\n')
    expect(git(at, at.clone, 'status', '--porcelain')).toBe(` M ${store}`)
  })

  test('a clean filter is no rewriting', async () => {
    const at = world()
    git(at, at.clone, 'config', 'filter.up.clean', 'tr a-z A-Z')
    git(at, at.clone, 'config', 'filter.up.smudge', 'tr A-Z a-z')
    write(at, '.git/info/attributes', '*.yaml filter=up\n')
    write(at, store, 'ours\n')
    expect((await commitIn(at, [store])).rewritten).toEqual([])
    expect(git(at, at.clone, 'show', `HEAD:${store}`)).toBe('OURS')
  })
})

describe('undo', () => {
  test('HEAD, index and status are as before; the bytes on disk are the caller’s', async () => {
    const at = world()
    write(at, 'staged.yaml', 'staged\n')
    git(at, at.clone, 'add', 'staged.yaml')
    write(at, store, 'changed\n')
    write(at, 'new.yaml', 'new\n')
    const before = everything(at)
    const made = await commitIn(at, [store, 'new.yaml'])
    expect(everything(at)).not.toBe(before)
    await made.undo()
    expect(everything(at)).toBe(before)
    expect(read(at, store)).toBe('changed\n')
  })

  test('not when somebody has committed on top, or switched the branch', async () => {
    const at = world()
    write(at, store, 'changed\n')
    const made = await commitIn(at, [store])
    git(at, at.clone, 'switch', '--quiet', '-c', 'elsewhere')
    const switched = everything(at)
    await expect(made.undo()).rejects.toMatchObject({ id: 'commit-not-last', exit: 'partly' })
    expect(everything(at)).toBe(switched)
    git(at, at.clone, 'switch', '--quiet', 'main')
    git(at, at.clone, 'commit', '--quiet', '--allow-empty', '-m', 'On top')
    const onTop = everything(at)
    await expect(made.undo()).rejects.toMatchObject({ id: 'commit-not-last' })
    expect(everything(at)).toBe(onTop)
  })
})
