type Version = readonly [major: number, minor: number, patch: number]

/** The newest version that fits a range, in the forms that people write: `2.6.0`, `2.x`, `~2.6`, `^2`, `>=2.0.0 <3`, `a || b`, `*`. */
export function matching(versions: readonly string[], range: string): string | undefined {
  const fitting = versions.filter((each) => {
    const version = parse(each)
    return version !== undefined && range.split('||').some((part) => fits(version, part.trim()))
  })
  return fitting.sort((one, other) => compare(parse(other) ?? zero, parse(one) ?? zero))[0]
}

const zero: Version = [0, 0, 0]

function parse(text: string): Version | undefined {
  const [, major, minor, patch] = /^v?(\d+)\.(\d+)\.(\d+)$/.exec(text) ?? []
  return major === undefined ? undefined : [Number(major), Number(minor), Number(patch)]
}

function compare(one: Version, other: Version): number {
  return one[0] - other[0] || one[1] - other[1] || one[2] - other[2]
}

function fits(version: Version, range: string): boolean {
  const hyphen = /^(\S+)\s+-\s+(\S+)$/.exec(range)
  const parts = hyphen ? [`>=${hyphen[1]}`, `<=${hyphen[2]}`] : range.replace(/([<>=~^]+)\s+/g, '$1').split(/[\s,]+/)
  return parts.filter(Boolean).every((part) => fitsOne(version, part))
}

function fitsOne(version: Version, part: string): boolean {
  const [, operator = '', text = ''] = /^([<>=~^]*)v?(.*)$/.exec(part) ?? []
  const given = text.split('.').slice(0, 3)
  const numbers = given.slice(0, given.findIndex((each) => !/^\d+$/.test(each)) >>> 0).map(Number)
  const low: Version = [numbers[0] ?? 0, numbers[1] ?? 0, numbers[2] ?? 0]
  switch (operator) {
    case '>=':
      return compare(version, low) >= 0
    case '>':
      return compare(version, low) > 0 && !startsWith(version, numbers)
    case '<':
      return compare(version, low) < 0
    case '<=':
      return compare(version, low) <= 0 || startsWith(version, numbers)
    case '~':
      return compare(version, low) >= 0 && startsWith(version, numbers.slice(0, 2))
    case '^': {
      const leading = low.findIndex((each) => each > 0)
      return compare(version, low) >= 0 && startsWith(version, numbers.slice(0, leading < 0 ? numbers.length : leading + 1))
    }
    default:
      return startsWith(version, numbers)
  }
}

function startsWith(version: Version, numbers: readonly number[]): boolean {
  return numbers.every((each, index) => version[index] === each)
}
