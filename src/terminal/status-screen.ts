import { stripVTControlCharacters } from 'node:util'
import type { Status } from '../status/collect.ts'
import { shortPath } from '../text/short-path.ts'
import { ageOf, plural } from './age.ts'
import type { Io } from './io.ts'
import { fluxLines } from './status-flux.ts'
import { renderProblems } from './status-problems.ts'
import { judge } from './status-report.ts'
import { connectLines, externalSecretLines, operatorLines, storeLines, tokenLines } from './status-rows.ts'
import { type Style, wrap } from './style.ts'

/** The whole status for a person: the picture first, then what could not be looked at, then what is wrong. */
export function renderStatus(status: Status, io: Pick<Io, 'home' | 'cwd'>, style: Style): string {
  const { cluster } = status
  const version = cluster.version === undefined ? '' : `  Kubernetes ${cluster.version}`
  const rows: [title: string, lines: readonly string[]][] = [
    ['cluster', [`${cluster.context}  ${cluster.server}${version}`]],
    ['repository', [repositoryLine(status, io)]],
    ['flux', fluxLines(status.flux, style)],
    ['operator', operatorLines(status.operator, style)],
    ['connect', connectLines(status.connect, style)],
    ['stores', storeLines(status.stores, status.at, style)],
    ['token', tokenLines(status.tokens, status.at, style)],
    ['secrets', externalSecretLines(status.externalSecrets, status.at, style)],
  ]
  const picture = rows.flatMap(([title, lines]) => row(title, lines, style))
  const lines = [...picture, '', ...renderProblems(status.problems, status.unseen, style), verdictLine(status, style)]
  return `${lines.join('\n')}\n`
}

const width = 12

function row(title: string, lines: readonly string[], { columns }: Style): string[] {
  const fitting = lines.flatMap((line) => fitted(line, columns - width))
  return fitting.map((line, at) => `${(at === 0 ? title : '').padEnd(width)}${line}`)
}

/** Broken between its parts, which two spaces set apart, and between words only where a part is longer than a line. */
function fitted(line: string, room: number): string[] {
  const lines: string[] = []
  for (const part of line.split('  ')) {
    const last = lines.at(-1)
    const joined = last === undefined ? part : `${last}  ${part}`
    if (lengthOf(joined) <= room) lines.splice(-1, 1, joined)
    else lines.push(...wrap(part, room, last === undefined ? '' : '  ').split('\n'))
  }
  return lines
}

function lengthOf(text: string): number {
  return stripVTControlCharacters(text).length
}

function repositoryLine({ repository }: Status, io: Pick<Io, 'home' | 'cwd'>): string {
  if (repository === undefined) return 'none here: only the cluster is looked at'
  return `${shortPath(repository.root, io)}  ${repository.branch ?? '(detached HEAD)'}`
}

function verdictLine(status: Status, { colour }: Style): string {
  const count = status.problems.filter(({ severity }) => severity === 'broken').length
  switch (judge(status).verdict) {
    case 'healthy':
      return colour.green('✔ Healthy.')
    case 'partly':
      return colour.bold('Nothing is wrong with what could be looked at.')
    case 'unseen':
      return colour.red('✖ Nothing could be looked at.')
    case 'unhealthy':
      return colour.red(`Not healthy: ${plural(count, 'problem')}.`)
  }
}

/** One to three lines for a chat. */
export function renderShort(status: Status): string {
  const { operator, connect, stores = [], tokens = [], externalSecrets, problems, unseen, cluster, at } = status
  const { verdict } = judge(status)
  const head = { healthy: '✔', partly: '✔', unhealthy: '✖', unseen: '?' }[verdict]
  const words = { healthy: 'healthy', partly: 'nothing wrong in what could be looked at', unhealthy: 'not healthy', unseen: 'not seen' }[
    verdict
  ]
  const version = (name: string, each?: { version?: string }) => (each?.version === undefined ? [] : [`${name} ${each.version}`])
  const ready = stores.filter((store) => store.ready).length
  const ends = tokens.flatMap(({ expires }) => expires ?? []).toSorted()[0]
  const facts = [
    ...version('ESO', operator?.workloads[0]),
    ...version('Connect', connect?.workloads[0]),
    ...(stores.length === 0 ? [] : [`${ready} of ${plural(stores.length, 'store')} Ready`]),
    ...(ends === undefined
      ? []
      : [Date.parse(ends) > at.getTime() ? `token until ${ends.slice(0, 10)}` : `token expired ${ageOf(ends, at)} ago`]),
    ...(externalSecrets === undefined
      ? []
      : [`${externalSecrets.synced.toLocaleString('en-US')} of ${plural(externalSecrets.count, 'ExternalSecret')} synced`]),
  ]
  const lines = [`${head} ${cluster.context}: ${words}${facts.length === 0 ? '' : `; ${facts.join(', ')}`}`]
  const broken = problems.filter(({ severity }) => severity === 'broken')
  const [first] = broken
  if (first !== undefined) {
    const { about, why } = first
    lines.push(`${about[0]}${about.length > 1 ? ` and ${about.length - 1} more` : ''}: ${why}`)
    if (broken.length > 1) lines.push(`${plural(broken.length - 1, 'more problem')}: eso-bootstrap status`)
  } else if (verdict === 'unseen' && unseen[0] !== undefined) lines.push(unseen[0].why)
  return `${lines.join('\n')}\n`
}
