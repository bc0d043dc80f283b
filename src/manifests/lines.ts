/** One line of a text: its text is [start, end), its line break [end, next). */
export interface Line {
  start: number
  end: number
  next: number
  text: string
}

/** The line that `offset` lies in. */
export function lineAround(text: string, offset: number): Line {
  const start = offset === 0 ? 0 : text.lastIndexOf('\n', offset - 1) + 1
  const newline = text.indexOf('\n', offset)
  const next = newline === -1 ? text.length : newline + 1
  const content = text.slice(start, next).replace(/\r?\n$/, '')
  return { start, end: start + content.length, next, text: content }
}

export function columnOf(text: string, offset: number): number {
  return offset - lineAround(text, offset).start
}

/** Puts whole lines below the one that `offset` lies in, with that line's ending; a missing last newline stays missing. */
export function linesBelow(text: string, offset: number, lines: readonly string[]): Splice {
  const line = lineAround(text, offset)
  const own = text.slice(line.end, line.next)
  const eol = own || (text.match(/\r?\n/)?.[0] ?? '\n')
  const put = own ? lines.map((each) => each + eol) : lines.map((each) => eol + each)
  return { from: line.next, to: line.next, put: put.join('') }
}

/** Takes a whole line away, with the line break before it, so that the end of the text stays as it was. Not for the first line. */
export function withoutLine(text: string, offset: number): Splice {
  const line = lineAround(text, offset)
  return { from: lineAround(text, line.start - 1).end, to: line.end, put: '' }
}

/**
 * Takes away a value that says nothing (`[]`, `{}`, `~`), with the space before it: its key is ready for lines below.
 * Nothing is taken if a comment would go with it.
 */
export function withoutValue(text: string, from: number, to: number): Splice[] {
  if (from === to || text.slice(from, to).includes('#')) return []
  const { start } = lineAround(text, from)
  return [{ from: start + text.slice(start, from).trimEnd().length, to, put: '' }]
}

/** Replaces the characters [from, to) by `put`. */
export interface Splice {
  from: number
  to: number
  put: string
}

/** All splices at once; their offsets are those of `text`. Two at the same place are put in the order given. */
export function spliced(text: string, splices: readonly Splice[]): string {
  let result = ''
  let at = 0
  for (const { from, to, put } of splices.toSorted((a, b) => a.from - b.from)) {
    result += text.slice(at, from) + put
    at = to
  }
  return result + text.slice(at)
}
