import { isDeepStrictEqual } from 'node:util'
import { isMap } from 'yaml'
import { plain } from '../text/plain.ts'
import { proven } from './proof.ts'
import { refusal } from './refusal.ts'
import { parseSource, refuseTemplate, type Source, type SourceText } from './source.ts'
import { isRecord, pairOf, type Store, storesIn } from './stores.ts'
import type { Vault } from './vault.ts'
import { inline, namesExactly, vaultEdit } from './vault-map.ts'

/** The vaults that one store of a file names, in the order in which they are searched. */
export interface StoreVaults {
  kind: string
  name: string
  namespace?: string
  line: number
  vaults: Vault[]
}

/**
 * The file's text with every 1Password Connect store in it naming exactly these vaults; the very same text if they do already.
 * Other objects are left alone. Throws a Failure (exit `blocked`, with `path:line` and the edit to make by hand) where a store
 * can't be changed safely.
 */
export function setVaults(file: SourceText, vaults: readonly Vault[]): string {
  if (!mayHoldStore(file.text)) return file.text
  const source = parseSource(file)
  refuseMisspelt(source)
  refuseOnlySdk(source)
  const stores = storesIn(source, 'onepassword').filter((store) => isWhole(store) || 'vaults' in store.says)
  const wanted = Object.fromEntries(vaults.map(({ key, order }) => [key, order]))
  const wrong = stores.filter(({ written, says }) => {
    const map = written?.get('vaults', true)
    return isMap(map) ? !namesExactly(map, vaults) : !isDeepStrictEqual(says['vaults'], wanted)
  })
  const [first] = wrong
  if (!first) return file.text
  for (const store of wrong) refuseStore(source, store)
  const edit = wrong.flatMap(({ written }) => (written ? vaultEdit(source.text, written, vaults) : []))
  const meant = source.models.map((model, index) =>
    wrong.filter((store) => store.index === index).reduce<unknown>((whole, { path }) => withValue(whole, path, wanted), model),
  )
  return proven(source, edit, meant, byHand(source, first, vaults))
}

/** The vaults that a file's 1Password Connect stores name now. Throws as setVaults does. */
export function vaultsOf(file: SourceText): StoreVaults[] {
  if (!mayHoldStore(file.text)) return []
  const source = parseSource(file)
  return storesIn(source, 'onepassword').map((store) => ({
    kind: store.kind,
    name: store.name,
    ...(store.namespace === undefined ? {} : { namespace: store.namespace }),
    line: source.lineOf(store.offset),
    vaults: Object.entries(isRecord(store.says['vaults']) ? store.says['vaults'] : {})
      .map(([key, order]) => ({ key, order: typeof order === 'number' ? order : Number.NaN }))
      .toSorted((a, b) => rank(a) - rank(b)),
  }))
}

/** What has no whole number comes last. */
function rank({ order }: Vault): number {
  return Number.isNaN(order) ? Number.MAX_SAFE_INTEGER : order
}

/** Keeps files that are none of our business, encrypted ones for example, from stopping us. */
function mayHoldStore(text: string): boolean {
  return text.includes('SecretStore') && /onepassword|onepwd/.test(text)
}

/** Throws for a store whose provider is written `onepwd`, as some docs have it. */
export function refuseMisspelt(source: Source): void {
  const [misspelt] = storesIn(source, 'onepwd')
  if (!misspelt) return
  throw refusal(source.path, source.lineOf(misspelt.named), {
    id: 'store-misspelt',
    what: `${title(misspelt)} has a provider onepwd, which External Secrets does not know.`,
    fix: 'Write onepassword instead of onepwd.',
  })
}

function refuseOnlySdk(source: Source): void {
  const [sdk] = storesIn(source, 'onepasswordSDK')
  if (sdk && storesIn(source, 'onepassword').length === 0) {
    throw refusal(source.path, source.lineOf(sdk.named), {
      id: 'store-is-sdk',
      what: `${title(sdk)} uses the provider onepasswordSDK, which works without Connect.`,
      why: 'Such a store names one vault and logs in with a service account; there is nothing to set up for Connect.',
      fix: 'Leave this store as it is, or write one with the provider onepassword: https://external-secrets.io/latest/provider/1password-automation/',
    })
  }
}

/** A store must have host, auth and vaults; what has less is merged into a store elsewhere. */
function isWhole({ says }: Store): boolean {
  return 'auth' in says && 'connectHost' in says
}

function refuseStore(source: Source, store: Store): void {
  refuseTemplate(source, store.document)
  const line = source.lineOf(store.offset)
  if (!isWhole(store)) {
    throw refusal(source.path, line, {
      id: 'store-is-patch',
      what: `${title(store)} is only a part of a store: it has no connectHost or no auth.`,
      why: 'As a patch its vaults are added to those of the store that it patches; they do not replace them.',
      fix: 'Set the vaults in the store itself and remove them from the patch, or edit the patch by hand.',
    })
  }
  if (JSON.stringify(store.says['vaults'] ?? null).includes(`\${`)) {
    throw refusal(source.path, line, {
      id: 'vault-substituted',
      what: `the vaults of ${title(store)} are set through Flux substitution.`,
      why: 'Flux fills in the variable for each cluster; a fixed vault here would reach all of them.',
      fix: 'Change the variable: it stands in postBuild of the Flux Kustomization, or in what its substituteFrom names.',
    })
  }
}

function byHand(source: Source, store: Store, vaults: readonly Vault[]) {
  const found = store.written && pairOf(store.written, 'vaults')
  return refusal(source.path, source.lineOf(store.offset), {
    id: 'edit-by-hand',
    what: `the vaults of ${title(store)} can't be set without touching anything else.`,
    why: found ? 'They are written in a way that this tool does not edit.' : 'There is no place for them that this tool could find.',
    fix: `Under spec.provider.onepassword write: vaults: { ${inline(vaults)} }`,
  })
}

function title({ kind, name }: Store): string {
  return plain(`${kind} ${name}`)
}

/** A copy that differs at that path only; an alias elsewhere keeps the old value. */
function withValue(whole: unknown, [key, ...rest]: readonly (string | number)[], value: unknown): unknown {
  if (key === undefined) return value
  if (Array.isArray(whole)) return whole.with(Number(key), withValue(whole[Number(key)], rest, value))
  const map = isRecord(whole) ? whole : {}
  return { ...map, [key]: withValue(map[key], rest, value) }
}
