import { stripVTControlCharacters } from 'node:util'

/**
 * Text from a cluster, from 1Password or from a child, made safe to show: escape sequences, control and
 * bidirectional characters are gone (CWE-150), line breaks become spaces, and it is cut after `max` characters.
 */
export function plain(text: string, max = 400): string {
  const clean = stripVTControlCharacters(text)

    .replace(/\s+/g, ' ')
    .replace(/[\p{Cc}\p{Bidi_Control}]/gu, '')
    .trim()
  return clean.length > max ? `${clean.slice(0, max - 1)}…` : clean
}
