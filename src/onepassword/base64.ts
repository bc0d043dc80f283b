/**
 * The text behind base64 in any of its forms: standard or URL alphabet, padded or not, on one line or wrapped.
 * Undefined if it isn't base64, or isn't base64 of text.
 */
export function decodeBase64(text: string): string | undefined {
  const digits = text.replace(/\s+/g, '')
  const bare = digits.replace(/={1,2}$/, '')
  if (bare === '' || !/^([A-Za-z0-9+/]+|[A-Za-z0-9_-]+)$/.test(bare) || bare.length % 4 === 1) return undefined
  if (bare !== digits && digits.length % 4 !== 0) return undefined
  try {
    return new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(Buffer.from(bare, 'base64'))
  } catch {
    return undefined
  }
}

/** What `JSON.parse` gives if it is an object, else undefined: its errors quote the text, so that none gets out. */
export function parseObject(text: string): Record<string, unknown> | undefined {
  try {
    const value: unknown = JSON.parse(text)
    return typeof value === 'object' && value !== null && !Array.isArray(value) ? (value as Record<string, unknown>) : undefined
  } catch {
    return undefined
  }
}

/** A JSON object and how many layers of base64 lay over it; undefined if there is none within two. */
export function unwrapObject(text: string): { text: string; object: Record<string, unknown>; layers: 0 | 1 | 2 } | undefined {
  let layer: string | undefined = text
  for (const layers of [0, 1, 2] as const) {
    const bare: string = layer.replace(/^\uFEFF/, '')
    const object = parseObject(bare)
    if (object !== undefined) return { text: bare, object, layers }
    layer = decodeBase64(bare)
    if (layer === undefined) return undefined
  }
  return undefined
}
