import * as generate from '../src/sandbox/credentials.ts'

/** A Connect token in the clear, for tests that look for it afterwards. */
export function makeToken(options?: generate.TokenOptions): string {
  return generate.makeToken(options).reveal()
}

/** A credentials file in the clear, for tests that look for it afterwards. */
export function makeCredentials(): string {
  return generate.makeCredentials().reveal()
}

/** As many characters of a secret, in whatever encoding, are a leak. */
const size = 24

const base64 = (bytes: Buffer, shift: number) => {
  // What stands before a secret moves its bits: three alignments, without the digits that mix with a neighbour's bits.
  const text = Buffer.concat([Buffer.alloc(shift), bytes])
    .toString('base64')
    .replace(/=+$/, '')
  return text.slice(shift === 0 ? 0 : shift + 1, bytes.length % 3 === (3 - shift) % 3 ? undefined : -1)
}
const alignments = (bytes: Buffer) => [0, 1, 2].map((shift) => base64(bytes, shift))
const urlAlphabet = (text: string) => text.replaceAll('+', '-').replaceAll('/', '_')
const percent = (text: string) => [...Buffer.from(text)].map((byte) => `%${byte.toString(16).padStart(2, '0')}`).join('')

/** Every form in which a secret could come to light. */
const encodings: Record<string, (secret: string) => string[]> = {
  raw: (secret) => [secret],
  base64: (secret) => alignments(Buffer.from(secret)),
  base64url: (secret) => alignments(Buffer.from(secret)).map(urlAlphabet),
  'base64 twice': (secret) => alignments(Buffer.from(secret)).flatMap((text) => alignments(Buffer.from(text))),
  'base64 twice, padded': (secret) => alignments(Buffer.from(Buffer.from(secret).toString('base64'))),
  hex: (secret) => [Buffer.from(secret).toString('hex'), Buffer.from(secret).toString('hex').toUpperCase()],
  'URL-escaped': (secret) => [encodeURIComponent(secret), percent(secret), percent(secret).toUpperCase()],
  'JSON-escaped': (secret) => [JSON.stringify(secret).slice(1, -1), JSON.stringify(JSON.stringify(secret)).slice(3, -3)],
}

function windows(text: string): string[] {
  return text.length <= size ? [text] : Array.from({ length: text.length - size + 1 }, (_, at) => text.slice(at, at + size))
}

/**
 * What is secret in a secret: all tokens and all credentials share their header, keys and algorithms, and a token's ids may
 * be shown. Of a token it is the bearer inside (decoded, and as the payload holds it) and the signature; of JSON the long texts.
 */
function stretchesOf(secret: string): string[] {
  const [, payload = '', signature = ''] = /^eyJ[\w-]+\.([\w-]+)\.([\w-]+)$/.exec(secret) ?? []
  const json = Buffer.from(payload, 'base64url').toString()
  const bearer = objectIn(json)?.['1password.com/token']
  if (typeof bearer === 'string') {
    const start = json.indexOf(bearer)
    return [bearer, payload.slice(Math.ceil((start * 4) / 3), Math.floor(((start + bearer.length) * 4) / 3)), signature]
  }
  const texts = longTexts(objectIn(secret))
  return texts.length === 0 ? [secret] : texts
}

function objectIn(json: string): Record<string, unknown> | undefined {
  try {
    const value = JSON.parse(json)
    return typeof value === 'object' ? value : undefined
  } catch {
    return undefined
  }
}

function longTexts(value: unknown): string[] {
  if (typeof value === 'string') return value.length >= 20 ? [value] : []
  return typeof value === 'object' && value !== null ? Object.values(value).flatMap(longTexts) : []
}

const known = new Map<string, Map<string, string>>()
function windowsOf(secret: string): Map<string, string> {
  const before = known.get(secret)
  if (before !== undefined) return before
  const all = Object.entries(encodings).flatMap(([name, encode]) =>
    stretchesOf(secret)
      .flatMap(encode)
      .flatMap(windows)
      .map((window) => [window, name] as const),
  )
  const wanted = new Map(all.reverse())
  known.set(secret, wanted)
  return wanted
}

/**
 * Looks for secrets, or any 24 characters of one, in whatever encoding. Gives the place of each found secret in the list
 * and the encoding: `1 as base64`; never the secret itself.
 */
export function findCanary(haystack: string | Buffer, secrets: readonly string[]): string[] {
  const text = haystack.toString()
  const here = windows(text)
  return secrets.flatMap((secret, index) => {
    const wanted = windowsOf(secret)
    const short = [...wanted.keys()].filter((window) => window.length < size)
    const found = short.find((window) => text.includes(window)) ?? here.find((window) => wanted.has(window))
    return found === undefined ? [] : [`${index} as ${wanted.get(found)}`]
  })
}
