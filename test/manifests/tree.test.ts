import { promises as fs } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { resolvePath, treeOf, workingTree } from '../../src/manifests/tree.ts'

let around = ''
let root = ''

beforeEach(async () => {
  around = await fs.mkdtemp(join(tmpdir(), 'tree-'))
  root = join(around, 'repo')
  await fs.mkdir(join(root, 'a/b'), { recursive: true })
  await fs.writeFile(join(root, 'a/b/x.yaml'), 'x: 1\n')
  await fs.writeFile(join(around, 'outside.yaml'), 'secret\n')
})

afterEach(() => fs.rm(around, { recursive: true, force: true }))

describe('a working tree', () => {
  it('reads files and lists folders by their path from the root', async () => {
    const tree = workingTree(root)
    expect(await tree.read('a/b/x.yaml')).toBe('x: 1\n')
    expect(await tree.read('./a/b/../b/x.yaml')).toBe('x: 1\n')
    expect(await tree.list('')).toEqual(['a'])
    expect(await tree.list('a/b')).toEqual(['x.yaml'])
    expect(await tree.isFolder('a')).toBe(true)
    expect(await tree.isFolder('a/b/x.yaml')).toBe(false)
  })

  it('has nothing where nothing is', async () => {
    const tree = workingTree(root)
    expect(await tree.read('a')).toBeUndefined()
    expect(await tree.read('nothing')).toBeUndefined()
    expect(await tree.read('a/b/x.yaml/y')).toBeUndefined()
    expect(await tree.list('nothing')).toEqual([])
    expect(await tree.leaves('nothing')).toBe(false)
  })

  it('never leaves the root through ..', async () => {
    const tree = workingTree(root)
    expect(await tree.read('../outside.yaml')).toBeUndefined()
    expect(await tree.read('a/../../outside.yaml')).toBeUndefined()
    expect(await tree.list('..')).toEqual([])
    expect(await tree.leaves('../outside.yaml')).toBe(true)
  })

  it('never leaves the root through a symbolic link, to a file or a folder', async () => {
    await fs.symlink('../../outside.yaml', join(root, 'a/link.yaml'))
    await fs.symlink(around, join(root, 'up'))
    const tree = workingTree(root)
    expect(await tree.read('a/link.yaml')).toBeUndefined()
    expect(await tree.leaves('a/link.yaml')).toBe(true)
    expect(await tree.read('up/outside.yaml')).toBeUndefined()
    expect(await tree.isFolder('up')).toBe(false)
    expect(await tree.list('')).toEqual(['a'])
    expect(await tree.list('a')).toEqual(['b'])
  })

  it('follows links inside the root, but never lists a linked folder, so that a walk ends', async () => {
    await fs.symlink('b/x.yaml', join(root, 'a/link.yaml'))
    await fs.symlink('..', join(root, 'a/round'))
    const tree = workingTree(root)
    expect(await tree.read('a/link.yaml')).toBe('x: 1\n')
    expect(await tree.leaves('a/link.yaml')).toBe(false)
    expect(await tree.list('a')).toEqual(['b', 'link.yaml'])
  })

  it('takes a root that is itself behind a link', async () => {
    await fs.symlink(root, join(around, 'home'))
    expect(await workingTree(join(around, 'home')).read('a/b/x.yaml')).toBe('x: 1\n')
  })

  it('remembers what it has read', async () => {
    const tree = workingTree(root)
    await tree.read('a/b/x.yaml')
    await fs.writeFile(join(root, 'a/b/x.yaml'), 'x: 2\n')
    expect(await tree.read('a/b/x.yaml')).toBe('x: 1\n')
    expect(await workingTree(root).read('a/b/x.yaml')).toBe('x: 2\n')
  })
})

describe('a tree in memory', () => {
  it('answers like one on disk', async () => {
    const tree = treeOf({ 'a/b/x.yaml': 'x', 'a/y.yaml': 'y' })
    expect(await tree.list('')).toEqual(['a'])
    expect(await tree.list('a')).toEqual(['b', 'y.yaml'])
    expect(await tree.isFolder('a/b')).toBe(true)
    expect(await tree.isFolder('a/y.yaml')).toBe(false)
    expect(await tree.read('./a/b/../y.yaml')).toBe('y')
    expect(await tree.read('../a/y.yaml')).toBeUndefined()
    expect(await tree.leaves('../x')).toBe(true)
  })
})

it.each([
  ['a', '../b', 'b'],
  ['a/b', './c/', 'a/b/c'],
  ['', './', ''],
  ['a', '..', ''],
  ['a', '../..', undefined],
  ['a', '/etc/passwd', undefined],
])('in %j, %j is %j', (folder, written, path) => {
  expect(resolvePath(folder, written)).toBe(path)
})
