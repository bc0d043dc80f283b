import type { ConnectFacts } from '../status/connect.ts'
import type { ExternalSecretFacts } from '../status/external-secrets.ts'
import type { OperatorFacts } from '../status/operator.ts'
import type { StoreFacts } from '../status/stores.ts'
import type { TokenFacts } from '../status/tokens.ts'
import { runs, type Workload } from '../status/workload.ts'
import { ageOf, plural } from './age.ts'
import { type Style, wrap } from './style.ts'

export function notLookedAt({ colour }: Style): string {
  return colour.dim('? not looked at')
}

function signed(good: boolean, text: string, { colour }: Style): string {
  return `${good ? colour.green('✔') : colour.red('✖')} ${text}`
}

function workload({ version, namespace, name }: Workload): string {
  return `${version ?? 'unknown version'}  ${namespace}/${name}`
}

export function operatorLines(operator: OperatorFacts | undefined, style: Style): string[] {
  if (operator === undefined) return [notLookedAt(style)]
  const [controller] = operator.workloads
  const served = operator.served.length === 0 ? 'its API is not served' : `serves ${operator.served.join(', ')}`
  if (controller === undefined) return [`none found; ${served}`]
  const down = operator.workloads.filter((each) => !runs(each)).map(({ name }) => name)
  const state = down.length === 0 ? '' : `  not ready: ${down.join(', ')}`
  return [signed(down.length === 0 && operator.served.length > 0, `${workload(controller)}  ${served}${state}`, style)]
}

export function connectLines(connect: ConnectFacts | undefined, style: Style): string[] {
  if (connect === undefined) return [notLookedAt(style)]
  const here = connect.workloads.map((each) => {
    const restarts = each.restarts === undefined ? '' : each.restarts === 0 ? ', no restarts' : `, ${plural(each.restarts, 'restart')}`
    const state = runs(each) ? 'ready' : `${each.ready} of ${each.wanted} ready`
    return signed(runs(each), `${workload(each)}  ${state}${restarts}`, style)
  })
  const lines = [...here, ...connect.elsewhere.map((host) => `outside of this cluster: ${host}`)]
  return lines.length === 0 ? ['none found'] : lines
}

const mostRows = 6

export function storeLines(stores: readonly StoreFacts[] | undefined, now: Date, style: Style): string[] {
  if (stores === undefined) return [notLookedAt(style)]
  if (stores.length === 0) return ['none that reads 1Password through Connect']
  const shown = [...stores].toSorted((a, b) => Number(a.ready) - Number(b.ready)).slice(0, mostRows)
  const lines = shown.map(({ kind, namespace, name, ready, since, vaults }) => {
    const age = since === undefined ? '' : ` for ${ageOf(since, now)}`
    const says = `${kind} ${namespace === undefined ? name : `${namespace}/${name}`}`
    return signed(ready, `${says}  ${ready ? 'Ready' : 'not Ready'}${age}  ${vaults.join(', ')}`, style)
  })
  return stores.length > shown.length ? [...lines, `and ${plural(stores.length - shown.length, 'more store')}`] : lines
}

export function tokenLines(tokens: readonly TokenFacts[] | undefined, now: Date, style: Style): string[] {
  if (tokens === undefined) return [notLookedAt(style)]
  if (tokens.length === 0) return ['none that a store names']
  return tokens.flatMap((token) => tokenLine(token, now, style))
}

function tokenLine({ secret: { namespace, name }, state, expires, vaults, connect }: TokenFacts, now: Date, style: Style): string[] {
  const good = /^(valid|endless|expiring)$/.test(state) && !/^(refused|failing|not-connect)$/.test(connect.is)
  const named = connect.is === 'accepted' && vaults !== undefined && vaults.length <= 3
  const reads = vaults === undefined ? '' : `, reads ${named ? vaults.join(', ') : plural(vaults.length, 'vault')}`
  const asked = connect.is === 'not-asked' ? (token(state) ? `not tried on Connect: ${connect.why}` : undefined) : said[connect.is]
  const first = signed(good, `${namespace}/${name}`, style)
  const more = [`${lifeOf(state, expires, now)}${token(state) ? reads : ''}`, ...(asked === undefined ? [] : [asked])]
  return [first, ...more.flatMap((each) => wrap(each, style.columns - 14).split('\n')).map((line) => `  ${line}`)]
}

function token(state: TokenFacts['state']): boolean {
  return state !== 'missing' && state !== 'unreadable' && state !== 'expired'
}

const said = {
  accepted: undefined,
  refused: 'Connect refuses it',
  failing: 'Connect can not use it now',
  'not-connect': 'what answers is not Connect',
}

function lifeOf(state: TokenFacts['state'], expires: string | undefined, now: Date): string {
  if (state === 'missing') return 'is not there'
  if (state === 'unreadable') return 'is no Connect token'
  if (expires === undefined) return 'never expires'
  if (state === 'expired') return `expired ${ageOf(expires, now)} ago`
  return `expires in ${ageOf(now.toISOString(), new Date(expires))}`
}

export function externalSecretLines(facts: ExternalSecretFacts | undefined, now: Date, style: Style): string[] {
  if (facts === undefined) return [notLookedAt(style)]
  const { count, synced, failing, other, oldest, worst, elsewhere } = facts
  if (count === 0) return [`no ExternalSecret reads 1Password${elsewhere === 0 ? '' : `; ${elsewhere} read other providers`}`]
  const states = [
    `${synced.toLocaleString('en-US')} synced`,
    ...(failing === 0 ? [] : [style.colour.red(`${failing.toLocaleString('en-US')} failing`)]),
    ...(other === 0 ? [] : [`${other.toLocaleString('en-US')} other`]),
  ]
  const age = oldest === undefined ? '' : `  oldest sync ${ageOf(oldest.at, now)} ago`
  const lines = worst.map(({ name, since, why }) => {
    const text = `${name}${since === undefined ? '' : ` for ${ageOf(since, now)}`}: ${why}`
    return `  ${text.length > style.columns - 14 ? `${text.slice(0, style.columns - 15)}…` : text}`
  })
  return [signed(failing === 0, `${plural(count, 'ExternalSecret')}: ${states.join(', ')}${age}`, style), ...lines]
}
