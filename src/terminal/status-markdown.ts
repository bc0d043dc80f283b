import type { Status } from '../status/collect.ts'
import type { Problem } from '../status/found.ts'
import { runs, type Workload } from '../status/workload.ts'
import { commandOf, grouped } from './status-problems.ts'
import { judge } from './status-report.ts'

/** The status as it stands in STATUS.md. It tells dates and no ages, so that it changes only when something has changed, or the day. */
export function renderMarkdown(status: Status): string {
  const { at, cluster, unseen, problems } = status
  const verdict = {
    healthy: 'Healthy.',
    partly: 'Nothing is wrong with what could be looked at.',
    unhealthy: 'Not healthy.',
    unseen: 'Nothing could be looked at.',
  }[judge(status).verdict]
  return [
    `_As of ${dayOf(at.toISOString())}, cluster ${escaped(cluster.context)}, written by \`eso-bootstrap status --write\`._`,
    '',
    `**${verdict}**`,
    '',
    '| Component | Version | State |',
    '| --- | --- | --- |',
    ...components(status).map((cells) => `| ${cells.map(escaped).join(' | ')} |`),
    '',
    ...checklist(status).map(([done, says]) => `- [${done ? 'x' : ' '}] ${says}`),
    ...list('Problems', problems.map(problemLine)),
    ...list(
      'Not looked at',
      grouped(unseen).map(([why, sections]) => `- ${sections}: ${escaped(why)}`),
    ),
  ].join('\n')
}

function components({ cluster, flux, operator, connect, stores = [], tokens = [], externalSecrets }: Status): string[][] {
  const running = (title: string, each: Workload) => [
    `${title} ${each.namespace}/${each.name}`,
    each.version ?? '',
    runs(each) ? 'running' : `${each.ready} of ${each.wanted} ready`,
  ]
  return [
    ['Kubernetes', cluster.version ?? '', ''],
    ...(flux?.installed ? [['Flux', flux.version ?? '', kustomizationsOf(flux.kustomizations)]] : []),
    ...(operator?.workloads ?? []).map((each) => running('External Secrets Operator', each)),
    ...(connect?.workloads ?? []).map((each) => running('1Password Connect', each)),
    ...stores.map(({ kind, namespace, name, ready, since, vaults }) => [
      `${kind} ${namespace === undefined ? name : `${namespace}/${name}`} (${vaults.join(', ')})`,
      '',
      `${ready ? 'Ready' : 'not Ready'}${since === undefined ? '' : ` since ${dayOf(since)}`}`,
    ]),
    ...tokens.map(({ secret: { namespace, name }, state, expires }) => [
      `Connect token ${namespace}/${name}`,
      '',
      `${state}${expires === undefined ? '' : `, until ${dayOf(expires)}`}`,
    ]),
    ...(externalSecrets === undefined ? [] : [['ExternalSecrets', '', secretsOf(externalSecrets)]]),
  ]
}

function kustomizationsOf(all: readonly { name: string; state: string }[]): string {
  return all.map(({ name, state }) => `${name} ${state}`).join(', ')
}

function secretsOf({ count, synced, failing, other }: NonNullable<Status['externalSecrets']>): string {
  return `${count} in all: ${synced} synced, ${failing} failing, ${other} other`
}

/** What has to be so from nothing to the first secret; of what could not be looked at there is no line. */
function checklist({ flux, operator, connect, stores, tokens, externalSecrets }: Status): [done: boolean, says: string][] {
  const isOn = (each: Workload[]) => each.length > 0 && each.every(runs)
  return [
    ...line(
      flux,
      'Flux has applied the External Secrets folder',
      (each) => each.installed && each.kustomizations.every(({ state }) => state === 'ready'),
    ),
    ...line(operator, 'External Secrets Operator runs and serves its API', (each) => isOn(each.workloads) && each.served.length > 0),
    ...line(connect, '1Password Connect runs', (each) => isOn(each.workloads) || each.elsewhere.length > 0),
    ...line(
      tokens,
      'The Connect token is valid',
      (each) => each.length > 0 && each.every(({ state }) => /^(valid|expiring|endless)$/.test(state)),
    ),
    ...line(stores, 'The stores are Ready', (each) => each.length > 0 && each.every(({ ready }) => ready)),
    ...line(externalSecrets, 'Every ExternalSecret is synchronised', (each) => each.count > 0 && each.synced === each.count),
  ]
}

function line<T>(facts: T | undefined, says: string, isDone: (facts: T) => boolean): [boolean, string][] {
  return facts === undefined ? [] : [[isDone(facts), says]]
}

function problemLine({ about, why, fix }: Problem): string {
  const command = commandOf(fix)
  return `- ${escaped(about.join(', '))}: ${escaped(why)}${command === undefined ? '' : ` \`${command.replaceAll('`', "'")}\``}`
}

function list(title: string, lines: readonly string[]): string[] {
  return lines.length === 0 ? [] : ['', `${title}:`, '', ...lines]
}

function dayOf(iso: string): string {
  return iso.slice(0, 10)
}

/** What comes from the cluster can't become a table, a link, HTML or one of our markers. */
function escaped(text: string): string {
  return text.replace(/[|<>[\]`*_\\]/g, '\\$&')
}
