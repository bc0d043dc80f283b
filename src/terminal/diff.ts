import type { Style } from './style.ts'

/** The hunks of a unified diff, cut to the line; its file names stand above them already. */
export function renderDiff(diff: string, { colour, columns }: Style): string[] {
  const hunks = diff.split('\n').filter((line) => line !== '' && !/^(Index: |=+$|--- |\+\+\+ )/.test(line))
  return hunks.map((line) => {
    const paint = line.startsWith('+') ? colour.green : line.startsWith('-') ? colour.red : colour.dim
    return `      ${paint(line.length > columns - 6 ? `${line.slice(0, columns - 7)}…` : line)}`
  })
}
