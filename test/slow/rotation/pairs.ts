import { expect } from 'vitest'
import { kinds } from '../../../src/sandbox/kinds.ts'
import { mark } from '../../../src/steps/rotation/world.ts'
import type { Call } from '../../commands/rotate/calls.ts'
import type { Ground } from '../../commands/rotate/ground.ts'
import { claimsOf, newServer } from '../../commands/rotate/new-server.ts'
import { idsIn, reportIn, statesIn } from '../../commands/rotate/schema.ts'
import { words } from '../../commands/rotate/stage.ts'
import { expectNothingLeft, expectWorking } from '../../commands/rotate/truth.ts'
import type { Ended, Running } from '../../commands/run.ts'
import { secretValue } from '../../sandbox/bootstrap.ts'

/** The credentials and a token of one Connect server. */
export interface Pair {
  server: string
  flags: { credentials: string; token: string }
}

const credentialsSecret = 'onepassword-connect-secret'

export async function newPair(ground: Ground): Promise<Pair> {
  const { id, flags } = await newServer(ground)
  return { server: id, flags }
}

/** The words of `rotate-credentials` with this pair. */
export function wordsFor({ flags }: Pair): string[] {
  return ['rotate-credentials', ...words({ yes: true, all: true, timeout: '20s', output: 'json', ...flags })]
}

export function rotatePair(ground: Ground, pair: Pair): Running {
  return ground.command(wordsFor(pair))
}

/** The calls of one that ends well. */
export async function recordPair(ground: Ground): Promise<Call[]> {
  const pair = await newPair(ground)
  const calls: Call[] = []
  const stop = ground.onCall(({ call }) => calls.push(call))
  const ended = await rotatePair(ground, pair).ended
  stop()
  if (ended.code !== 0) throw new Error(`the rotation ended with ${ended.code}: ${ended.stdout}`)
  return calls
}

/** The servers that the Secrets hold something of: of the credentials, and of the token. */
export function serversIn({ sandbox, held }: Ground): { credentials: string | undefined; token: string | undefined } {
  const text = Buffer.from(secretValue(sandbox, credentialsSecret, '1password-credentials.json') ?? '', 'base64').toString()
  return { credentials: sandbox.account.servers.find(({ credentials }) => credentials === text)?.id, token: claimsOf(held()).server }
}

/** Both are old or both are new, as the report says; Connect runs with them, and nothing else is left. */
export async function expectPairTruth(ground: Ground, old: string, pair: Pair, ended: Ended): Promise<void> {
  const report = reportIn(ended)
  const [cluster] = report.clusters
  const is = serversIn(ground)
  expect(idsIn(report)).not.toContain('unexpected')
  expect(cluster === undefined || ['rotated', 'restored', 'blocked'].includes(cluster.verdict)).toBe(true)
  const server = cluster?.verdict === 'rotated' ? pair.server : old
  expect(is).toEqual({ credentials: server, token: server })
  expect(ended.code === 0).toBe(cluster?.verdict === 'rotated')
  if (cluster?.verdict === 'rotated') expect(statesIn(report)).toMatchObject({ credentials: 'made', token: 'made', restarted: 'made' })
  expect(ground.instants.broken()).toEqual([])
  await ground.sandbox.settled()
  expect(ground.sandbox.connect()).toHaveLength(1)
  await expectWorking(ground)
  expectNothingLeft(ground)
  expect(areCredentialsMarked(ground)).toBe(false)
}

export function areCredentialsMarked({ sandbox }: Ground): boolean {
  return sandbox.api.store.get(kinds.secret, 'external-secrets', credentialsSecret)?.metadata.annotations?.[mark] !== undefined
}
