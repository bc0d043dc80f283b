import type { Style } from './style.ts'

/** The hunks of a unified diff, cut to the line. The file's name stands above them already, unless there are several. */
export function renderDiff(diff: string, { colour, columns }: Style): string[] {
  const lines = diff.split('\n').filter((line) => line !== '' && !/^(Index: |=+$|--- )/.test(line))
  const isNamed = lines.filter((line) => line.startsWith('+++ ')).length > 1
  return lines.flatMap((line) => {
    const [, path] = /^\+\+\+ ([^\t]*)/.exec(line) ?? []
    if (path !== undefined) return isNamed ? [`    ${colour.bold(path)}`] : []
    const paint = line.startsWith('+') ? colour.green : line.startsWith('-') ? colour.red : colour.dim
    return [`      ${paint(line.length > columns - 6 ? `${line.slice(0, columns - 7)}…` : line)}`]
  })
}
