import { Chalk, type ChalkInstance } from 'chalk'
import { type Io, mayStyle } from './io.ts'

export interface Style {
  colour: ChalkInstance
  columns: number
}

/** Colours for a stream, or none where it isn't a terminal that wants them. At most 100 columns, so that lines stay readable. */
export function styleOf(io: Io, stream: { isTTY?: boolean; columns?: number }, noColour: boolean): Style {
  return { colour: new Chalk({ level: mayStyle(io, stream, noColour) ? 1 : 0 }), columns: Math.min(stream.columns ?? 80, 100) }
}

/** A path that is longer than the line is broken behind a slash, so that the terminal doesn't break it anywhere. */
function breakPath(word: string, columns: number): string[] {
  if (word.length <= columns) return [word]
  const slash = word.lastIndexOf('/', columns - 1)
  return slash <= 0 ? [word] : [word.slice(0, slash + 1), ...breakPath(word.slice(slash + 1), columns)]
}

/** Breaks a sentence between words; the lines after the first are indented as the first one is. */
export function wrap(text: string, columns: number, indent = ''): string {
  const lines = ['']
  for (const word of text.split(' ').flatMap((each) => breakPath(each, columns - indent.length))) {
    const line = lines.at(-1) ?? ''
    if (line !== '' && indent.length + line.length + 1 + word.length > columns) lines.push(word)
    else lines[lines.length - 1] = line === '' ? word : `${line} ${word}`
  }
  return lines.map((line) => indent + line).join('\n')
}
