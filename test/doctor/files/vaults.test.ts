import { describe, expect, it } from 'vitest'
import { storeVaults, vaultIdCase, vaultIdSupported } from '../../../src/doctor/files/vaults.ts'
import { base, storesFile, templates } from '../../commands/init/trees.ts'
import { enabledFiles, filesWorld, found } from '../worlds.ts'

const id = 'abcdefghijklmnopqrstuvwx12'
const release = `${base}/operator/helmrelease.yaml`

/** A world whose ClusterSecretStore says this for its vaults. */
async function world(vaults?: string, version?: string) {
  const files = await enabledFiles((text, path) => {
    if (path === storesFile && vaults !== undefined) return text.replace('homelab: 1', vaults)
    return path === release && version !== undefined ? text.replace(/^( +version: ).*$/m, `$1${version}`) : text
  })
  const line = (files[storesFile] ?? '').split('\n').findIndex((each) => each.includes('vaults:')) + 2
  return { world: filesWorld(files), line }
}

const about = 'ClusterSecretStore onepassword'

describe('store-vaults', () => {
  it('is true for a title, an id, several in any order, and a variable', async () => {
    for (const each of [undefined, `${id}: 1`, 'a: 2\n        "my: vault": 7\n        c: 1', '"$' + '{VAULT}": 1'])
      expect(await storeVaults.look((await world(each)).world)).toEqual([])
  })

  it('does not ask it of stores that are not enabled: init writes the vaults', async () => {
    expect(await storeVaults.look(filesWorld(await templates()))).toEqual([])
  })

  it.each<[string, string, string[]]>([
    ['no vault', '{}', ['It names no vault.']],
    ['the placeholder of the templates', 'your-vault: 1', ['The vault "your-vault" is the placeholder of an example.']],
    ['a bare number', '1: 1', ['The vault "1" is the placeholder of an example.']],
    ['a text for a number', 'homelab: "1"', ['The order of the vault "homelab" is no whole number.']],
    ['a fraction', 'homelab: 1.5', ['The order of the vault "homelab" is no whole number.']],
    ['one order twice', 'a: 1\n        b: 1', ['Several vaults have the order 1: the operator refuses that.']],
  ])('finds %s', async (_, vaults, whys) => {
    const { world: here, line } = await world(vaults)
    const findings = await storeVaults.look(here)
    expect([...new Set(found(findings))]).toEqual(whys.map((why) => `${about}: ${why}`))
    expect(findings[0]).toMatchObject({ at: { path: storesFile, line }, fix: ['eso-bootstrap init --vault <title-or-id>'] })
  })

  it('is not seen without a folder', async () => {
    await expect(storeVaults.look(filesWorld({}))).rejects.toThrow('has no External Secrets folder')
  })
})

describe('vault-id-case', () => {
  it('is true for ids in lower case, and for titles', async () => {
    for (const each of [`${id}: 1`, 'HOMELAB: 1', 'ABCDEFGHIJKLMNOPQRSTUVWXYZ: 1'])
      expect(await vaultIdCase.look((await world(each)).world)).toEqual([])
  })

  it('finds an id in capitals', async () => {
    const { world: here, line } = await world(`${id.toUpperCase()}: 1`)
    expect(await vaultIdCase.look(here)).toMatchObject([
      {
        about,
        why: expect.stringContaining('is an id in capitals'),
        fix: [`eso-bootstrap init --vault ${id}`],
        at: { path: storesFile, line },
      },
    ])
  })
})

describe('vault-id-supported', () => {
  it.each([
    [`${id}: 1`, '0.14.4'],
    [`${id}: 1`, '0.14.x'],
    [`${id}: 1`, '">=0.9.0"'],
    ['homelab: 1', '0.11.0'],
  ])('is true for %s with the operator %s', async (vaults, version) => {
    expect(await vaultIdSupported.look((await world(vaults, version)).world)).toEqual([])
  })

  it.each(['0.14.3', '0.13.x', 'v0.11.0'])('finds an id with the operator %s', async (version) => {
    const { world: here, line } = await world(`${id}: 1`, version)
    expect(await vaultIdSupported.look(here)).toMatchObject([
      { about, why: expect.stringContaining(`External Secrets Operator ${version}`), at: { path: storesFile, line } },
    ])
  })
})
