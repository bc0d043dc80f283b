import { exitCodes, Failure } from '../failure.ts'
import type { Expiry } from '../steps/rotation/check-expiry.ts'
import { type ErrorRecord, recordOf } from './errors.ts'
import { type Style, wrap } from './style.ts'

const words: Record<Expiry['state'], string> = {
  valid: 'valid',
  expiring: 'expires soon',
  expired: 'has expired',
  endless: 'never expires',
  unreadable: 'is no Connect token',
  missing: 'is not there',
}

export interface ExpiryReport {
  verdict: 'valid' | 'expiring' | 'failed'
  exitCode: number
  errors: ErrorRecord[]
  next: string[]
}

/** What the tokens together mean: 10 when one is near its end, 3 when one can't be read, as the process ends with it. */
export function expiryReport(found: readonly Expiry[]): ExpiryReport {
  const errors = found.flatMap((each) => failureOf(each) ?? []).map(recordOf)
  const isNear = found.some(({ state }) => state === 'expiring' || state === 'expired')
  const next = isNear ? ['eso-bootstrap rotate-token --mint   (or --token <source>)'] : []
  if (errors.length > 0) return { verdict: 'failed', exitCode: exitCodes.blocked, errors, next }
  return { verdict: isNear ? 'expiring' : 'valid', exitCode: isNear ? exitCodes.pending : exitCodes.done, errors, next }
}

/** One line for each token, and what to do about it. */
export function renderExpiries(found: readonly Expiry[], { next }: ExpiryReport, style: Style): string {
  const lines = found.flatMap((each) => [
    line(each, found, style),
    wrap(`used by ${each.stores.join(', ')}`, style.columns, '    '),
    ...(failureOf(each)?.fix ?? []).map((fix) => `    ${style.colour.cyan('→')} ${fix}`),
  ])
  return `${[...lines, ...next.map((each) => `  ${style.colour.cyan('→')} ${each}`)].join('\n')}\n`
}

function failureOf({ state, secret: { namespace, name, key } }: Expiry): Failure | undefined {
  const what = `Secret ${namespace}/${name}`
  if (state === 'missing') {
    return new Failure({
      id: 'token-secret-missing',
      exit: 'blocked',
      what: `${what} does not exist, or has no key ${key}.`,
      fix: 'eso-bootstrap init   (puts the first token there)',
    })
  }
  if (state === 'unreadable') {
    return new Failure({
      id: 'token-unreadable',
      exit: 'blocked',
      what: `What ${what} holds under ${key} is no Connect token, so that its expiry is not known.`,
      fix: 'eso-bootstrap rotate-token --token <source>',
    })
  }
  return undefined
}

function line({ cluster, secret, state, expires, days }: Expiry, all: readonly Expiry[], { colour, columns }: Style): string {
  const sign = state === 'valid' || state === 'endless' ? colour.green('✔') : state === 'expiring' ? colour.yellow('!') : colour.red('✖')
  const isOne = all.every((each) => each.cluster === cluster)
  const span = days === 0 ? 'less than a day' : days === 1 ? 'one day' : `${days} days`
  const when = expires === undefined ? '' : `: ${expires.slice(0, 10)}, ${span} ${state === 'expired' ? 'ago' : 'left'}`
  const text = `${isOne ? '' : `${cluster} `}Secret ${secret.namespace}/${secret.name} ${words[state]}${when}`
  return `${sign} ${wrap(text, columns - 2).replaceAll('\n', '\n  ')}`
}
