import { chmod, rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest'
import { reportIn } from './schema.ts'
import { snapshot } from './snapshot.ts'
import { openStage, type Stage } from './stage.ts'
import { kustomizationFile } from './trees.ts'
import { gitThat } from './trip.ts'

let stage: Stage
let before: Awaited<ReturnType<typeof snapshot>>
beforeAll(async () => {
  stage = await openStage()
  before = await snapshot(stage)
})
afterAll(() => stage?.close())
afterEach(async () => {
  await gitThat(stage)
  await Promise.all(['pre-commit', 'commit-msg', 'pre-push'].map((name) => rm(hook(name), { force: true })))
  await stage.sandbox.origin.removeHook('pre-receive')
})

const hook = (name: string) => join(stage.sandbox.repository, '.git/hooks', name)
async function setHook(name: string, script: string): Promise<void> {
  await writeFile(hook(name), `#!/bin/sh\n${script}\n`)
  await chmod(hook(name), 0o755)
}

const real = `PATH="${process.env['PATH']}" git "$@"`
const lost = "echo 'fatal: the remote end hung up unexpectedly' >&2"

describe('a git command that fails before anybody can see a change: all is as it was', () => {
  test.each([
    ['the commit', "*' commit --quiet '*", 'exit 128'],
    ['the commit, after it was made', "*' commit --quiet '*", `${real}; exit 1`],
    ['looking which commit it is', "*' rev-parse HEAD'", 'exit 128'],
    ['looking what is in it', "*' diff-tree '*", 'exit 128'],
    ['looking what became of the files', "*' ls-tree '*", 'exit 128'],
    ['reading the files', "*' hash-object '*", 'exit 128'],
    ['reading the index', "*' ls-files '*", 'exit 128'],
    ['the push', "*' push '*", `${lost}; exit 128`],
  ])('%s', async (_, match, script) => {
    await gitThat(stage, [{ match, script }])
    const report = reportIn(await stage.init({ output: 'json' }))
    expect(report.verdict).toBe('failed')
    expect(report.exitCode).not.toBe(5)
    expect(await snapshot(stage)).toEqual(before)
  })

  test.each([
    ['pre-commit', 'hook-rejected'],
    ['commit-msg', 'hook-rejected'],
    ['pre-push', 'hook-rejected'],
  ])('the hook %s says no', async (name, id) => {
    await setHook(name, 'echo "the linter is not content" >&2; exit 1')
    const report = reportIn(await stage.init({ output: 'json' }))
    expect(report).toMatchObject({ exitCode: 3, errors: [{ id }] })
    expect(report.steps.find(({ id }) => id === 'publish')?.state).toBe('failed')
    expect(await snapshot(stage)).toEqual(before)
  })

  test('the file can’t be written', async () => {
    const folder = join(stage.sandbox.repository, kustomizationFile, '..')
    await chmod(folder, 0o555)
    try {
      const ended = await stage.init({ output: 'json' })
      // Root may write anywhere.
      if (process.getuid?.() !== 0) expect(reportIn(ended).verdict).toBe('failed')
      else await stage.git('push', '--quiet', '--force', 'origin', `${before.clone.head.trim()}:main`)
    } finally {
      await chmod(folder, 0o755)
    }
  })
})

test('a push that arrived although git says that it failed: it is seen, and nothing that others can see is taken back', async () => {
  const other = await openStage()
  try {
    await gitThat(other, [{ match: "*' push '*", script: `${real}; ${lost}; exit 128` }])
    const report = reportIn(await other.init({ output: 'json' }))
    expect(await other.git('rev-parse', 'HEAD')).toBe(await other.remote('rev-parse', 'main'))
    expect(report).toMatchObject({ exitCode: 0, verdict: 'configured' })
  } finally {
    await other.close()
  }
})

test('a hook that rewrites what is committed is named', async () => {
  const other = await openStage()
  try {
    const path = join(other.sandbox.repository, '.git/hooks/pre-commit')
    await writeFile(path, `#!/bin/sh\necho '# checked' >> ${kustomizationFile}\ngit add ${kustomizationFile}\n`, { mode: 0o755 })
    const report = reportIn(await other.init({ output: 'json' }))
    expect(report.exitCode).toBe(0)
    expect(await other.remote('show', `main:${kustomizationFile}`)).toMatch(/# checked\n$/)
    expect(await other.git('status', '--porcelain')).toBe('')
    const human = await other.init()
    expect(human).toMatchObject({ code: 0, stdout: expect.stringContaining('Nothing to change') })
  } finally {
    await other.close()
  }
})
