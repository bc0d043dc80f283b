import { isMap, isScalar, type Node, type Pair, type Scalar, type YAMLMap } from 'yaml'
import { columnOf, linesBelow, type Splice, withoutLine, withoutValue } from './lines.ts'
import { isPlainText, scalarText } from './scalar.ts'
import { pairOf } from './stores.ts'
import type { Vault } from './vault.ts'

type VaultPair = Pair<Node, Node | null>

/** The edit that makes `vaults` of a provider's map name exactly these; none where it is written in a way that can't be edited. */
export function vaultEdit(text: string, provider: YAMLMap, vaults: readonly Vault[]): Splice[] {
  const wanted = vaults.toSorted((a, b) => a.order - b.order)
  const pair = pairOf(provider, 'vaults')
  const value = pair?.value
  if (!pair) return newMap(text, provider, wanted)
  if (!value || isNothing(value)) return filledMap(text, provider, pair, wanted)
  if (!isMap(value)) return []
  return value.flow ? flowEdit(text, value, wanted) : blockEdit(text, value, wanted)
}

/** Do these pairs name exactly these vaults? The order of the lines doesn't matter. */
export function namesExactly(map: YAMLMap, vaults: readonly Vault[]): boolean {
  if (map.items.length !== vaults.length) return false
  return vaults.every(({ key, order }) => (map.items as VaultPair[]).some((pair) => nameOf(pair) === key && orderOf(pair) === order))
}

/** `a: 1, b: 2`: the wanted map as it can be written between braces. */
export function inline(vaults: readonly Vault[]): string {
  return vaults.map(({ key, order }) => `${scalarText(key)}: ${order}`).join(', ')
}

function blockEdit(text: string, map: YAMLMap, wanted: readonly Vault[]): Splice[] {
  const pairs = map.items as VaultPair[]
  const { becomes, added } = matched(pairs, wanted)
  const edits = pairs.flatMap((pair, index) => {
    const vault = becomes[index]
    return vault ? renamed(text, pair, vault) : [withoutLine(text, startOf(pair.key))]
  })
  const last = pairs.at(-1)
  const first = pairs[0]
  if (added.length === 0 || !first || !last) return edits
  const indent = ' '.repeat(columnOf(text, startOf(first.key)))
  return [...edits, linesBelow(text, startOf(last.key), lines(added, indent))]
}

function flowEdit(text: string, map: YAMLMap, wanted: readonly Vault[]): Splice[] {
  const pairs = map.items as VaultPair[]
  const { becomes, added } = matched(pairs, wanted)
  if (added.length === 0 && !becomes.includes(undefined))
    return pairs.flatMap((pair, index) => renamed(text, pair, becomes[index] as Vault))
  const [from, to] = map.range ?? [0, 0]
  const before = text.slice(from, to)
  if (/[#\n]/.test(before)) return []
  const padding = before.startsWith('{ ') ? ' ' : ''
  return [{ from, to, put: `{${padding}${inline(wanted)}${padding}}` }]
}

/** `vaults:` with nothing in it. */
function filledMap(text: string, provider: YAMLMap, pair: VaultPair, wanted: readonly Vault[]): Splice[] {
  const [from, to] = pair.value?.range ?? [0, 0]
  if (provider.flow) return from < to ? [{ from, to, put: `{ ${inline(wanted)} }` }] : []
  const column = columnOf(text, startOf(pair.key))
  return [...withoutValue(text, from, to), linesBelow(text, startOf(pair.key), lines(wanted, ' '.repeat(column + step(text, provider))))]
}

/** No `vaults` at all: it goes behind the host, as External Secrets' own examples have it. */
function newMap(text: string, provider: YAMLMap, wanted: readonly Vault[]): Splice[] {
  const host = pairOf(provider, 'connectHost')
  if (!host) return []
  if (provider.flow) {
    const end = host.value?.range?.[1] ?? 0
    return [{ from: end, to: end, put: `, vaults: { ${inline(wanted)} }` }]
  }
  const column = columnOf(text, startOf(host.key))
  const below = ' '.repeat(column + step(text, provider))
  return [linesBelow(text, startOf(host.key), [`${' '.repeat(column)}vaults:`, ...lines(wanted, below)])]
}

/** How far this file indents: `auth` is a map in every store. */
function step(text: string, provider: YAMLMap): number {
  const auth = pairOf(provider, 'auth')
  const inner = isMap(auth?.value) && !auth.value.flow ? (auth.value.items[0] as VaultPair | undefined) : undefined
  return auth && inner ? columnOf(text, startOf(inner.key)) - columnOf(text, startOf(auth.key)) : 2
}

/** Which vault each line becomes (none: the line goes), and which are new: the same name, else the same order, else as they stand. */
function matched(pairs: readonly VaultPair[], wanted: readonly Vault[]): { becomes: (Vault | undefined)[]; added: Vault[] } {
  const added = [...wanted]
  const take = (fits: (vault: Vault) => boolean) => {
    const index = added.findIndex(fits)
    return index === -1 ? undefined : added.splice(index, 1)[0]
  }
  const byName = pairs.map((pair) => take(({ key }) => key === nameOf(pair)))
  const byOrder = pairs.map((pair, index) => byName[index] ?? take(({ order }) => order === orderOf(pair)))
  return { becomes: byOrder.map((vault) => vault ?? added.shift()), added }
}

function renamed(text: string, pair: VaultPair, vault: Vault): Splice[] {
  const edits: Splice[] = []
  const key = pair.key as Scalar
  if (nameOf(pair) !== vault.key && key.range) edits.push({ from: key.range[0], to: key.range[1], put: scalarText(vault.key, quotes(key)) })
  if (orderOf(pair) !== vault.order) edits.push(...orderEdit(text, pair, vault.order))
  return edits
}

/** None where the value goes over several lines: a block scalar ends with a line break that isn't ours to take. */
function orderEdit(text: string, { value, srcToken }: VaultPair, order: number): Splice[] {
  const [from, to] = value?.range ?? [0, 0]
  if (text.slice(from, to).includes('\n')) return []
  if (from < to) return [{ from, to, put: String(order) }]
  const colon = srcToken?.sep?.find(({ type }) => type === 'map-value-ind')
  return colon ? [{ from: colon.offset + 1, to: colon.offset + 1, put: ` ${order}` }] : []
}

/** A bare `2024`, `1` or `yes` is not the text that it looks like. */
function nameOf({ key }: VaultPair): string | undefined {
  if (!isScalar(key) || typeof key.value !== 'string') return undefined
  return quotes(key) || isPlainText(key.value) ? key.value : undefined
}

function orderOf({ value }: VaultPair): number | undefined {
  return isScalar(value) && typeof value.value === 'number' ? value.value : undefined
}

function quotes({ type }: Scalar): 'QUOTE_DOUBLE' | 'QUOTE_SINGLE' | undefined {
  return type === 'QUOTE_DOUBLE' || type === 'QUOTE_SINGLE' ? type : undefined
}

function lines(vaults: readonly Vault[], indent: string): string[] {
  return vaults.map((vault) => indent + inline([vault]))
}

function isNothing(value: Node): boolean {
  return isScalar(value) ? value.value === null : isMap(value) && value.items.length === 0
}

function startOf(node: Node): number {
  return node.range?.[0] ?? 0
}
