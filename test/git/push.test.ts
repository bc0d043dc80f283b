import { execFileSync } from 'node:child_process'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { commit } from '../../src/git/commit.ts'
import { type Pushed, type PushOptions, push } from '../../src/git/push.ts'
import { calm, colleague, everything, git, hook, person, read, store, type World, world, write } from './fixture.ts'

const ours = 'vaults:\n  catalyst-eso: 1\n'

/** Commits a change of ours and pushes it. */
async function commitAndPush(at: World, more: Partial<PushOptions> = {}, between = () => {}): Promise<Pushed & { sha: string }> {
  write(at, store, ours)
  const repository = await at.open()
  const { sha } = await commit(repository, { paths: [store], message: 'Name the vault\n\nAs it is called.', env: at.env, ...calm })
  between()
  return { sha, ...(await push(repository, { remote: 'origin', branch: 'main', sha, env: at.env, ...calm, ...more })) }
}

const refs = (at: World, folder: string) => git(at, folder, 'for-each-ref', '--format=%(refname) %(objectname)')

test('arrives, and the clone knows', async () => {
  const at = world()
  const { sha, pushed, notes } = await commitAndPush(at)
  expect({ pushed, notes }).toEqual({ pushed: sha, notes: [] })
  expect(refs(at, at.remote)).toBe(`refs/heads/main ${sha}`)
  expect(git(at, at.clone, 'status', '--porcelain', '--branch')).toBe('## main...origin/main')
})

test('neither tags nor other branches go along, whatever is configured', async () => {
  const at = world()
  git(at, at.clone, 'config', 'push.followTags', 'true')
  git(at, at.clone, 'config', 'push.default', 'matching')
  git(at, at.clone, 'branch', 'mine')
  const { sha } = await commitAndPush(at, {}, () => git(at, at.clone, 'tag', '-a', 'v1', '-m', 'v1'))
  expect(refs(at, at.remote)).toBe(`refs/heads/main ${sha}`)
})

test('without an upstream, to a branch with a slash, from a shallow clone and from a worktree', async () => {
  const at = world()
  git(at, at.remote, 'branch', 'env/prod', 'main')
  const shallow = join(at.folder, 'shallow')
  git(at, at.folder, 'clone', '--quiet', '--depth=1', `file://${at.remote}`, shallow)
  git(at, shallow, 'branch', '--unset-upstream')
  const { pushed } = await commitAndPush({ ...at, clone: shallow, open: () => at.open(shallow) }, { branch: 'env/prod' })
  expect(git(at, at.remote, 'rev-parse', 'env/prod')).toBe(pushed)

  const beside = join(at.folder, 'beside')
  git(at, at.clone, 'worktree', 'add', '--quiet', '-b', 'beside', beside)
  const second = await commitAndPush({ ...at, clone: beside, open: () => at.open(beside) })
  expect(git(at, at.remote, 'rev-parse', 'main')).toBe(second.pushed)
})

describe('somebody pushed in between', () => {
  test('our commit goes on top of theirs; branch, index and files follow; others’ work stays', async () => {
    const at = world()
    write(at, 'staged.yaml', 'staged\n')
    git(at, at.clone, 'add', 'staged.yaml')
    write(at, 'README.md', 'I am changing this.\n')
    let theirs = ''
    const { sha, pushed, notes } = await commitAndPush(at, {}, () => {
      colleague(at, 'kustomization.yaml', 'resources: []\n')
      theirs = colleague(at, 'apps/new.yaml', 'new\n')
    })
    expect(notes).toEqual(['Somebody had pushed to main in the meantime; our commit was put on top of theirs.'])
    expect(pushed).not.toBe(sha)
    expect(git(at, at.remote, 'rev-parse', 'main', 'main^')).toBe(`${pushed}\n${theirs}`)
    expect(git(at, at.remote, 'show', '--format=%an %cn%n%B', '--name-only', 'main')).toBe(
      `Ada Ada\nName the vault\n\nAs it is called.\n\n\n${store}`,
    )
    expect(git(at, at.clone, 'rev-parse', 'main', 'origin/main')).toBe(`${pushed}\n${pushed}`)
    expect(git(at, at.clone, 'status', '--porcelain')).toBe(' M README.md\nA  staged.yaml')
    expect([read(at, 'kustomization.yaml'), read(at, 'apps/new.yaml'), read(at, store)]).toEqual(['resources: []\n', 'new\n', ours])
    expect(everything(at)).not.toContain('.lock')
    expect(everything(at)).not.toContain('refs/eso-bootstrap')
  })

  test('and the user is changing the very file: it is pushed, the working tree stays, and the way on is told', async () => {
    const at = world()
    write(at, 'README.md', 'I am changing this.\n')
    const { sha, pushed, notes } = await commitAndPush(at, {}, () => colleague(at, 'README.md', 'Theirs.\n'))
    expect(git(at, at.remote, 'rev-parse', 'main')).toBe(pushed)
    expect(git(at, at.clone, 'rev-parse', 'main')).toBe(sha)
    expect(git(at, at.clone, 'status', '--porcelain')).toBe(' M README.md')
    expect(read(at, 'README.md')).toBe('I am changing this.\n')
    expect(notes[1]).toContain('git pull --rebase --autostash origin main')
  })

  test('from a shallow clone', async () => {
    const at = world()
    const shallow = join(at.folder, 'shallow')
    git(at, at.folder, 'clone', '--quiet', '--depth=1', `file://${at.remote}`, shallow)
    const inShallow = { ...at, clone: shallow, open: () => at.open(shallow) }
    const { pushed } = await commitAndPush(inShallow, {}, () => colleague(at, 'a', 'a\n'))
    expect(git(at, at.remote, 'rev-parse', 'main')).toBe(pushed)
    expect(git(at, shallow, 'status', '--porcelain', '--branch')).toBe('## main...origin/main')
  })

  test('the same change: there is nothing left to push, and we follow', async () => {
    const at = world()
    let theirs = ''
    const { pushed } = await commitAndPush(at, {}, () => {
      theirs = colleague(at, store, ours)
    })
    expect(pushed).toBe(theirs)
    expect(git(at, at.remote, 'rev-parse', 'main')).toBe(theirs)
    expect(git(at, at.clone, 'rev-parse', 'main')).toBe(theirs)
    expect(git(at, at.clone, 'status', '--porcelain')).toBe('')
  })

  test('another change of the same file is a conflict; the commit can be taken back', async () => {
    const at = world()
    let theirs = ''
    await expect(
      commitAndPush(at, {}, () => {
        theirs = colleague(at, store, 'vaults:\n  theirs: 1\n')
      }),
    ).rejects.toMatchObject({
      id: 'push-conflict',
      exit: 'blocked',
      message: `Somebody changed ${store} on main in the meantime.`,
      fix: expect.arrayContaining(['git pull --rebase origin main']),
    })
    expect(git(at, at.remote, 'rev-parse', 'main')).toBe(theirs)
    expect(git(at, at.clone, 'status', '--porcelain', '--branch')).toBe('## main...origin/main [ahead 1, behind 1]')
    expect(everything(at)).not.toMatch(/\.lock|refs\/eso-bootstrap/)
  })

  test('a file of ours and a folder of theirs by the same name is a conflict', async () => {
    const at = world()
    write(at, 'extra', 'a file\n')
    const repository = await at.open()
    const { sha } = await commit(repository, { paths: ['extra'], message: 'Extra', env: at.env, ...calm })
    colleague(at, 'extra/inside', 'a folder\n')
    const pushing = push(repository, { remote: 'origin', branch: 'main', sha, env: at.env, ...calm })
    await expect(pushing).rejects.toMatchObject({ id: 'push-conflict' })
  })

  test('with a rewritten history: nothing is pushed', async () => {
    const at = world()
    let theirs = ''
    const rewriting = commitAndPush(at, {}, () => {
      const folder = join(at.folder, 'rewriter')
      git(at, at.folder, 'clone', '--quiet', at.remote, folder)
      const env = { ...at.env, ...person('Grace') }
      execFileSync('git', ['commit', '--quiet', '--amend', '-m', 'Another seed'], { cwd: folder, env })
      git(at, folder, 'push', '--quiet', '--force')
      theirs = git(at, folder, 'rev-parse', 'HEAD')
    })
    await expect(rewriting).rejects.toMatchObject({ id: 'history-rewritten' })
    expect(git(at, at.remote, 'rev-parse', 'main')).toBe(theirs)
  })

  test('again and again: after three more tries it is enough', async () => {
    const at = world()
    const tries = join(at.folder, 'tries')
    // Each time before our push is sent, another commit has arrived.
    hook(
      at.clone,
      'pre-push',
      `echo x >> ${tries}
cd ${at.remote} && GIT_DIR=. git update-ref refs/heads/main $(GIT_DIR=. git commit-tree -p main -m bot main^{tree} < /dev/null)`,
    )
    const env = { ...at.env, ...person('Ada') }
    await expect(commitAndPush({ ...at, env })).rejects.toMatchObject({ id: 'push-outrun' })
    expect(read(at, 'tries', at.folder)).toBe('x\n'.repeat(4))
    expect(git(at, at.clone, 'log', '--format=%s', 'main')).toBe('Name the vault\nSeed')
    expect(git(at, at.remote, 'log', '--format=%s', 'main')).toBe('bot\nbot\nbot\nbot\nSeed')
  })
})

test('a commit that is signed is signed again on top of theirs', async () => {
  const at = world()
  write(at, 'gpg', '#!/bin/sh\ncat >/dev/null; echo "[GNUPG:] SIG_CREATED " >&2; echo signed-by-the-test\n', at.home)
  execFileSync('chmod', ['+x', join(at.home, 'gpg')])
  git(at, at.clone, 'config', 'gpg.program', join(at.home, 'gpg'))
  git(at, at.clone, 'config', 'commit.gpgsign', 'true')
  await commitAndPush(at, {}, () => {
    const plainly = { ...at, env: { ...at.env } }
    colleague(plainly, 'a', 'a\n')
  })
  expect(git(at, at.remote, 'cat-file', 'commit', 'main')).toContain('signed-by-the-test')
})

describe('a new branch', () => {
  test('is never pushed over one that is there', async () => {
    const at = world()
    git(at, at.remote, 'branch', 'taken', 'main')
    const before = refs(at, at.remote)
    const pushing = commitAndPush(at, { branch: 'taken', newBranch: true })
    await expect(pushing).rejects.toMatchObject({ id: 'branch-exists', message: 'There is a branch taken on origin already.' })
    expect(refs(at, at.remote)).toBe(before)
  })
})
