/**
 * True for text that is a secret's value rather than the name of a place: what a person pasted into the wrong field.
 * A file name that only looks like one can still be given with a `./` before it.
 */
export function looksPasted(text: string): boolean {
  if (isTooMuch(text)) return true
  if (/^(\/|\.{1,2}\/|~|[A-Za-z]:\\)/.test(text)) return false
  if (/^\s*(eyJ|ZXlK|ops_|Bearer\b|-----BEGIN)/.test(text)) return true
  return (text.match(/[A-Za-z0-9+/_=-]{24,}/g) ?? []).some(isRandom)
}

/** True for what can't be a name of anything: a token, or credentials, as they are or in base64. */
export function isSecretItself(text: string): boolean {
  return /^\s*(eyJ|ops_|ZXlK)[\w+/=.\s-]{60,}$/.test(text) || /"(encCredentials|uniqueKey|verifier)"\s*:/.test(text)
}

/** No path, and no `op://` reference either: several lines, JSON, or a hundred characters without a slash or a dot. */
export function isTooMuch(text: string): boolean {
  return /[\r\n"{]/.test(text) || text.length > 1024 || /[A-Za-z0-9+_=-]{100}/.test(text)
}

/** In random text upper case, lower case and digits take turns all the time; in names they seldom do. */
function isRandom(run: string): boolean {
  const turns = run.match(/[a-z](?=[A-Z0-9])|[A-Z](?=[a-z0-9])|[0-9](?=[A-Za-z])/g) ?? []
  return turns.length / run.length > 0.2
}
