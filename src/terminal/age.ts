const units = [
  ['day', 86_400_000],
  ['hour', 3_600_000],
  ['minute', 60_000],
  ['second', 1_000],
] as const

/** How long ago something was, in one unit: `3 days`, `a moment`. */
export function ageOf(at: string, now: Date): string {
  const passed = now.getTime() - Date.parse(at)
  for (const [name, length] of units) {
    const count = Math.floor(passed / length)
    if (count >= 1) return plural(count, name)
  }
  return 'a moment'
}

/** `1 store`, `2 stores`, `10,000 stores` */
export function plural(count: number, name: string): string {
  return `${count.toLocaleString('en-US')} ${name}${count === 1 ? '' : 's'}`
}
