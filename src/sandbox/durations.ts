/** A Go duration such as `1h30m` in milliseconds; a bare number is seconds. */
export function milliseconds(duration: unknown, otherwise: number): number {
  if (duration === undefined || duration === null) return otherwise
  if (/^\d+$/.test(String(duration))) return Number(duration) * 1000
  const units: Record<string, number> = { ms: 1, s: 1000, m: 60_000, h: 3_600_000 }
  const parts = [...String(duration).matchAll(/(\d+(?:\.\d+)?)(ms|s|m|h)/g)]
  return parts.length === 0 ? otherwise : parts.reduce((sum, [, amount, unit]) => sum + Number(amount) * (units[unit ?? ''] ?? 0), 0)
}

/** Milliseconds as Go prints a duration: `10m0s`, `1.5s`. */
export function goDuration(milliseconds: number): string {
  const hours = Math.floor(milliseconds / 3_600_000)
  const minutes = Math.floor((milliseconds % 3_600_000) / 60_000)
  const seconds = (milliseconds % 60_000) / 1000
  if (hours > 0) return `${hours}h${minutes}m${seconds}s`
  return minutes > 0 ? `${minutes}m${seconds}s` : `${seconds}s`
}
