/** All that an iteration gives, for lists that are known to be short (Array.fromAsync came with Node 22). */
export async function all<T>(from: AsyncIterable<T>): Promise<T[]> {
  const found: T[] = []
  for await (const each of from) found.push(each)
  return found
}
