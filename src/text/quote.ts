import { plain } from './plain.ts'

/**
 * What a cluster says of itself, made safe to show: as `plain` makes it, and without what may be a secret. Nobody can know what
 * a component writes into its messages and logs.
 */
export function quote(text: string, max = 400): string {
  // Cleaned first: a control character in its middle would hide a secret from us; and cut last.
  const clean = plain(text, Number.POSITIVE_INFINITY)
  if (/\b(encCredentials|uniqueKey|verifier)\b/.test(clean)) return '(not shown: it holds credentials)'
  return plain(clean.replace(/[A-Za-z0-9+/_=-]{20,}/g, withoutSecret), max)
}

/** Tokens and base64 are random. Digests, commits, ids and names of pods have no upper case, kinds and reasons hardly a digit. */
function withoutSecret(run: string): string {
  if (!/[A-Z]/.test(run) || !/[a-z]/.test(run) || !/[0-9]/.test(run)) return run
  const turns = run.match(/[a-z](?=[A-Z0-9])|[A-Z](?=[a-z0-9])|[0-9](?=[A-Za-z])/g) ?? []
  return turns.length / run.length > 0.35 ? '(not shown)' : run
}
