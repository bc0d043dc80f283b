/** What a terminal shows of the bytes that were written to it, with all that has scrolled off its top. */
export interface Screen {
  write(text: string): void
  /** Every line so far, the scrolled-off ones first, without blanks at their ends. */
  lines(): string[]
  /** Lines that the terminal had to break because they were longer than it is wide. */
  broken(): string[]
  /** How it differs from a fresh terminal: `cursor hidden`, `output held back`. */
  modes(): string[]
}

// biome-ignore lint/suspicious/noControlCharactersInRegex: escape sequences begin with one.
const sequence = /^\x1b\[(\?)?([\d;]*)([A-Za-z])/

const privateModes: Record<number, { is: string; by: 'h' | 'l' }> = {
  25: { is: 'cursor hidden', by: 'l' },
  // https://contour-terminal.org/vt-extensions/synchronized-output/
  2026: { is: 'output held back', by: 'h' },
}

/**
 * As much of a VT100 as Inquirer, ora and chalk ask for; throws at what it doesn't know. A character is one column wide.
 * https://invisible-island.net/xterm/ctlseqs/ctlseqs.html
 */
export function createScreen(columns: number, rows: number): Screen {
  const lines: string[][] = [[]]
  const continued = new Set<number>()
  let row = 0
  let column = 0
  const modes = new Set<string>()

  const top = () => Math.max(0, lines.length - rows)
  const lineAt = (at: number) => {
    while (lines.length <= at) lines.push([])
    return lines[at] as string[]
  }
  const lineFeed = () => {
    row++
    lineAt(row)
  }
  const print = (character: string) => {
    if (column === columns) {
      lineFeed()
      continued.add(row)
      column = 0
    }
    const line = lineAt(row)
    while (line.length < column) line.push(' ')
    line[column] = character
    column++
  }
  const eraseLine = (mode: number) => {
    const line = lineAt(row)
    if (mode === 0) line.length = Math.min(line.length, column)
    else if (mode === 1) line.fill(' ', 0, column + 1)
    else line.length = 0
    if (column === 0 || mode === 2) continued.delete(row)
  }
  const eraseDown = () => {
    eraseLine(0)
    for (let at = row + 1; at < lines.length; at++) {
      lineAt(at).length = 0
      continued.delete(at)
    }
  }
  const control = (isPrivate: boolean, parameters: string, final: string) => {
    const [first = 0] = parameters.split(';').map(Number)
    const many = first || 1
    const mode = isPrivate ? privateModes[first] : undefined
    if (mode !== undefined) modes[final === mode.by ? 'add' : 'delete'](mode.is)
    else if (isPrivate) throw new Error(`unknown private mode ${first}${final}`)
    else if (final === 'A') row = Math.max(top(), row - many)
    else if (final === 'B') row = Math.min(top() + rows - 1, row + many)
    else if (final === 'C') column = Math.min(columns - 1, column + many)
    else if (final === 'D') column = Math.max(0, Math.min(column, columns - 1) - many)
    else if (final === 'G') column = many - 1
    else if (final === 'K') eraseLine(first)
    else if (final === 'J' && first === 0) eraseDown()
    else if (final !== 'm') throw new Error(`unknown sequence ${parameters}${final}`)
    lineAt(row)
  }

  let pending = ''
  return {
    write(text) {
      let rest = pending + text
      pending = ''
      while (rest !== '') {
        if (rest.startsWith('\x1b')) {
          const match = sequence.exec(rest)
          if (match === null && rest.length < 16) {
            pending = rest
            return
          }
          if (match === null) throw new Error(`unknown sequence ${JSON.stringify(rest.slice(0, 16))}`)
          const [whole, isPrivate, parameters = '', final = ''] = match
          control(isPrivate !== undefined, parameters, final)
          rest = rest.slice(whole.length)
          continue
        }
        const character = String.fromCodePoint(rest.codePointAt(0) ?? 0)
        rest = rest.slice(character.length)
        if (character === '\r') column = 0
        else if (character === '\n') lineFeed()
        else if (character === '\b') column = Math.max(0, column - 1)
        else if (character === '\x07') continue
        else if (character < ' ') throw new Error(`unknown control character ${character.codePointAt(0)}`)
        else print(character)
      }
    },
    lines: () =>
      lines.map((line) =>
        Array.from(line, (each) => each ?? ' ')
          .join('')
          .trimEnd(),
      ),
    broken: () => [...continued].sort((a, b) => a - b).map((at) => `${lines[at - 1]?.join('')}⏎${lines[at]?.join('')}`),
    modes: () => [...modes],
  }
}
