import { chmod, mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { createServer, type Socket } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { parseToken } from '../src/onepassword/token.ts'
import type { AccountModel } from '../src/sandbox/connect/account.ts'
import type { ConnectAccess } from '../src/sandbox/connect/identity.ts'
import { answerOf, type OpAnswer, type OpCall, type OpServer, says } from './op-answers.ts'

export interface OpStandIn {
  /** A PATH on which the stand-in comes first. */
  path: string
  /** Every call, in order. */
  calls: OpCall[]
  /** The account's Connect servers: their names, what they may read, and the tokens that were made for them here. */
  servers: OpServer[]
  /** From now on this happens when `op` is called with these first words, or with any; `undefined` ends it. */
  goWrong(how: Wrong | undefined, words?: string): void
  /** The next call that hangs, as soon as it does. */
  hanging(): Promise<OpCall>
  close(): Promise<void>
}

export interface Wrong {
  /** It does nothing but answer this. */
  instead?: OpAnswer
  /** It does what it is asked, and says this. */
  saying?: OpAnswer
  /** It never ends: before it does anything, or when it has done it. */
  hangs?: 'before' | 'done'
  /** Milliseconds until it does anything. */
  delay?: number
}

/** Known ways to go wrong; op's words are its own, as far as anybody has written them down. */
export const wrong = {
  signedOut: { instead: says('You are not currently signed in. Please run `op signin --help` for instructions') },
  vaultRights: {
    instead: says(`Couldn't issue the token: "can't grant access to the vault: You do not have the requested access to vault 'Temp'."`),
  },
  builtInVault: { instead: says('Granting Connect access to a Personal, Private, or Employee vault is not currently supported') },
  forbidden: { instead: says('(101) You do not have permission to perform this action') },
  serviceAccount: { instead: says('unknown command "connect" for "op"') },
  silent: { instead: {} },
  hangs: { hangs: 'before' },
  hangsWhenDone: { hangs: 'done' },
} as const satisfies Record<string, Wrong>

/**
 * Puts a program `op` into the folder, which is for the PATH, and answers it from here as op 2.39 would with this account. The
 * Connect server of `access` is the account's only one, may read all vaults that there are, and has the name `sandbox`.
 */
export async function startOpStandIn(given: { folder: string; account: AccountModel; access: ConnectAccess }): Promise<OpStandIn> {
  const { folder, account: model, access } = given
  await mkdir(folder, { recursive: true })
  // Below the folder of the PATH its path could be longer than a socket's may be.
  const beside = await mkdtemp(join(tmpdir(), 'op-'))
  const vaults = new Set(model.vaults.map(({ id }) => id))
  const servers: OpServer[] = [{ access, name: 'sandbox', vaults, tokens: [] }]
  const account = { id: parseToken(access.mint(), new Date()).account ?? '', model, servers }
  const calls: OpCall[] = []
  const waiters: ((call: OpCall) => void)[] = []
  let trouble: { how: Wrong; words: string } | undefined

  const hung = (call: OpCall) => {
    for (const each of waiters.splice(0)) each(call)
  }
  const take = (call: OpCall, socket: Socket) => {
    calls.push(call)
    const how = trouble !== undefined && call.args.join(' ').startsWith(trouble.words) ? trouble.how : {}
    if (how.hangs === 'before') return hung(call)
    const answer = () => {
      const given = how.instead ?? { ...answerOf(account, call), ...how.saying }
      socket.write(`${JSON.stringify({ ...given, hangs: how.hangs === 'done' })}\n`)
    }
    if (how.delay === undefined) answer()
    else setTimeout(answer, how.delay)
  }

  const sockets = new Set<Socket>()
  const server = createServer((socket) => {
    sockets.add(socket.on('error', () => {}).on('close', () => sockets.delete(socket)))
    let call: OpCall | undefined
    let text = ''
    socket.setEncoding('utf8').on('data', (data) => {
      text += data
      if (!text.endsWith('\n')) return
      // The second line says that its files are written, and comes from a call that hangs.
      if (call !== undefined) return hung(call)
      call = JSON.parse(text) as OpCall
      take(call, socket)
    })
  })
  const path = join(beside, 's')
  await new Promise<void>((resolve) => server.listen(path, resolve))
  server.unref()
  await writeFile(join(folder, 'op'), program(path))
  await chmod(join(folder, 'op'), 0o755)

  return {
    path: `${folder}:${process.env['PATH']}`,
    calls,
    servers,
    goWrong(how, words = '') {
      trouble = how && { how, words }
    },
    hanging: () => new Promise((resolve) => waiters.push(resolve)),
    async close() {
      for (const each of sockets) each.destroy()
      await new Promise((resolve) => server.close(resolve))
      await rm(beside, { recursive: true })
    },
  }
}

function program(socket: string): string {
  return `#!${process.execPath}
const fs = require('node:fs')
const chunks = []
process.stdin.on('data', (chunk) => chunks.push(chunk)).on('end', () => {
  let text = ''
  const socket = require('node:net').connect(${JSON.stringify(socket)})
  socket.setEncoding('utf8')
  socket.on('error', () => process.exit(70)).on('close', () => process.exit(70))
  socket.on('data', (data) => {
    text += data
    if (text.endsWith('\\n')) end(JSON.parse(text), socket)
  })
  socket.write(JSON.stringify({
    args: process.argv.slice(2),
    env: process.env,
    cwd: process.cwd(),
    mode: fs.statSync('.').mode & 0o777,
    names: fs.readdirSync('.'),
    stdin: Buffer.concat(chunks).toString(),
    isPipe: fs.fstatSync(0).isFIFO(),
  }) + '\\n')
})
function end({ files = {}, stdout = '', stderr = '', code = 0, hangs }, socket) {
  for (const [name, content] of Object.entries(files)) fs.writeFileSync(name, content, { mode: 0o600 })
  if (hangs) return socket.write('{}\\n')
  fs.writeSync(1, stdout)
  fs.writeSync(2, stderr)
  process.exit(code)
}
`
}
