import type { FilesCheck, Finding } from '../check.ts'
import { isOlder } from '../older.ts'
import { operatorVersion } from './operator-version.ts'
import { type AnyStore, storesOf } from './stores-of.ts'

const way = ['spec', 'provider', 'onepassword', 'vaults'] as const
const provider = 'https://external-secrets.io/latest/provider/1password-automation/'

export const storeVaults: FilesCheck = {
  id: 'store-vaults',
  category: 'files',
  title: 'each 1Password store names its vaults, each with an order of its own',
  severity: 'error',
  needs: ['components-listed'],
  page: {
    symptom: 'The webhook denies the store, or the store says: Found 0 vaults with title.',
    cause:
      'The key under vaults is the title (or id) of a vault, the number is the order in which vaults are searched. Often the placeholder of an example is left, the number is taken for an id, or two vaults have the same number.',
    fix: 'eso-bootstrap init --vault <title-or-id> writes all stores alike. Numbers have to differ, and need not follow each other.',
    sources: [provider, 'https://github.com/external-secrets/external-secrets/blob/main/providers/v1/onepassword/onepassword.go'],
  },
  looksAt: 'files',
  look: async (world) => (await storesOf(world)).filter(({ live }) => live).flatMap(flawsOf),
}

function flawsOf(store: AnyStore): Finding[] {
  const { says, vaults } = store
  const fix = ['eso-bootstrap init --vault <title-or-id>']
  const tell = (why: string, ...path: string[]): Finding => ({ about: says, why, fix, ...place(store, ...path) })
  if (vaults.length === 0) return [tell('It names no vault.')]
  const orders = vaults.map(({ order }) => order)
  return vaults.flatMap(({ key, order }) => {
    if (/^(your-vault|my-vault|vault-name|change-?me|<.*>|1)$/i.test(key))
      return [tell(`The vault "${key}" is the placeholder of an example.`, key)]
    if (!Number.isInteger(order)) return [tell(`The order of the vault "${key}" is no whole number.`, key)]
    if (orders.filter((each) => each === order).length > 1)
      return [tell(`Several vaults have the order ${order}: the operator refuses that.`, key)]
    return []
  })
}

export const vaultIdCase: FilesCheck = {
  id: 'vault-id-case',
  category: 'files',
  title: 'vaults that are named by their id are named in lower case',
  severity: 'error',
  needs: ['folder-readable'],
  page: {
    symptom: 'The store says: Found 0 vaults with title, followed by an id in capitals.',
    cause:
      'The op command prints some ids in capitals. The operator takes only 26 lower-case letters and digits for an id, and everything else for a title.',
    fix: 'Write the id in lower case; eso-bootstrap init --vault <id> does.',
    sources: ['https://github.com/1Password/connect-sdk-go/blob/main/connect/client.go', provider],
  },
  looksAt: 'files',
  async look(world) {
    return (await storesOf(world)).flatMap((store) =>
      store.vaults.flatMap(({ key }) => {
        if (!/^[a-z0-9]{26}$/i.test(key) || key === key.toLowerCase() || !/\d/.test(key)) return []
        return [
          {
            about: store.says,
            why: `The vault ${key} is an id in capitals, so it is looked for as a title.`,
            fix: [`eso-bootstrap init --vault ${key.toLowerCase()}`],
            ...place(store, key),
          },
        ]
      }),
    )
  },
}

export const vaultIdSupported: FilesCheck = {
  id: 'vault-id-supported',
  category: 'files',
  title: 'the operator understands ids of vaults, where a store names one',
  severity: 'error',
  needs: ['folder-readable'],
  page: {
    symptom: 'The store says: Found 0 vaults with title, followed by the id of a vault that is there.',
    cause: 'External Secrets Operator understands ids of vaults since 0.14.4; before, it takes them for titles.',
    fix: 'Name the vault by its title, or update the operator.',
    sources: [
      'https://github.com/external-secrets/external-secrets/pull/4490',
      'https://github.com/external-secrets/external-secrets/issues/4473',
    ],
  },
  looksAt: 'files',
  async look(world) {
    const version = await operatorVersion(world)
    if (!isOlder(version, [0, 14, 4])) return []
    return (await storesOf(world)).flatMap((store) =>
      store.vaults.flatMap(({ key }) => {
        if (!/^[a-z0-9]{26}$/.test(key)) return []
        const why = `It names a vault by its id, which External Secrets Operator ${version} takes for a title; ids are understood since 0.14.4.`
        return [{ about: store.says, why, fix: ['eso-bootstrap init --vault <title>'], ...place(store, key) }]
      }),
    )
  },
}

/** Where its vaults stand, or one of them. */
function place({ at }: AnyStore, ...path: string[]): Pick<Finding, 'at'> {
  const found = at(...way, ...path)
  return found === undefined ? {} : { at: found }
}
