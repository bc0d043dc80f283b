import { chmodSync, existsSync, mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { type Commit, type CommitOptions, commit } from '../../src/git/commit.ts'
import { calm, everything, git, hook, read, store, type World, world, write } from './fixture.ts'

async function commitIn(at: World, more: Partial<CommitOptions> = {}): Promise<Commit> {
  return commit(await at.open(), { paths: [store, 'new file.yaml'], message: "Don't panic", env: at.env, ...calm, ...more })
}

/** Runs into the failure that is meant; HEAD, branches, index and files are as before, and no lock is left. */
async function refuses(at: World, expected: object, more: Partial<CommitOptions> = {}): Promise<void> {
  write(at, store, 'changed\n')
  write(at, 'new file.yaml', 'new\n')
  write(at, 'staged.yaml', 'staged\n')
  if (!existsSync(join(at.clone, '.git/index.lock'))) git(at, at.clone, 'add', 'staged.yaml')
  const before = everything(at)
  await expect(commitIn(at, more)).rejects.toMatchObject(expected)
  expect(everything(at)).toBe(before)
  expect(read(at, store)).toBe('changed\n')
}

const byHand = (at: World) => [
  'Run again with --git none, and commit yourself:',
  `git -C ${at.clone} add -- ${store} 'new file.yaml'`,
  `git -C ${at.clone} commit -m 'Don'\\''t panic' -- ${store} 'new file.yaml'`,
]

describe('a hook', () => {
  const words = 'gitleaks: found hunter2 in values.yaml'

  test.each(['pre-commit', 'prepare-commit-msg', 'commit-msg'])('%s rejects: it is named, its words are not repeated', async (name) => {
    const at = world()
    git(at, at.clone, 'commit', '--quiet', '--allow-empty', '-m', 'So that a message is there')
    for (const other of ['pre-commit', 'prepare-commit-msg', 'commit-msg']) hook(at.clone, other, 'exit 0')
    hook(at.clone, name, `echo '${words}' >&2; echo '${words}'; exit 1`)
    await refuses(at, { id: 'hook-rejected', exit: 'blocked', message: expect.stringContaining(name), fix: byHand(at) })
    await commitIn(at).catch((error: Error) => expect(JSON.stringify([error.message, error])).not.toContain('hunter2'))
  })

  test('in core.hooksPath', async () => {
    const at = world()
    mkdirSync(join(at.clone, '.husky'))
    writeFileSync(join(at.clone, '.husky/pre-commit'), '#!/bin/sh\nexit 1\n', { mode: 0o755 })
    git(at, at.clone, 'config', 'core.hooksPath', '.husky')
    await refuses(at, { id: 'hook-rejected', message: 'The pre-commit hook rejected the commit.' })
  })

  test('that adds other files: the commit is taken back', async () => {
    const at = world()
    write(at, '1password-credentials.json', '{}')
    hook(at.clone, 'pre-commit', 'git add -A')
    await refuses(at, { id: 'hook-added-files', message: expect.stringContaining('1password-credentials.json') })
  })

  test('that hangs, before or after the commit', async () => {
    for (const name of ['pre-commit', 'post-commit']) {
      const at = world()
      hook(at.clone, name, `touch ${join(at.folder, 'reached')}; sleep 60`)
      await refuses(at, { id: 'commit-deadline', why: expect.stringContaining('hook'), fix: byHand(at) }, { deadline: 1500 })
      expect(existsSync(join(at.folder, 'reached'))).toBe(true)
    }
  })

  test('interrupted while it runs', async () => {
    const at = world()
    const reached = join(at.folder, 'reached')
    hook(at.clone, 'pre-commit', `touch ${reached}; sleep 60`)
    const controller = new AbortController()
    const poll = setInterval(() => existsSync(reached) && controller.abort(new Error('interrupted')), 10)
    await refuses(at, { message: 'interrupted' }, { signal: controller.signal })
    clearInterval(poll)
  })
})

describe('signing', () => {
  function signWith(at: World, script: string): void {
    const program = join(at.home, 'gpg')
    writeFileSync(program, `#!/bin/sh\n${script}\n`)
    chmodSync(program, 0o755)
    git(at, at.clone, 'config', 'gpg.program', program)
    git(at, at.clone, 'config', 'commit.gpgsign', 'true')
  }

  test('that fails', async () => {
    const at = world()
    signWith(at, 'echo "gpg: signing failed: Inappropriate ioctl for device" >&2; exit 2')
    await refuses(at, { id: 'signing-failed', exit: 'blocked', fix: byHand(at) })
  })

  test('that waits for a passphrase', async () => {
    const at = world()
    signWith(at, 'sleep 60')
    await refuses(at, { id: 'commit-deadline', why: expect.stringContaining('passphrase') }, { deadline: 1500 })
  })

  test('that works is used', async () => {
    const at = world()
    signWith(at, 'cat >/dev/null; echo "[GNUPG:] SIG_CREATED " >&2; echo signed-by-the-test')
    write(at, store, 'changed\n')
    await commitIn(at, { paths: [store] })
    expect(git(at, at.clone, 'cat-file', 'commit', 'HEAD')).toContain('gpgsig signed-by-the-test')
  })
})

describe('before anything is tried', () => {
  test('no identity', async () => {
    const at = world('[user]\n\tuseConfigOnly = true\n')
    await refuses(at, { id: 'identity-missing', fix: expect.arrayContaining(['git config --global user.name "Your Name"']) })
  })

  test('index.lock is there', async () => {
    const at = world()
    write(at, '.git/index.lock', '')
    await refuses(at, { id: 'index-locked', fix: expect.arrayContaining([expect.stringContaining('index.lock')]) })
    expect(existsSync(join(at.clone, '.git/index.lock'))).toBe(true)
  })

  test('a rebase is under way', async () => {
    const at = world()
    for (const text of ['Second', 'Third']) {
      write(at, 'README.md', text)
      git(at, at.clone, 'commit', '--quiet', '-am', text)
    }
    expect(() => git(at, at.clone, 'rebase', '--quiet', '--exec', 'false', 'HEAD~1')).toThrow()
    await refuses(at, {
      id: 'repository-busy',
      message: expect.stringContaining('rebase'),
      fix: expect.arrayContaining(['git rebase --continue']),
    })
  })

  test('a file is ignored', async () => {
    const at = world()
    write(at, '.git/info/exclude', 'new*\n')
    await refuses(at, { id: 'file-ignored', message: expect.stringContaining('new file.yaml') })
  })

  test('a file lies outside', async () => {
    const at = world()
    await refuses(at, { id: 'outside-repository' }, { paths: [join(at.home, 'x.yaml')] })
  })

  test('nothing has changed', async () => {
    const at = world()
    await refuses(at, { id: 'nothing-to-commit' }, { paths: ['kustomization.yaml'] })
  })
})
