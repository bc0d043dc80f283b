import { type ConnectClient, type FullItem, nativeId, ProviderError } from './client.ts'
import { type OnePassword, orderedVaults } from './provider.ts'

interface RemoteRef {
  key: string
  property?: string
}

/** The one value that a remoteRef names, by ESO's rules: vaults in order, titles and labels exact and unique. */
export async function value(client: ConnectClient, provider: OnePassword, reference: RemoteRef): Promise<string> {
  const item = await findItem(client, provider, reference.key)
  const property = reference.property ?? ''
  const wantsFile = property.startsWith('file/') || (item.category === 'DOCUMENT' && !property.startsWith('field/'))
  if (wantsFile) {
    const name = property.replace(/^file\//, '')
    const file = name === '' ? item.files?.[0] : item.files?.find((each) => each.name === name)
    if (!file) throw new ProviderError(`expected one 1Password ItemFile matching: '${name}' in '${item.title}', got 0`)
    return client.file(file.content_path)
  }
  const label = property.replace(/^field\//, '') || 'password'
  const fields = item.fields?.filter((each) => each.label === label) ?? []
  if (fields.length !== 1) {
    throw new ProviderError(`expected one 1Password ItemField matching: '${label}' in '${item.title}', got ${fields.length}`)
  }
  return fields[0]?.value ?? ''
}

/** All fields of an item, for `dataFrom.extract`; any label that comes twice fails it whole. */
export async function values(client: ConnectClient, provider: OnePassword, key: string): Promise<Map<string, string>> {
  const item = await findItem(client, provider, key)
  if (item.category === 'DOCUMENT') {
    const files = item.files ?? []
    return new Map(await Promise.all(files.map(async (each) => [each.name, await client.file(each.content_path)] as const)))
  }
  const found = new Map<string, string>()
  for (const { label = '', value: text = '' } of item.fields ?? []) {
    const same = item.fields?.filter((each) => each.label === label).length
    if (label !== '' && same !== 1) {
      throw new ProviderError(`expected one 1Password ItemField matching: '${label}' in '${item.title}', got ${same}`)
    }
    if (label === '') continue
    if (!/^[-._a-zA-Z0-9]+$/.test(label)) throw new ProviderError(`key has invalid character: ${label}`)
    found.set(label, text)
  }
  return found
}

async function findItem(client: ConnectClient, provider: OnePassword, key: string): Promise<FullItem> {
  for (const name of orderedVaults(provider)) {
    let vault: string
    try {
      vault = await client.vault(name)
    } catch (error) {
      throw error instanceof ProviderError ? new ProviderError(`error finding 1Password Vault: ${error.message}`) : error
    }
    // An id is looked up in the first vault only: ESO returns from there whatever it finds.
    if (nativeId.test(key)) return client.item(vault, key)
    const [first, ...more] = await client.itemsByTitle(vault, key)
    if (more.length > 0) throw new ProviderError(`expected one 1Password Item matching: '${key}', got ${more.length + 1}`)
    if (first) return client.item(first.vault.id, first.id)
  }
  const map = orderedVaults(provider).map((name) => `${name}:${provider.vaults[name]}`)
  throw new ProviderError(`key not found in 1Password Vaults: ${key} in: map[${map.join(' ')}]`)
}
