import type { Expiry } from '../commands/check-expiry.ts'
import { exitCodes } from '../failure.ts'
import { type Style, wrap } from './style.ts'

const words: Record<Expiry['state'], string> = {
  valid: 'valid',
  expiring: 'expires soon',
  expired: 'has expired',
  endless: 'never expires',
  unreadable: 'is no Connect token',
  missing: 'is not there',
}

/** One line for each token, and what the process ends with: 10 when one is near its end, 3 when one can't be read. */
export function renderExpiries(found: readonly Expiry[], style: Style) {
  const isBroken = found.some(({ state }) => state === 'unreadable' || state === 'missing')
  const isNear = found.some(({ state }) => state === 'expiring' || state === 'expired')
  const exitCode: number = isBroken ? exitCodes.blocked : isNear ? exitCodes.pending : exitCodes.done
  const lines = found.flatMap((each) => [line(each, found, style), wrap(`used by ${each.stores.join(', ')}`, style.columns, '    ')])
  const next = isNear || isBroken ? [`  ${style.colour.cyan('→')} eso-bootstrap rotate-token --mint   (or --token <source>)`] : []
  return { exitCode, verdict: isBroken ? 'failed' : isNear ? 'expiring' : 'valid', text: `${[...lines, ...next].join('\n')}\n` }
}

function line({ cluster, secret, state, expires, days }: Expiry, all: readonly Expiry[], { colour, columns }: Style): string {
  const sign = state === 'valid' || state === 'endless' ? colour.green('✔') : state === 'expiring' ? colour.yellow('!') : colour.red('✖')
  const isOne = all.every((each) => each.cluster === cluster)
  const when =
    expires === undefined
      ? ''
      : `: ${expires.slice(0, 10)}, ${days === 1 ? 'one day' : `${days} days`}${state === 'expired' ? '' : ' left'}`
  const text = `${isOne ? '' : `${cluster} `}Secret ${secret.namespace}/${secret.name} ${words[state]}${when}`
  return `${sign} ${wrap(text, columns - 2).replaceAll('\n', '\n  ')}`
}
