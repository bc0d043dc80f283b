/** Reads a fact when it is first asked for, and only once; everybody after that gets the same promise. */
export function once<T>(read: () => Promise<T>): () => Promise<T> {
  let reading: Promise<T> | undefined
  return () => {
    reading ??= read()
    return reading
  }
}
