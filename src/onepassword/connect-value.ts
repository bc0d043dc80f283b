import { Secret } from '../secret.ts'
import { inWordsOfOperator, type Reply } from './connect.ts'

export interface Reference {
  vaults: readonly { key: string; order: number }[]
  /** A title, or an id. */
  item: string
  /** A label. */
  field: string
}

/** A value as Connect gives it; or why it doesn't, in the words of the operator, who would find the same. */
export type Found =
  | { is: 'value'; value: Secret; changed: Date | undefined }
  | { is: 'trouble'; says: string }
  | { is: 'document' }
  | { is: 'not-connect' }

type Get = (path: string) => Promise<Reply>

const id = /^[a-z0-9]{26}$/

/**
 * Reads the field that a remoteRef of the operator's 1Password provider names, by its rules: the vaults in their order; a title
 * exactly and once in a vault, an id in the first vault alone; a label once over all sections.
 * https://github.com/external-secrets/external-secrets/blob/main/providers/v1/onepassword/onepassword.go (findItem, getField)
 */
export async function readValue(get: Get, { vaults, item, field }: Reference): Promise<Found> {
  for (const { key } of vaults.toSorted((one, other) => one.order - other.order)) {
    const vault = await vaultOf(get, key)
    if (vault.is !== 'object') return vault
    const found = await itemIn(get, `/v1/vaults/${textIn(vault.body, 'id')}/items`, item)
    if (found.is === 'object') return fieldOf(found.body, field)
    if (found.is !== 'nothing') return found
    if (id.test(item)) break
  }
  return { is: 'trouble', says: `key not found in 1Password Vaults: ${item} in: map[]` }
}

type Body = Readonly<Record<string, unknown>>
type Looked = { is: 'object'; body: Body } | Exclude<Found, { is: 'value' }>

async function vaultOf(get: Get, key: string): Promise<Looked> {
  if (id.test(key)) return objectIn(await get(`/v1/vaults/${key}`))
  const found = listIn(await get(`/v1/vaults${byTitle(key)}`))
  if (found.is !== 'list') return found
  const [vault] = found.items
  if (vault !== undefined && found.items.length === 1) return { is: 'object', body: vault }
  return { is: 'trouble', says: `Found ${found.items.length} vaults with title "${key}"` }
}

async function itemIn(get: Get, items: string, item: string): Promise<Looked | { is: 'nothing' }> {
  if (id.test(item)) {
    const reply = await get(`${items}/${item}`)
    if (reply.is === 'json') return objectIn(reply)
  }
  const found = listIn(await get(`${items}${byTitle(item)}`))
  if (found.is !== 'list') return found
  const [first, ...more] = found.items
  if (more.length > 0) return { is: 'trouble', says: `expected one 1Password Item matching: '${item}', got ${more.length + 1}` }
  return first === undefined ? { is: 'nothing' } : objectIn(await get(`${items}/${textIn(first, 'id')}`))
}

function fieldOf(item: Body, field: string): Found {
  // The operator takes a file of these, unless it is told that a field is meant.
  if (item['category'] === 'DOCUMENT') return { is: 'document' }
  const all: { label?: unknown; value?: unknown }[] = Array.isArray(item['fields']) ? item['fields'] : []
  const fields = all.filter((each) => each?.label === field)
  const value = fields[0]?.value ?? ''
  if (fields.length !== 1 || typeof value !== 'string') {
    const title = textIn(item, 'title')
    return { is: 'trouble', says: `expected one 1Password ItemField matching: '${field}' in '${title}', got ${fields.length}` }
  }
  const changed = new Date(textIn(item, 'updatedAt'))
  return { is: 'value', value: new Secret(value), changed: Number.isNaN(changed.getTime()) ? undefined : changed }
}

/** As Go writes a query, for a title in quotes: https://pkg.go.dev/net/url#QueryEscape */
function byTitle(title: string): string {
  return `?filter=${encodeURIComponent(`title eq "${title}"`).replaceAll('%20', '+')}`
}

function objectIn(reply: Reply): Looked {
  if (reply.is === 'not-connect') return reply
  if (reply.is !== 'json') return { is: 'trouble', says: inWordsOfOperator(reply) }
  return isNamed(reply.body) ? { is: 'object', body: reply.body } : { is: 'not-connect' }
}

function listIn(reply: Reply): { is: 'list'; items: Body[] } | Exclude<Looked, { is: 'object' }> {
  if (reply.is === 'not-connect') return reply
  if (reply.is !== 'json') return { is: 'trouble', says: inWordsOfOperator(reply) }
  const isList = Array.isArray(reply.body) && reply.body.every(isNamed)
  return isList ? { is: 'list', items: reply.body as Body[] } : { is: 'not-connect' }
}

/** Ids go into the paths of the next calls. */
function isNamed(body: unknown): body is Body {
  return typeof body === 'object' && body !== null && /^[\w-]{1,64}$/.test(textIn(body as Body, 'id'))
}

function textIn(body: Body, key: string): string {
  const value = body[key]
  return typeof value === 'string' ? value : ''
}
