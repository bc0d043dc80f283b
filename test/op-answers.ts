import { type AccountModel, addItem, type Vault } from '../src/sandbox/connect/account.ts'
import { type ConnectAccess, createConnectAccess } from '../src/sandbox/connect/identity.ts'
import { makeId } from '../src/sandbox/credentials.ts'

/** How an `op` was called. */
export interface OpCall {
  args: string[]
  env: Record<string, string>
  cwd: string
  /** The permissions of that folder, such as 0o700, and what was in it. */
  mode: number
  names: string[]
  stdin: string
  /** Standard input is a pipe: op reads an item from nothing else. */
  isPipe: boolean
}

export interface OpAnswer {
  stdout?: string
  stderr?: string
  code?: number
  /** What it writes into its working directory. */
  files?: Record<string, string>
}

export interface OpAccount {
  /** 1Password's id of the account itself. */
  id: string
  model: AccountModel
  servers: OpServer[]
}

/** A Connect server as the account's people see it. */
export interface OpServer {
  access: ConnectAccess
  name: string
  /** The ids of the vaults that it may read. */
  vaults: Set<string>
  tokens: { id: string; name: string; vaults: string[]; expires?: Date; revoked: boolean }[]
}

interface Line {
  words: string[]
  flags: Map<string, string[]>
}

/**
 * What op 2.39 answers. Where 1Password's words for a refusal are known nowhere, they are made like those that are:
 * https://github.com/1Password/connect/issues/59, https://github.com/ansible-collections/community.general/issues/9907
 */
export function answerOf(account: OpAccount, call: OpCall): OpAnswer {
  if (call.args[0] === '--version') return { stdout: '2.39.0\n' }
  const line = lineOf(call.args)
  const commands: Record<string, (line: Line, account: OpAccount, call: OpCall) => OpAnswer> = {
    'vault list': listVaults,
    'connect server list': listServers,
    'connect server create': createServer,
    'connect server delete': deleteServer,
    'connect token list': listTokens,
    'connect token create': createToken,
    'connect token delete': deleteToken,
    'item create': createItem,
    'item delete': deleteItem,
    read,
  }
  const name = Object.keys(commands).find((each) => line.words.join(' ').startsWith(`${each}`))
  if (name === undefined) return says(`unknown command "${line.words.join(' ')}" for "op"`)
  line.words.splice(0, name.split(' ').length)
  return commands[name]?.(line, account, call) ?? {}
}

/** A refusal, with the date before it as op has it. */
export function says(text: string, code = 1): OpAnswer {
  return { stderr: `[ERROR] 2026/11/25 12:00:00 ${text}\n`, code }
}

const alone = ['--force', '-f', '--no-newline', '-n']

function lineOf(args: readonly string[]): Line {
  const line: Line = { words: [], flags: new Map() }
  for (let at = 0; at < args.length; at += 1) {
    const arg = args[at] ?? ''
    if (!/^-./.test(arg)) line.words.push(arg)
    else if (alone.includes(arg)) line.flags.set(arg, [''])
    else {
      at += 1
      line.flags.set(arg, [...(line.flags.get(arg) ?? []), args[at] ?? ''])
    }
  }
  return line
}

const json = (value: unknown): OpAnswer => ({ stdout: `${JSON.stringify(value, null, 2)}\n` })
const same = (id: string, other: string | undefined) => id.toLowerCase() === other?.toLowerCase()

/** By its id, or by its title as long as that has no space: with one, op takes it for an id and finds none. */
function vaultFor({ model }: OpAccount, given: string | undefined): Vault | undefined {
  return model.vaults.find(({ id, title }) => same(id, given) || (title === given && !title.includes(' ')))
}

function serverFor({ servers }: OpAccount, given: string | undefined): OpServer | undefined {
  return servers.find(({ access, name }) => same(access.identity.id, given) || name === given)
}

function listVaults(_: Line, { model }: OpAccount): OpAnswer {
  return json(model.vaults.map(({ id, title, items }) => ({ id, name: title, content_version: 1, items: items.length })))
}

function listServers(_: Line, { servers }: OpAccount): OpAnswer {
  return json(servers.map(({ access, name }) => ({ id: access.identity.id.toUpperCase(), name, state: 'ACTIVE', tokens_version: 1 })))
}

function createServer({ words: [name = ''], flags }: Line, account: OpAccount, { cwd, names }: OpCall): OpAnswer {
  const file = '1password-credentials.json'
  if (names.includes(file) && !flags.has('--force') && !flags.has('-f')) {
    return { stdout: `File ${cwd}/${file} already exists, overwrite it? [Y/n] `, ...says('EOF') }
  }
  const wanted = (flags.get('--vaults') ?? []).flatMap((each) => each.split(','))
  const vaults = new Set<string>()
  for (const each of wanted) {
    const vault = vaultFor(account, each)
    if (vault === undefined) return says(`unable to find vault with ID '${each}'`)
    vaults.add(vault.id)
  }
  const access = createConnectAccess(account.id)
  account.model.servers.push(access.identity)
  account.servers.push({ access, name, vaults, tokens: [] })
  const said = ['Set up a Connect server.', `UUID: ${access.identity.id.toUpperCase()}`, `Credentials file: ${cwd}/${file}`]
  return { stdout: `${said.join('\n')}\n`, files: { [file]: access.credentials.reveal() } }
}

function deleteServer({ words: [given] }: Line, account: OpAccount): OpAnswer {
  const server = serverFor(account, given)
  if (server === undefined) return noServer(given)
  const { model, servers } = account
  servers.splice(servers.indexOf(server), 1)
  const at = model.servers.findIndex(({ id }) => id === server.access.identity.id)
  if (at >= 0) model.servers.splice(at, 1)
  for (const { id } of server.tokens) model.revoked.add(id)
  return {}
}

function listTokens({ flags }: Line, account: OpAccount): OpAnswer {
  const [given] = flags.get('--server') ?? []
  const meant = given === undefined ? account.servers : account.servers.filter((each) => each === serverFor(account, given))
  return json(
    meant.flatMap(({ access, tokens }) =>
      tokens.map(({ id, name, vaults, expires, revoked }) => ({
        id,
        name,
        state: revoked ? 'REVOKED' : 'ACTIVE',
        issuer: 'com.1password.b5',
        audience: 'com.1password.connect',
        features: ['vaultaccess'],
        vaults: vaults.map((vault) => ({ id: vault, acl: ['READ'] })),
        ...(expires && { expires_at: expires.toISOString() }),
        integration_id: access.identity.id.toUpperCase(),
      })),
    ),
  )
}

/** `r` reads (and reveals), `w` writes, and without either the token may do what the server may. */
const acl: Record<string, number> = { r: 48, w: 448, '': 496 }

function createToken({ words: [name = ''], flags }: Line, account: OpAccount): OpAnswer {
  const [given] = flags.get('--server') ?? []
  const server = serverFor(account, given)
  if (server === undefined) return noServer(given)
  const vaults: { id: string; acl: number }[] = []
  for (const each of flags.get('--vault') ?? []) {
    const [, title = '', right = ''] = /^(.*?)(?:,([rw]))?$/.exec(each) ?? []
    const vault = vaultFor(account, title)
    if (vault === undefined) return says(`unable to find vault with ID '${title}'`)
    if (!server.vaults.has(vault.id)) {
      return says(`Couldn't issue the token: "the Connect server '${server.name}' does not have access to vault '${vault.title}'."`)
    }
    vaults.push({ id: vault.id, acl: acl[right] ?? 0 })
  }
  const [duration] = flags.get('--expires-in') ?? []
  const expires = duration === undefined ? undefined : after(duration)
  if (expires === null) return says(`invalid argument "${duration}" for "--expires-in" flag: invalid duration`)
  const id = makeId()
  server.tokens.push({ id, name, vaults: vaults.map((vault) => vault.id), ...(expires && { expires }), revoked: false })
  return { stdout: `${server.access.mint({ id, vaults, expires: expires ?? 'never' }).reveal()}\n` }
}

function after(duration: string): Date | null {
  const [, number, unit = ''] = /^(\d+)([smhdw])$/.exec(duration) ?? []
  const seconds = { s: 1, m: 60, h: 3600, d: 86_400, w: 604_800 }[unit]
  return seconds === undefined ? null : new Date(Date.now() + Number(number) * seconds * 1000)
}

/** A token that was made elsewhere is known by its id. */
function deleteToken({ words: [given = ''], flags }: Line, account: OpAccount): OpAnswer {
  const [of] = flags.get('--server') ?? []
  const server = serverFor(account, of)
  if (of !== undefined && server === undefined) return noServer(of)
  const tokens = (server ? [server] : account.servers).flatMap((each) => each.tokens)
  const token = tokens.find(({ id, name }) => same(id, given) || name === given)
  if (token === undefined && !/^[a-z0-9]{26}$/i.test(given)) return says(`"${given}" isn't a token in this account.`)
  if (token !== undefined) token.revoked = true
  account.model.revoked.add(token?.id ?? given.toLowerCase())
  return {}
}

function noServer(given = ''): OpAnswer {
  return says(`"${given}" isn't a Connect server in this account. Specify the server with its ID or name.`)
}

function createItem({ words: [from], flags }: Line, account: OpAccount, { stdin, isPipe }: OpCall): OpAnswer {
  const [given] = flags.get('--vault') ?? []
  const vault = vaultFor(account, given) ?? account.model.vaults.find(({ title }) => title === given)
  if (vault === undefined) return says(`"${given}" isn't a vault in this account. Specify the vault with its ID or name.`)
  // A template that comes in any other way is not read, and not missed: https://github.com/diazoxide/charter/issues/78
  const template = isPipe && from === '-' ? JSON.parse(stdin) : {}
  if (template.category === undefined) return says("provide the item category with '--category' flag")
  const fields = (template.fields ?? []) as { id: string; label: string; type: string; value: string }[]
  const { id, title, category, createdAt } = addItem(vault, {
    title: template.title,
    category: template.category,
    fields: fields.map(({ label, value }) => [label, value]),
  })
  const reference = (field: string) => `op://${vault.title}/${title}/${field}`
  const notes = { id: 'notesPlain', type: 'STRING', purpose: 'NOTES', label: 'notesPlain', reference: reference('notesPlain') }
  const told = fields.map((field) => ({ ...field, reference: reference(field.label) }))
  return json({
    id,
    title,
    version: 1,
    vault: { id: vault.id, name: vault.title },
    category,
    created_at: createdAt,
    fields: [notes, ...told],
  })
}

function deleteItem({ words: [given = ''], flags }: Line, account: OpAccount): OpAnswer {
  const [of] = flags.get('--vault') ?? []
  const vault = vaultFor(account, of) ?? account.model.vaults.find(({ title }) => title === of)
  const item = vault?.items.find(({ id, title }) => same(id, given) || title === given)
  if (vault === undefined || item === undefined) return says(`"${given}" isn't an item. Specify the item with its UUID, name, or domain.`)
  vault.items.splice(vault.items.indexOf(item), 1)
  return {}
}

function read({ words: [reference = ''], flags }: Line, account: OpAccount): OpAnswer {
  const [, inVault, inItem, name] = /^op:\/\/([^/]+)\/([^/]+)\/(?:[^/]+\/)?([^/]+)$/.exec(reference) ?? []
  const vault = account.model.vaults.find(({ id, title }) => same(id, inVault) || title === inVault)
  const item = vault?.items.find(({ id, title }) => same(id, inItem) || title === inItem)
  const field = item?.fields.find(({ id, label }) => id === name || label === name)?.value
  const value = field ?? item?.files.find((file) => file.id === name || file.name === name)?.content.toString()
  const failed = (why: string) => says(`could not read secret '${reference}': ${why}`)
  if (vault === undefined) return failed(`"${inVault}" isn't a vault in this account. Specify the vault with its ID or name.`)
  if (item === undefined) return failed(`could not get item ${inVault}/${inItem}: "${inItem}" isn't an item in the "${inVault}" vault.`)
  if (value === undefined) return failed(`item '${inVault}/${inItem}' does not have a field '${name}'`)
  return { stdout: flags.has('--no-newline') || flags.has('-n') ? value : `${value}\n` }
}
