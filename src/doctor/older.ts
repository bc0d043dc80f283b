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
  const [, ...parts] = /^\s*(?:\^|~>?|>?=)?\s*v?(\d+)(?:\.(\d+|[x*]))?(?:\.(\d+|[x*]))?(?:[-+][\w.+-]+)?\s*$/i.exec(version ?? '') ?? []
  if (parts.length === 0) return false
  const oldest = parts.map((part) => (part === undefined || /[x*]/i.test(part) ? 0 : Number(part)))
  const at = oldest.findIndex((part, nth) => part !== than[nth])
  return at < 0 || (oldest[at] ?? 0) > (than[at] ?? 0)
}

const any = Number.POSITIVE_INFINITY

function newestOf(version: string): number[] | undefined {
  const [whole, operator = '', major, minor, patch] =
    /^\s*(\^|~>?|=)?\s*v?(\d+)(?:\.(\d+|[x*]))?(?:\.(\d+|[x*]))?(?:[-+][\w.+-]+)?\s*$/i.exec(version) ?? []
  if (whole === undefined) return undefined
  const number = (part: string | undefined) => (part === undefined || /[x*]/i.test(part) ? any : Number(part))
  if (operator === '^') return Number(major) === 0 ? [0, number(minor), any] : [Number(major), any, any]
  return [Number(major), number(minor), operator.startsWith('~') ? any : number(patch)]
}
