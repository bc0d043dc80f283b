/** Does all at once. The first that fails aborts the others, and is thrown when they have ended: what comes then has no rivals. */
export async function sideBySide<T>(
  items: readonly T[],
  signal: AbortSignal,
  work: (item: T, signal: AbortSignal) => Promise<void>,
): Promise<void> {
  const stop = new AbortController()
  const own = AbortSignal.any([signal, stop.signal])
  let first: { error: unknown } | undefined
  await Promise.all(
    items.map((item) =>
      work(item, own).catch((error) => {
        first ??= { error }
        stop.abort(error)
      }),
    ),
  )
  if (first !== undefined) throw first.error
}
