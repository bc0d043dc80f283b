import type { Made, Step } from '../../engine/step.ts'
import { Failure } from '../../failure.ts'
import { parseCredentials } from '../../onepassword/credentials.ts'
import type { OpConnect } from '../../onepassword/op-connect.ts'
import { commandOf, opWords, type TokenWanted } from '../../onepassword/op-words.ts'
import { parseToken } from '../../onepassword/token.ts'
import { plain } from '../../text/plain.ts'
import type { Asked } from './asked-of-op.ts'
import type { RotationWorld } from './world.ts'

/** Who makes the new one, and what it is asked for. */
export interface Maker {
  op: OpConnect
  asked: Asked
  /** Vaults as op understands them. */
  knows(vaults: readonly string[]): Promise<string[]>
}

/** 1Password has made the new token, for the Connect server that the one in use belongs to. */
export function mintToken({ op, asked, knows }: Maker): Step<RotationWorld> {
  return {
    id: 'mint',
    title: '1Password has made the new token',
    async look(world) {
      const [server, vaults] = await Promise.all([asked.server(), asked.vaults()])
      if (server === undefined) throw serverUnknown()
      const wanted = tokenWanted(world, server, await knows(vaults))
      return {
        is: 'pending',
        says: 'make a token in 1Password',
        changes: [{ action: 'create', what: described({ ...wanted, vaults }), note: commandOf(opWords.createToken(wanted)) }],
        makeItSo: () => makeToken(op, world, wanted),
      }
    },
  }
}

/** 1Password has made a new Connect server with a token for it, and keeps both where it was told to. */
export function mintServer({ op, asked, knows }: Maker): Step<RotationWorld> {
  return {
    id: 'mint',
    title: '1Password has made the new Connect server and its token',
    async look(world) {
      const name = nameOfToday(world)
      const vaults = await asked.vaults()
      const all = await knows(vaults)
      const shown = tokenWanted(world, name, all)
      const { keepIn } = world.rotation
      return {
        is: 'pending',
        says: 'make a Connect server in 1Password',
        changes: [
          {
            action: 'create',
            what: `Connect server ${name} for ${vaults.map((each) => plain(each)).join(', ')}`,
            note: commandOf(opWords.createServer({ name, vaults: all })),
          },
          { action: 'create', what: described({ ...shown, vaults }), note: commandOf(opWords.createToken(shown)) },
          ...(keepIn === undefined
            ? []
            : [{ action: 'create' as const, what: `item ${plain(keepIn.title)} in ${plain(keepIn.vault)}, with both` }]),
        ],
        async makeItSo() {
          const taken: (() => Promise<void>)[] = []
          const undo = async () => {
            for (const takeBack of taken.toReversed()) await takeBack()
          }
          const made = await op.createServer({ name, vaults: all }, world.signal)
          taken.push(async () => {
            delete world.pair.made.credentials
            await op.deleteServer(made.server)
          })
          try {
            world.pair.made.credentials = parseCredentials(made.credentials)
            const { says } = await makeToken(op, world, { ...shown, server: made.server })
            if (keepIn !== undefined) taken.push(await keep(op, world, keepIn))
            return { says: `Connect server ${name} made; ${says}`, undo }
          } catch (error) {
            await undo().catch(() => {
              throw withLeft(error, commandOf(opWords.deleteServer(made.server)))
            })
            throw error
          }
        },
      }
    },
  }
}

async function makeToken(op: OpConnect, world: RotationWorld, wanted: TokenWanted): Promise<Made> {
  const value = await op.createToken(wanted, world.signal)
  const token = parseToken(value, world.now())
  world.pair.made.token = token
  const undo = async () => {
    delete world.pair.made.token
    await op.deleteToken({ id: token.id, server: wanted.server })
  }
  return { says: `token ${token.id} made, for ${token.vaults.length} ${token.vaults.length === 1 ? 'vault' : 'vaults'}`, undo }
}

/** Gives the way to have it deleted again. */
async function keep(
  op: OpConnect,
  { pair, signal }: RotationWorld,
  { vault, title }: { vault: string; title: string },
): Promise<() => Promise<void>> {
  const [credentials, token] = await Promise.all([pair.credentials(), pair.token()])
  if (credentials === undefined || token === undefined) throw new Error('nothing was made')
  const fields = [
    { label: '1password-credentials.json', value: credentials.content },
    { label: 'token', value: token.value },
  ]
  const id = await op.keep({ vault, title, fields }, signal)
  return async () => {
    if (id === undefined) throw itemLeft(vault, title)
    await op.discard({ id, vault })
  }
}

function tokenWanted(world: RotationWorld, server: string, vaults: readonly string[]): TokenWanted {
  return { name: nameOfToday(world), server, vaults, expiresIn: world.rotation.expiresIn }
}

function nameOfToday(world: RotationWorld): string {
  return `eso-bootstrap-${world.now().toISOString().slice(0, 10)}`
}

function described({ server, vaults, expiresIn }: TokenWanted): string {
  return `token of the Connect server ${plain(server)}, which reads ${vaults.map((each) => plain(each)).join(', ')} for ${expiresIn}`
}

function serverUnknown(): Failure {
  return new Failure({
    id: 'mint-server-unknown',
    exit: 'blocked',
    what: 'The token that is in use does not say which Connect server it belongs to, so none can be made for it.',
    fix: [
      'op connect server list',
      'op connect token create <name> --server <server> --vault <vault>',
      'then: eso-bootstrap rotate-token --token <source>',
    ],
  })
}

/** What op did not say the id of: another item may have that title. */
function itemLeft(vault: string, title: string): Failure {
  return new Failure({
    id: 'op-item-left',
    exit: 'partly',
    what: `The item ${plain(title)} in ${plain(vault)} is still there, and what it holds was taken back.`,
    fix: [commandOf(['item', 'list', '--vault', vault]), commandOf(['item', 'delete', '<item>', '--vault', vault])],
  })
}

/** The same failure, after which something that was made for it could not be taken back. */
function withLeft(error: unknown, command: string): unknown {
  if (!(error instanceof Failure)) return error
  const { id, message: what, why, fix } = error
  return new Failure({
    id,
    exit: 'partly',
    what,
    ...(why && { why }),
    fix: [...fix, `and delete the Connect server that was made: ${command}`],
  })
}
