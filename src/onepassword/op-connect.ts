import type { Child, Environment } from '../child.ts'
import { Failure } from '../failure.ts'
import { Secret } from '../secret.ts'
import { plain } from '../text/plain.ts'
import { takeCredentials } from './credentials-file.ts'
import { type KeptItem, keptId, templateOf } from './kept-item.ts'
import { type Asked, connectFailure, notAskedFailure } from './op-connect-failure.ts'
import { askOp, type OpOptions, patienceOfPeople } from './op-run.ts'
import { commandOf, opWords, type TokenWanted } from './op-words.ts'
import { throughPipe } from './pipe.ts'
import { inPrivateFolder } from './private-folder.ts'

/**
 * What 1Password's command line makes and deletes for us. Each command is that of `opWords` with the same argument. All throw
 * a Failure `op-…` in our own words, or the signal's reason; what op prints is never shown.
 */
export interface OpConnect {
  /**
   * A new token that may only read. People have seen op leave out a vault that the server was let into a moment ago: which
   * vaults it is for stands in the token, and Connect tells.
   */
  createToken(wanted: TokenWanted, signal?: AbortSignal): Promise<Secret>
  deleteToken(token: { id: string; server: string }, signal?: AbortSignal): Promise<void>
  /** A new Connect server that may read these vaults. If this ends otherwise, 1Password may have made it all the same. */
  createServer(wanted: { name: string; vaults: readonly string[] }, signal?: AbortSignal): Promise<NewServer>
  /** With all its tokens and its credentials file. */
  deleteServer(server: string, signal?: AbortSignal): Promise<void>
  /** Puts secrets into a new item, and gives its id if op says it. */
  keep(item: KeptItem, signal?: AbortSignal): Promise<string | undefined>
  /** Deletes such an item; 1Password keeps it among what was deleted recently. */
  discard(item: { id: string; vault: string }, signal?: AbortSignal): Promise<void>
}

interface NewServer {
  credentials: Secret
  /** In lower case, for comparing. */
  id?: string
  /** What op is to be told when the server is meant: the id as op writes it, or else the name. */
  server: string
}

/** The `op` of this environment's PATH, which is to be without variables that hold a secret (`withoutSources`). */
export function opConnect(env: Environment, options: OpOptions = {}): OpConnect {
  // With OP_FORMAT=json a token wouldn't come as it is.
  const ask = askOp({ ...env, OP_FORMAT: undefined }, options)
  const { deadline = patienceOfPeople } = options

  /** What `take` makes of op's answer, which came in a folder of its own. */
  function does<T>(
    asked: Asked,
    signal: AbortSignal | undefined,
    take: (ended: Child, folder: string) => T | Promise<T>,
    input?: string,
  ): Promise<T> {
    return inPrivateFolder(async (folder) => {
      const asks = (stdin?: number) => ask(asked.words, { cwd: folder, signal, ...(stdin === undefined ? {} : { stdin }) })
      const answered = input === undefined ? asks() : throughPipe(input, { folder, env, signal }, asks)
      const answer = await answered.catch((error) => {
        throw notAskedFailure(error, asked, deadline)
      })
      if (answer.code !== 0) throw connectFailure(answer, asked)
      return await take(answer, folder)
    })
  }

  return {
    async createToken(wanted, signal) {
      const { server, vaults } = wanted
      const look = lookAtTokens(server)
      const asked = {
        does: `make a token for the Connect server ${plain(server)}`,
        words: opWords.createToken(wanted),
        server,
        vaults,
        look,
      }
      return does(asked, signal, ({ stdout }) => tokenIn(stdout, asked))
    },

    async deleteToken({ id, server }, signal) {
      const words = opWords.deleteToken({ id, server })
      await does({ does: `delete the token ${plain(id)}`, words, server, look: lookAtTokens(server) }, signal, () => undefined)
    },

    async createServer({ name, vaults }, signal) {
      const words = opWords.createServer({ name, vaults })
      const asked = { does: `make the Connect server ${plain(name)}`, words, vaults, look: lookAtServers }
      return does(asked, signal, async ({ stdout }, folder) => {
        const [, server = name] = /\bUUID:\s*([a-z0-9]{26})\b/i.exec(stdout) ?? []
        const credentials = await takeCredentials(folder)
        if (credentials === undefined) throw withoutCredentials(server)
        return { credentials, server, ...(server === name ? {} : { id: server.toLowerCase() }) }
      })
    },

    async deleteServer(server, signal) {
      const words = opWords.deleteServer(server)
      await does({ does: `delete the Connect server ${plain(server)}`, words, server, look: lookAtServers }, signal, () => undefined)
    },

    async keep(item, signal) {
      const { vault, title } = item
      const look = commandOf(['item', 'list', '--vault', vault])
      const asked = { does: `keep the item ${plain(title)}`, words: opWords.keep(item), vaults: [vault], look }
      return does(asked, signal, ({ stdout }) => keptId(stdout, item), templateOf(item))
    },

    async discard({ id, vault }, signal) {
      const look = commandOf(['item', 'list', '--vault', vault])
      const asked = { does: `delete the item ${plain(id)}`, words: opWords.discard({ id, vault }), vaults: [vault], look }
      await does(asked, signal, () => undefined)
    },
  }
}

const lookAtServers = commandOf(['connect', 'server', 'list'])

function lookAtTokens(server: string): string {
  return commandOf(['connect', 'token', 'list', '--server', server])
}

/** The line that has the form of a token; others would be notices. */
function tokenIn(stdout: string, { does, look }: Asked): Secret {
  const line = stdout.split('\n').find((each) => /^\s*[\w-]+\.[\w-]+\.[\w-]+\s*$/.test(each))
  if (line !== undefined) return new Secret(line.trim())
  throw new Failure({
    id: 'op-gave-no-token',
    exit: 'partly',
    what: `op was to ${does}, and what it gave is no token.`,
    why: 'It may have made one that nobody has now; such a one should be deleted.',
    fix: [look],
  })
}

function withoutCredentials(server: string): Failure {
  return new Failure({
    id: 'op-gave-no-credentials',
    exit: 'partly',
    what: `op made the Connect server ${plain(server)}, and wrote no credentials file.`,
    why: '1Password gives it out once: without it the server is of no use.',
    fix: [commandOf(opWords.deleteServer(server))],
  })
}
