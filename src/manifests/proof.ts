import { isDeepStrictEqual } from 'node:util'
import type { Failure } from '../failure.ts'
import { type Splice, spliced } from './lines.ts'
import { parseSource, type Source } from './source.ts'

/**
 * Applies an edit and proves it: the new text must parse, and mean exactly what is `meant`, document by document.
 * Throws `otherwise` (the manual step) when it doesn't.
 */
export function proven(source: Source, edit: readonly Splice[], meant: readonly unknown[], otherwise: Failure): string {
  const text = source.bom + spliced(source.text, edit)
  if (!isDeepStrictEqual(readBack(source.path, text), meant)) throw otherwise
  return text
}

function readBack(path: string, text: string): readonly unknown[] | undefined {
  try {
    return parseSource({ path, text }).models
  } catch {
    return undefined
  }
}
