import { Failure } from '../../failure.ts'
import type { Op } from '../../onepassword/op.ts'
import { vaultsOf } from './acceptable.ts'
import type { RotationWorld } from './world.ts'

/** What 1Password is asked for, that all clusters together need. */
export interface Asked {
  /** Every vault that their stores name. */
  vaults(): Promise<string[]>
  /** The Connect server that the tokens in use belong to; undefined where one doesn't tell. Throws a Failure where they are several. */
  server(): Promise<string | undefined>
}

export function askedOf(worlds: readonly RotationWorld[]): Asked {
  return {
    async vaults() {
      const bridges = await Promise.all(worlds.map((world) => world.bridge()))
      return [...new Set(bridges.flatMap(({ stores }) => vaultsOf(stores)))]
    },
    async server() {
      const held = await Promise.all(worlds.map((world) => world.held()))
      const servers = held.map(({ token }) => token?.server ?? 'unknown')
      // As it stands in a token: whether op takes it in another case is not known.
      if (new Set(servers.map((each) => each.toLowerCase())).size > 1) throw severalServers()
      return servers[0] === 'unknown' ? undefined : servers[0]
    },
  }
}

/** The same vaults as op understands them: it takes a title with a space for an id, and divides it at a comma. */
export async function asOpKnows(op: Pick<Op, 'vaults'>, vaults: readonly string[], signal: AbortSignal): Promise<string[]> {
  if (!vaults.some(isHard)) return [...vaults]
  const known = (await op.vaults(signal)) ?? []
  return vaults.map((vault) => {
    const [found, ...more] = isHard(vault) ? known.filter(({ name }) => name === vault) : []
    return found === undefined || more.length > 0 ? vault : found.id
  })
}

function isHard(vault: string): boolean {
  return /[\s,"]/.test(vault)
}

function severalServers(): Failure {
  return new Failure({
    id: 'mint-several-servers',
    exit: 'blocked',
    what: 'The tokens of these clusters do not all belong to one Connect server that is known, so that no one new token fits all.',
    why: 'A token works only with the credentials of its own server.',
    fix: 'Rotate them one after the other: eso-bootstrap rotate-token --mint --context <name>',
  })
}
