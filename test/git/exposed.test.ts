import { symlinkSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { exposedSecrets } from '../../src/git/exposed.ts'
import { git, type World, world, write } from './fixture.ts'

async function exposed(at: World, ...paths: string[]): Promise<string[]> {
  return exposedSecrets(await at.open(), paths)
}

test('in the working tree and not ignored', async () => {
  const at = world()
  write(at, '1password-credentials.json', '{}')
  write(at, '-z.json', '{}')
  const paths = ['1password-credentials.json', '-z.json'].map((name) => join(at.clone, name))
  expect(await exposed(at, ...paths)).toEqual(paths)
  write(at, '.gitignore', '*.json\n')
  expect(await exposed(at, ...paths)).toEqual([])
})

test('tracked, although there is a rule to ignore it', async () => {
  const at = world()
  const path = join(at.clone, 'token')
  write(at, 'token', 'not a token\n')
  git(at, at.clone, 'add', 'token')
  write(at, '.gitignore', 'token\n')
  expect(await exposed(at, path)).toEqual([path])
})

test('behind a symbolic link from outside, in another clone inside the working tree, in a submodule', async () => {
  const at = world()
  write(at, 'credentials.json', '{}')
  const link = join(at.home, 'link.json')
  symlinkSync(join(at.clone, 'credentials.json'), link)
  git(at, at.clone, 'clone', '--quiet', at.remote, 'nested')
  git(at, at.clone, 'submodule', '--quiet', 'add', at.remote, 'sub')
  write(at, 'nested/token', 'x')
  write(at, 'sub/token', 'x')
  write(at, 'sub/.gitignore', 'token\n')
  const [nested, sub] = [join(at.clone, 'nested/token'), join(at.clone, 'sub/token')]
  expect(await exposed(at, link, nested, sub)).toEqual([link, nested])
})

test('not outside, not absent, not in git’s own folder', async () => {
  const at = world()
  write(at, 'token', 'x', at.home)
  write(at, '.git/token', 'x')
  expect(await exposed(at, join(at.home, 'token'), join(at.clone, 'absent'), join(at.clone, '.git/token'))).toEqual([])
})
