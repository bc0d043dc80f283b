/** A read that several checks share: made once for each world, when it is first asked for. */
export function shared<World extends object, T>(read: (world: World) => Promise<T>): (world: World) => Promise<T> {
  const made = new WeakMap<World, Promise<T>>()
  return (world) => {
    const known = made.get(world) ?? read(world)
    made.set(world, known)
    return known
  }
}
