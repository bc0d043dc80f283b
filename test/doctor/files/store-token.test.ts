import { expect, it } from 'vitest'
import { storeTokenNamespace } from '../../../src/doctor/files/store-token.ts'
import { storesFile } from '../../commands/init/trees.ts'
import { enabledFiles, filesWorld } from '../worlds.ts'

const namespaceLine = '            namespace: external-secrets\n'
const look = async (change?: (text: string) => string) => {
  const files = await enabledFiles((text, path) => (path === storesFile && change ? change(text) : text))
  return { found: await storeTokenNamespace.look(filesWorld(files)), text: files[storesFile] ?? '' }
}
const lineOf = (text: string, part: string, from = 0) => text.slice(0, text.indexOf(part, from)).split('\n').length

it('is true for the templates, and for a SecretStore that names its own namespace', async () => {
  expect((await look()).found).toEqual([])
  expect((await look((text) => `${text}${namespaceLine}`)).found).toEqual([])
})

it('finds a ClusterSecretStore that says nowhere where its token is', async () => {
  const { found, text } = await look((all) => all.replace(namespaceLine, ''))
  expect(found).toMatchObject([
    {
      about: 'ClusterSecretStore onepassword',
      why: expect.stringContaining('names no namespace'),
      at: { path: storesFile, line: lineOf(text, 'name: onepassword-connect-token') },
    },
  ])
})

it('finds a SecretStore that takes its token from elsewhere', async () => {
  const { found, text } = await look((all) => `${all}${namespaceLine.replace('external-secrets', 'elsewhere')}`)
  expect(found).toMatchObject([
    {
      about: 'SecretStore external-secrets/onepassword',
      why: 'It is in external-secrets and takes its token from elsewhere: a SecretStore may read only its own namespace.',
      at: { path: storesFile, line: lineOf(text, 'namespace: elsewhere') },
    },
  ])
})

it('is not seen without a folder', async () => {
  await expect(storeTokenNamespace.look(filesWorld({}))).rejects.toThrow('has no External Secrets folder')
})
