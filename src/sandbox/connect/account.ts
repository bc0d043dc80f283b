import { makeId } from '../credentials.ts'

/** What the sandbox's 1Password account holds: plain data that tests and `demo` change as a person would in the app. */
export interface AccountModel {
  servers: ConnectIdentity[]
  vaults: Vault[]
  /** Ids (`jti`) of tokens that were taken back. */
  revoked: Set<string>
}

/** A Connect server as the account knows it: which credentials file is its, and which key signs its tokens. */
export interface ConnectIdentity {
  id: string
  /** The text of its 1password-credentials.json. */
  credentials: string
  /** PEM of the key that checks its tokens' ES256 signatures. */
  publicKey: string
}

export interface Vault {
  id: string
  title: string
  items: Item[]
}

export interface Item {
  id: string
  title: string
  category: string
  fields: Field[]
  files: File[]
  tags: string[]
  version: number
  createdAt: string
  updatedAt: string
}

interface Field {
  id: string
  label: string
  value: string
  type: string
  purpose?: string
}

export interface File {
  id: string
  name: string
  content: Buffer
}

export interface NewItem {
  title: string
  /** Labels and values in order; a label may come twice, as it may in 1Password. */
  fields?: readonly (readonly [label: string, value: string])[]
  files?: Record<string, string | Buffer>
  category?: string
  tags?: string[]
}

export function addVault(account: AccountModel, title: string): Vault {
  const vault = { id: makeId(), title, items: [] }
  account.vaults.push(vault)
  return vault
}

export function addItem(vault: Vault, item: NewItem): Item {
  const now = new Date().toISOString()
  const added: Item = {
    id: makeId(),
    title: item.title,
    category: item.category ?? 'API_CREDENTIAL',
    fields: (item.fields ?? []).map(([label, value]) => ({ id: makeId(), label, value, type: 'CONCEALED' })),
    files: Object.entries(item.files ?? {}).map(([name, content]) => ({ id: makeId(), name, content: Buffer.from(content) })),
    tags: item.tags ?? [],
    version: 1,
    createdAt: now,
    updatedAt: now,
  }
  vault.items.push(added)
  return added
}

/** Changes a field of an item as a person would: the item's version goes up. Throws if there is no such field. */
export function changeField(item: Item, label: string, value: string): void {
  const field = item.fields.find((each) => each.label === label)
  if (!field) throw new Error(`the item ${item.title} has no field ${label}`)
  field.value = value
  item.version += 1
  item.updatedAt = new Date().toISOString()
}
