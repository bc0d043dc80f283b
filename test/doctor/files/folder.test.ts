import { describe, expect, it } from 'vitest'
import { isFinding } from '../../../src/doctor/check.ts'
import { componentsListed, folderFound, folderReadable } from '../../../src/doctor/files/folder.ts'
import type { FilesWorld } from '../../../src/doctor/world.ts'
import { Failure } from '../../../src/failure.ts'
import { kustomizationFile, seed, templates } from '../../commands/init/trees.ts'
import { enabledFiles, filesWorld, found } from '../worlds.ts'

const failing = (failure: Failure): FilesWorld => {
  const world = filesWorld({})
  return { ...world, places: { ...world.places, folder: () => Promise.reject(failure) } }
}
const noFlux = new Failure({ id: 'flux-absent', exit: 'blocked', what: 'There is no Flux.' })

describe('folder-found', () => {
  it('is true for the templates and the seed, set up or not', async () => {
    for (const files of [await enabledFiles(), await templates(), await seed()])
      expect(await folderFound.look(filesWorld(files))).toEqual([])
  })

  it('finds that there is none, and that there are several', async () => {
    expect(found(await folderFound.look(filesWorld({ 'README.md': '' })))).toEqual([
      'the working tree: It has no External Secrets folder that Flux builds.',
    ])
    const several = new Failure({
      id: 'several-folders',
      exit: 'usage',
      what: 'There are 2: a, b.',
      fix: ['eso-bootstrap init --path a', 'eso-bootstrap init --path b'],
    })
    expect(await folderFound.look(failing(several))).toEqual([
      { about: 'the working tree', why: 'There are 2: a, b.', fix: ['eso-bootstrap doctor --path a', 'eso-bootstrap doctor --path b'] },
    ])
  })

  it('is not seen where the folder may not be looked for', async () => {
    await expect(folderFound.look(failing(noFlux))).rejects.toBe(noFlux)
  })
})

describe('folder-readable', () => {
  it('is true for the templates and the seed, set up or not', async () => {
    for (const files of [await enabledFiles(), await templates(), await seed()])
      expect(await folderReadable.look(filesWorld(files))).toEqual([])
  })

  it('finds an entry that leads nowhere, at its line', async () => {
    const files = await enabledFiles((text, path) => (path === kustomizationFile ? text.replace('- namespace.yaml', '- gone.yaml') : text))
    const [finding, ...more] = (await folderReadable.look(filesWorld(files))).filter(isFinding)
    expect(more).toEqual([])
    const line = (files[kustomizationFile] ?? '').split('\n').findIndex((each) => each.includes('gone.yaml')) + 1
    expect(finding).toMatchObject({ at: { path: kustomizationFile, line }, why: expect.stringContaining("gone.yaml, which isn't there") })
  })

  it('is not seen where there is nothing to read', async () => {
    await expect(folderReadable.look(failing(noFlux))).rejects.toBe(noFlux)
  })
})

describe('components-listed', () => {
  it('is true where both are listed', async () => {
    expect(await componentsListed.look(filesWorld(await enabledFiles()))).toEqual([])
  })

  it('finds what is commented out, at the first line of it', async () => {
    const files = await templates()
    const line = (files[kustomizationFile] ?? '').split('\n').findIndex((each) => each.includes('# - onepassword-connect')) + 1
    expect(await componentsListed.look(filesWorld(files))).toEqual([
      {
        about: kustomizationFile,
        why: 'It is not set up yet: onepassword-connect and secretstores are not among the entries that Flux builds.',
        fix: ['eso-bootstrap init'],
        at: { path: kustomizationFile, line },
      },
    ])
  })

  it('finds the one of them that is off', async () => {
    const files = await enabledFiles((text, path) =>
      path === kustomizationFile ? text.replace('  - secretstores', '  # - secretstores') : text,
    )
    expect(found(await componentsListed.look(filesWorld(files)))).toEqual([
      `${kustomizationFile}: It is not set up yet: secretstores is not among the entries that Flux builds.`,
    ])
  })

  it('is not seen without a folder', async () => {
    await expect(componentsListed.look(filesWorld({}))).rejects.toThrow('has no External Secrets folder')
  })
})
