import { LineCounter } from 'yaml'
import { documentsIn } from './documents.ts'

/** The line (from 1) of what stands under this path, in the document that begins on `line`; else that line. */
export function lineOf(text: string, line: number, ...path: (string | number)[]): number {
  const lines = new LineCounter()
  const document = documentsIn(text, lines).find(({ contents }) => lines.linePos(contents?.range?.[0] ?? 0).line === line)
  for (let depth = path.length; depth > 0; depth--) {
    const node = document?.getIn(path.slice(0, depth), true)
    const at = (node as { range?: [number, number, number] } | undefined)?.range?.[0]
    if (at !== undefined) return lines.linePos(at).line
  }
  return line
}
