import { existsSync, writeFileSync } from 'node:fs'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { join } from 'node:path'
import { describe, expect, onTestFinished, test } from 'vitest'
import { commit } from '../../src/git/commit.ts'
import { type PushOptions, push, remoteTip } from '../../src/git/push.ts'
import { calm, everything, git, hook, store, type World, world, write } from './fixture.ts'

const canary = 'the-server-says-hunter2'

/** The push ends in the failure that is meant, which doesn't repeat what the server said; both sides are as before it. */
async function refuses(at: World, expected: object, more: Partial<PushOptions> = {}): Promise<void> {
  write(at, store, 'changed\n')
  const repository = await at.open()
  const start = everything(at)
  const { sha, undo } = await commit(repository, { paths: [store], message: 'Change', env: at.env, ...calm })
  const [clone, remote] = [everything(at), git(at, at.remote, 'for-each-ref')]
  const error = await push(repository, { remote: 'origin', branch: 'main', sha, env: at.env, ...calm, ...more }).catch((caught) => caught)
  expect(error).toMatchObject({ name: 'Failure', ...expected })
  expect(JSON.stringify([error.message, error])).not.toContain('hunter2')
  expect(everything(at)).toBe(clone)
  expect(git(at, at.remote, 'for-each-ref')).toBe(remote)
  await undo()
  expect(everything(at)).toBe(start)
}

describe('a protected branch', () => {
  const texts = {
    'GitHub, classic protection':
      'error: GH006: Protected branch update failed for refs/heads/main.\nerror: Changes must be made through a pull request.',
    'GitHub, a ruleset':
      'error: GH013: Repository rule violations found for refs/heads/main.\n- Changes must be made through a pull request.',
    GitLab: 'GitLab: You are not allowed to push code to protected branches on this project.',
    Gitea: 'Gitea: Not allowed to push to protected branch main',
    Bitbucket: 'Permission denied to update branch main.\nBranch main can only be modified through pull requests.',
  }

  test.each(Object.entries(texts))('%s', async (_, text) => {
    const at = world()
    hook(at.remote, 'pre-receive', `cat <<'E' >&2\n${text}\n${canary}\nE\nexit 1`)
    await refuses(at, {
      id: 'branch-protected',
      exit: 'blocked',
      why: 'The branch is protected: changes come in by pull request.',
      fix: [expect.stringContaining('--branch <new-branch>')],
    })
  })

  test('another branch is free', async () => {
    const at = world()
    hook(at.remote, 'update', '[ "$1" != refs/heads/main ]')
    write(at, store, 'changed\n')
    const repository = await at.open()
    const { sha } = await commit(repository, { paths: [store], message: 'Change', env: at.env, ...calm })
    const options = { remote: 'origin', sha, env: at.env, ...calm }
    await expect(push(repository, { ...options, branch: 'main' })).rejects.toMatchObject({ id: 'branch-protected' })
    await push(repository, { ...options, branch: 'eso', newBranch: true })
    expect(git(at, at.remote, 'rev-parse', 'eso')).toBe(sha)
  })

  test('a hook of the server that says nothing that is known', async () => {
    const at = world()
    hook(at.remote, 'pre-receive', `echo ${canary}; exit 1`)
    await refuses(at, { id: 'branch-protected', why: 'A rule or a hook of the server declined it.' })
  })

  test('secret scanning is no protected branch: a pull request would not help', async () => {
    const at = world()
    hook(at.remote, 'pre-receive', 'echo "error: GH013: Repository rule violations found. GITHUB PUSH PROTECTION" >&2; exit 1')
    await refuses(at, { id: 'push-refused', exit: 'refused', why: expect.stringContaining('secret scanning') })
  })
})

test('the remote is a working tree with that branch checked out', async () => {
  const at = world()
  git(at, at.remote, 'config', 'core.bare', 'false')
  git(at, at.remote, 'config', 'receive.denyCurrentBranch', 'refuse')
  await refuses(at, { id: 'push-refused', why: expect.stringContaining('checked out there') })
})

test('our pre-push hook', async () => {
  const at = world()
  hook(at.clone, 'pre-push', `echo ${canary} >&2; exit 1`)
  await refuses(at, { id: 'hook-rejected', fix: expect.arrayContaining([`git -C ${at.clone} push origin HEAD:main`]) })
})

describe('no way in', () => {
  async function serve(at: World, status: number, headers: Record<string, string> = {}): Promise<void> {
    const server = createServer((_, response) => response.writeHead(status, headers).end(canary))
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
    onTestFinished(() => void server.close())
    const { port } = server.address() as AddressInfo
    git(at, at.clone, 'remote', 'set-url', 'origin', `http://hunter2@127.0.0.1:${port}/o/r.git`)
  }

  function ssh(at: World, words: string): void {
    const program = join(at.home, 'ssh')
    writeFileSync(program, `#!/bin/sh\necho '${words}' >&2; exit 255\n`, { mode: 0o755 })
    git(at, at.clone, 'config', 'core.sshCommand', program)
    git(at, at.clone, 'remote', 'set-url', 'origin', 'git@git.example.com:o/r.git')
  }

  test.each([
    [401, 'It asked for credentials'],
    [403, 'These credentials may not write'],
    [404, 'These credentials may not write'],
  ])('HTTP %i', async (status, why) => {
    const at = world()
    await serve(at, status, { 'www-authenticate': 'Basic realm="git"' })
    await refuses(at, { id: 'push-refused', exit: 'refused', why: expect.stringContaining(why) })
  })

  test.each([
    ['git@github.com: Permission denied (publickey).', 'It asked for credentials'],
    ['Host key verification failed.', 'host key'],
    ['ERROR: The key you are authenticating with has been marked as read only.', 'may not write'],
    ['ERROR: Permission to o/r.git denied to ada.', 'may not write'],
    ['ERROR: Repository not found.', 'no such repository'],
  ])('ssh: %s', async (words, why) => {
    const at = world()
    ssh(at, words)
    await refuses(at, { id: 'push-refused', exit: 'refused', why: expect.stringContaining(why) })
  })

  test('nobody listens; no such name; no such folder; a server error', async () => {
    for (const url of ['http://127.0.0.1:9/o/r', 'ssh://git@127.0.0.1:9/o/r', '/no/such/folder.git']) {
      const at = world()
      git(at, at.clone, 'remote', 'set-url', 'origin', url)
      await refuses(at, { id: 'remote-unreachable', exit: 'blocked', fix: ['git ls-remote origin'] })
    }
    const at = world()
    await serve(at, 500)
    await refuses(at, { id: 'remote-unreachable' })
  })

  test('the server hangs', async () => {
    const at = world()
    hook(at.remote, 'pre-receive', 'exec sleep 60')
    await refuses(at, { id: 'remote-unreachable', why: 'It did not answer in time.' }, { deadline: 1000 })
  })
})

describe('interrupted', () => {
  async function interruptAt(at: World, reached: string): Promise<{ sha: string; outcome: unknown }> {
    write(at, store, 'changed\n')
    const repository = await at.open()
    const { sha } = await commit(repository, { paths: [store], message: 'Change', env: at.env, ...calm })
    const controller = new AbortController()
    const poll = setInterval(() => existsSync(reached) && controller.abort(new Error('interrupted')), 10)
    const options = { remote: 'origin', branch: 'main', sha, env: at.env, terminal: false, signal: controller.signal }
    const outcome = await push(repository, options).catch((error) => error)
    clearInterval(poll)
    return { sha, outcome }
  }

  test('before the commit arrived: the interruption goes on', async () => {
    const at = world()
    const reached = join(at.folder, 'reached')
    hook(at.clone, 'pre-push', `touch ${reached}; sleep 60`)
    const { sha, outcome } = await interruptAt(at, reached)
    expect(outcome).toMatchObject({ message: 'interrupted' })
    expect(git(at, at.remote, 'rev-parse', 'main')).not.toBe(sha)
  })

  test('after it arrived: it is pushed, so that nobody takes back what others can see', async () => {
    const at = world()
    const reached = join(at.folder, 'reached')
    hook(at.remote, 'post-receive', `touch ${reached}; sleep 60`)
    const { sha, outcome } = await interruptAt(at, reached)
    expect(outcome).toEqual({ pushed: sha, notes: [] })
    expect(git(at, at.remote, 'rev-parse', 'main')).toBe(sha)
  })
})

test('remoteTip: the commit, or undefined; a branch whose name only ends like it is another', async () => {
  const at = world()
  const repository = await at.open()
  git(at, at.remote, 'branch', 'x/main', 'main')
  git(at, at.remote, 'update-ref', 'refs/heads/refs/heads/absent', 'main')
  const options = { remote: 'origin', env: at.env, ...calm }
  expect(await remoteTip(repository, { ...options, branch: 'main' })).toBe(git(at, at.remote, 'rev-parse', 'main'))
  expect(await remoteTip(repository, { ...options, branch: 'absent' })).toBeUndefined()
  await expect(remoteTip(repository, { ...options, remote: 'nobody', branch: 'main' })).rejects.toMatchObject({ id: 'remote-unreachable' })
})
