import type { World, WorldAt } from '../steps/world.ts'
import { plain } from '../text/plain.ts'

export interface Offered {
  key: string
  says: string
}

/** What templates have in the place of a vault; a bare number is an order that was mistaken for an id. */
const placeholder = /^(your-vault|my-vault|<.*>|\d{1,3})$/

/** The vaults that can be known: those in the store, those of the token, and their titles if `op` tells them. */
export async function knownVaults(world: World, at: WorldAt): Promise<Offered[]> {
  const [{ stores }, token, titles] = await Promise.all([world.folder(), world.token(), at.op.vaults()])
  const named = new Map((titles ?? []).map(({ id, name }) => [id.toLowerCase(), name]))
  const fromToken = (token?.vaults ?? []).map(({ id }) => {
    const title = named.get(id)
    return title === undefined
      ? { key: id, says: `${id}  (the token reads it)` }
      : { key: title, says: `${plain(title)}  (${id}, the token reads it)` }
  })
  const fromFile = stores
    .flatMap(({ vaults }) => vaults)
    .filter(({ key }) => !placeholder.test(key))
    .map(({ key }) => ({ key, says: `${plain(key)}  (named in the store now)` }))
  const fromAccount = fromToken.length > 0 ? [] : [...named.values()].map((name) => ({ key: name, says: plain(name) }))
  const all = [...fromToken, ...fromFile, ...fromAccount]
  return [...new Map(all.map((each) => [each.key, each])).values()]
}
