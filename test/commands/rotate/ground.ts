import { join } from 'node:path'
import { kindOf, kinds } from '../../../src/sandbox/kinds.ts'
import { mark } from '../../../src/steps/rotation/world.ts'
import { type OpStandIn, startOpStandIn } from '../../op-stand-in.ts'
import type { Flags } from '../init/stage.ts'
import type { Running } from '../run.ts'
import { type Call, type Listening, listening } from './calls.ts'
import { type Instants, watchInstants } from './instants.ts'
import { type Relay, startRelay } from './relay.ts'
import { openRotation, type Rotation } from './stage.ts'

/**
 * A sandbox in which a rotation has something to do in each of its steps, and in which each of its calls is heard: two
 * ExternalSecrets that are forced, and one that can't be, so that a throw-away one stands for it; `op` makes the tokens.
 */
export interface Ground extends Rotation, Listening {
  op: OpStandIn
  relay: Relay
  instants: Instants
  /** A rotation with all its steps, whose result is JSON: `op` makes the token, and deletes the old one. */
  whole(flags?: Flags): Running
  /** How many requests the API server and Connect have got through the relay, and how often `op` was called, by their own logs. */
  arrived(): number
  /** The calls of one that ends well, in their order. */
  record(flags?: Flags): Promise<Call[]>
  /** Puts a token into the Secret that Connect has known for an hour, as if no rotation had ever been. */
  anew(): Promise<{ value: string; id: string }>
  /** The token's Secret says that what it holds is not proven. */
  isMarked(): boolean
  /** Whatever lock there is was not renewed for a minute, and nobody needs a throw-away ExternalSecret any more. */
  expire(): void
  /** The ids of the tokens that `op` has made since then. */
  made(): string[]
}

export async function openGround(): Promise<Ground> {
  const rotation = await openRotation()
  const { sandbox } = rotation
  const folder = join(sandbox.folder, 'op')
  const op = await startOpStandIn({ folder, account: sandbox.account, access: sandbox.access })
  const relay = await startRelay(() => sandbox.connect().at(-1)?.url ?? '')
  sandbox.api.setListening(() => relay.port)
  rotation.putExternalSecret('my-other-app')
  const store = { kind: 'SecretStore', name: 'onepassword' }
  rotation.putExternalSecret('made-once', { refreshPolicy: 'CreatedOnce', secretStoreRef: store }, { namespace: 'external-secrets' })
  await sandbox.settled()

  const { onCall } = listening({ api: sandbox.api.log, connect: relay.asked, op: op.calls })
  const live = () => sandbox.api.store.get(kinds.secret, 'external-secrets', 'onepassword-connect-token')
  const secret = live()
  if (secret === undefined) throw new Error('init has left no token')
  const whole = (flags: Flags = {}) =>
    rotation.begin({ mint: true, 'revoke-old': true, all: true, output: 'json', ...flags }, { env: { PATH: op.path } })
  const all = () => op.servers.flatMap(({ tokens }) => tokens.map(({ id }) => id))
  let before = 0
  const anew = async () => {
    const { value, id } = await rotation.newToken()
    before = all().length
    for (const object of sandbox.api.store.all()) {
      const { name, namespace } = object.metadata
      if (object.kind === 'Lease' || name.startsWith('eso-bootstrap-proof-')) sandbox.api.store.remove(kindOf(object), namespace, name)
    }
    const data = { token: Buffer.from(value).toString('base64') }
    const { resourceVersion: _, ...metadata } = secret.metadata
    sandbox.api.store.commit({ ...secret, metadata, data })
    await sandbox.settled()
    return { value, id }
  }
  const expire = () => {
    const past = new Date(Date.now() - 61_000).toISOString()
    for (const object of sandbox.api.store.all()) {
      const { metadata, kind } = object
      const renewTime = past.replace('Z', '000Z')
      const annotations = { ...metadata.annotations, 'eso-bootstrap/in-use-until': past }
      if (kind === 'Lease') sandbox.api.store.put({ ...object, spec: { ...object['spec'], renewTime } }, 'time')
      if (kind === 'ExternalSecret' && metadata.name.startsWith('eso-bootstrap-proof-'))
        sandbox.api.store.put({ ...object, metadata: { ...metadata, annotations } }, 'time')
    }
  }
  const arrived = () => sandbox.api.log.length + relay.asked.length + op.calls.length
  return {
    ...rotation,
    ...{
      op,
      relay,
      onCall,
      arrived,
      whole,
      anew,
      expire,
      isMarked: () => live()?.metadata.annotations?.[mark] !== undefined,
      made: () => all().slice(before),
    },
    instants: watchInstants(sandbox),
    async record(flags) {
      const calls: Call[] = []
      const before = arrived()
      const stop = onCall(({ call }) => calls.push(call))
      const ended = await whole(flags).ended
      stop()
      if (calls.length !== arrived() - before) throw new Error(`${calls.length} calls were heard of ${arrived() - before}`)
      if (ended.code !== 0) throw new Error(`the rotation ended with ${ended.code}: ${ended.stdout}`)
      return calls
    },
    async close() {
      await Promise.all([op.close(), relay.close()])
      await rotation.close()
    },
  }
}
