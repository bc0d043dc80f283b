import { randomUUID } from 'node:crypto'
import type { AccountModel, File, Item, Vault } from './account.ts'
import { type Activity, type Reply, refusal } from './reply.ts'
import type { Bearer } from './token.ts'

interface Call {
  account: AccountModel
  bearer: Bearer
  url: URL
  method: string
  userAgent: string
  activity: Activity[]
}

/** Answers an authenticated call below `/v1`; what the token doesn't cover is out of scope, what isn't there not found. */
export function route(call: Call): Reply {
  const { account, bearer, url } = call
  const [collection, vaultId = '', items, itemId, files, fileId, content, ...rest] = url.pathname.slice('/v1/'.length).split('/')
  if (collection === 'activity' && vaultId === '') return page(call)
  if (collection !== 'vaults' || rest.length > 0) return { status: 404, body: '404 page not found\n' }
  if (vaultId === '') {
    const visible = account.vaults.filter((each) => bearer.vaults.includes(each.id))
    return filtered(visible, url, /^(title|name)$/, vaultBody)
  }
  const vault = account.vaults.find((each) => each.id === vaultId)
  if (!vault) return refusal(404, `vault ${vaultId} not found`)
  const record = (result: Activity['result'], item?: Item) => call.activity.unshift(activityOf(call, vault, result, item))
  if (!bearer.vaults.includes(vaultId)) {
    record('DENY')
    return refusal(403, `vault ${vaultId} is not in scope`)
  }
  if (call.method !== 'GET') {
    record('DENY')
    return refusal(403, `token does not have permission to perform ${verbs[call.method] ?? 'read'} on vault ${vaultId}`)
  }
  if (items === undefined) return { status: 200, body: vaultBody(vault) }
  if (items !== 'items') return { status: 404, body: '404 page not found\n' }
  if (itemId === undefined) return filtered(vault.items, url, /^title$/, (item) => summary(vault, item))
  const item = vault.items.find((each) => each.id === itemId)
  if (!item) return refusal(404, `item ${itemId} not found`)
  record('SUCCESS', item)
  if (files === undefined) return { status: 200, body: full(vault, item) }
  if (files !== 'files') return { status: 404, body: '404 page not found\n' }
  const inline = url.searchParams.get('inline_files') === 'true'
  if (fileId === undefined) return { status: 200, body: item.files.map((each) => fileBody(vault, item, each, inline)) }
  const file = item.files.find((each) => each.id === fileId)
  if (!file) return refusal(404, `file ${fileId} not found`)
  if (content === undefined) return { status: 200, body: fileBody(vault, item, file, inline) }
  return { status: 200, body: file.content, headers: { 'Content-Disposition': `attachment; filename="${file.name}"` } }
}

const verbs: Record<string, string> = { POST: 'create', PUT: 'update', PATCH: 'update', DELETE: 'delete' }

/** A SCIM filter with one comparison. The documentation says `name` for vaults; ESO and the SDKs send `title`, and that works. */
function filtered<Each extends { title: string }>(all: Each[], url: URL, attribute: RegExp, body: (each: Each) => object): Reply {
  const filter = url.searchParams.get('filter')
  if (filter === null) return { status: 200, body: all.map(body) }
  const [, name = '', operator, value = ''] = /^(\w+) (eq|co) "(.*)"$/.exec(filter) ?? []
  if (!attribute.test(name)) return refusal(400, 'Invalid filter')
  const matches = all.filter((each) => (operator === 'eq' ? each.title === value : each.title.includes(value)))
  return { status: 200, body: matches.map(body) }
}

function page({ activity, url }: Call): Reply {
  const offset = Number(url.searchParams.get('offset') ?? 0)
  const limit = Number(url.searchParams.get('limit') ?? 50)
  const part = activity.slice(offset, offset + limit)
  return { status: 200, body: part, headers: { 'Content-Range': `${offset + 1}-${offset + part.length}/${activity.length}` } }
}

function activityOf({ bearer, userAgent }: Call, vault: Vault, result: Activity['result'], item?: Item): Activity {
  return {
    requestId: randomUUID(),
    timestamp: new Date().toISOString(),
    action: 'READ',
    result,
    actor: { account: bearer.account, jti: bearer.id, userAgent },
    resource: { type: item ? 'ITEM' : 'VAULT', vault: { id: vault.id }, ...(item ? { item: { id: item.id } } : {}) },
  }
}

function vaultBody(vault: Vault): object {
  return { id: vault.id, name: vault.title, attributeVersion: 1, contentVersion: 1, items: vault.items.length, type: 'USER_CREATED' }
}

function summary(vault: Vault, item: Item): object {
  const { id, title, category, tags, version, createdAt, updatedAt } = item
  return { id, title, category, tags, version, createdAt, updatedAt, vault: { id: vault.id } }
}

function full(vault: Vault, item: Item): object {
  return { ...summary(vault, item), sections: [], fields: item.fields, files: item.files.map((each) => fileBody(vault, item, each, false)) }
}

function fileBody(vault: Vault, item: Item, file: File, inline: boolean): object {
  const path = `/v1/vaults/${vault.id}/items/${item.id}/files/${file.id}/content`
  const content = inline ? { content: file.content.toString('base64') } : {}
  return { id: file.id, name: file.name, size: file.content.length, content_path: path, ...content }
}
