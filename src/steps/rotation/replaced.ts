import type { Old } from './revoke.ts'
import type { RotationWorld } from './world.ts'

/** What a rotation of these clusters has replaced, and earlier runs that were ended too soon, each once. Nothing while there is no new one. */
export async function replacedInAll(worlds: readonly RotationWorld[]): Promise<Old[]> {
  const all = await Promise.all(worlds.map(async (world) => ((await world.token()) === undefined ? [] : goingIn(world))))
  return [...new Map(all.flat().map((old) => [`${old.server} ${old.id}`, old])).values()]
}

/** What is replaced in this cluster; nothing where that isn't known. */
export async function goingIn(world: RotationWorld): Promise<Old[]> {
  // What is wrong with the new one is told by the step that reads it.
  const [{ token: held, unprovenAfter }, servers, now] = await Promise.all([
    world.held(),
    world.unprovenServers(),
    world.token().catch(() => undefined),
  ])
  const others = (ids: (string | undefined)[], id: string | undefined) => [
    ...new Set(ids.filter((each): each is string => each !== undefined && each !== 'unknown' && each !== id)),
  ]
  // With another token of the same server that one stays.
  const ended = world.command === 'rotate-credentials' ? others([...servers, held?.server], now?.server) : []
  if (ended.length > 0) return ended.map((server) => ({ server }))
  if (held === undefined || held.server === 'unknown') return []
  const { id: last, server, expires } = held
  return others([...unprovenAfter, last], now?.id).map((id) => ({ id, server, ...(id === last && expires !== undefined && { expires }) }))
}
