/**
 * True where this version is certainly older: of a range such as `0.14.x` or `~0.14.2` the newest counts, and of one without an end
 * nothing is known.
 */
export function isOlder(version: string | undefined, than: readonly [major: number, minor: number, patch: number]): boolean {
  const newest = newestOf(version ?? '')
  if (newest === undefined) return false
  const at = newest.findIndex((part, nth) => part !== than[nth])
  return at >= 0 && (newest[at] ?? 0) < (than[at] ?? 0)
}

/** True where this version is certainly not older: of a range the oldest counts. */
export function isAtLeast(version: string | undefined, than: readonly [major: number, minor: number, patch: number]): boolean {
  const { parts } = partsOf(version ?? '') ?? {}
  if (parts === undefined) return false
  const oldest = parts.map((part) => part ?? 0)
  const at = oldest.findIndex((part, nth) => part !== than[nth])
  return at < 0 || (oldest[at] ?? 0) > (than[at] ?? 0)
}

const any = Number.POSITIVE_INFINITY

function newestOf(version: string): number[] | undefined {
  const { operator = '', parts: [major = any, minor = any, patch = any] = [] } = partsOf(version) ?? {}
  if (major === any || operator.startsWith('>')) return undefined
  if (operator === '^') return major === 0 ? [0, minor, any] : [major, any, any]
  return [major, minor, operator.startsWith('~') ? any : patch]
}

/** Undefined for what is no version; a part that is left open is undefined. */
function partsOf(version: string): { operator: string; parts: (number | undefined)[] } | undefined {
  const [whole, operator = '', ...parts] =
    /^\s*(\^|~>?|>?=)?\s*v?(\d+)(?:\.(\d+|[x*]))?(?:\.(\d+|[x*]))?(?:[-+][\w.+-]+)?\s*$/i.exec(version) ?? []
  if (whole === undefined) return undefined
  return { operator, parts: parts.map((part) => (part === undefined || /[x*]/i.test(part) ? undefined : Number(part))) }
}
