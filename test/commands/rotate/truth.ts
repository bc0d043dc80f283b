import { expect } from 'vitest'
import { isReady } from '../../../src/kubernetes/object.ts'
import { changeField } from '../../../src/sandbox/connect/account.ts'
import { kinds } from '../../../src/sandbox/kinds.ts'
import { secretValue } from '../../sandbox/bootstrap.ts'
import type { Ended } from '../run.ts'
import type { Ground } from './ground.ts'
import { reportIn, statesIn } from './schema.ts'
import { idOf } from './stage.ts'

const back = [1, 3, 4, 6, 130, 143]
let changes = 0

/** Whatever has happened: what the run says is so, the cluster works with the token that is there, and nothing else is left. */
export async function expectTruth(ground: Ground, old: { id: string }, ended: Ended): Promise<void> {
  expectTrueReport(ground, old, ended)
  expect(ground.instants.broken()).toEqual([])
  await expectWorking(ground)
  expectNothingLeft(ground)
}

/** The report says what the Secret holds, and what became of the tokens in 1Password. */
export function expectTrueReport({ sandbox: { account }, made: madeSince, held }: Ground, old: { id: string }, ended: Ended): void {
  const report = reportIn(ended)
  const [cluster] = report.clusters
  const states = statesIn(report)
  const [made] = madeSince()
  const errors = report.clusters.flatMap((each) => each.errors).concat(report.errors)
  const now = idOf(held() ?? '')
  expect(errors.map(({ id }) => id)).not.toContain('unexpected')
  expect(errors.length > 0).toBe(ended.code !== 0)
  if (cluster?.verdict === 'rotated') {
    expect(now).toBe(made)
    expect(states['token']).toBe('made')
    expect(report.replaced).toMatchObject([{ id: old.id }])
    if (report.replaced[0]?.deleted) expect(account.revoked).toContain(old.id)
    else expect([5, 130, 143]).toContain(ended.code)
  } else if (cluster?.verdict === 'failed') {
    expect([5, 130, 143]).toContain(ended.code)
    const named = cluster.steps.filter(({ state }) => state === 'not-undone').map(({ id }) => id)
    expect(named.length > 0 || errors.some(({ id }) => id === 'outcome-unknown')).toBe(true)
    if (!named.includes('token') && !errors.some(({ id }) => id === 'outcome-unknown')) expect(now).toBe(old.id)
  } else {
    expect(now).toBe(old.id)
    expect(back).toContain(ended.code)
    expect(report.replaced).toEqual([])
  }
  if (now === old.id) expect(account.revoked).not.toContain(old.id)
  // A token that nobody uses: it is gone, or the report says how to find it.
  const isLeft = made !== undefined && made !== now && !account.revoked.has(made)
  if (isLeft) expect(ended.stdout.includes('op connect token list --server'), 'the report says how to find the token').toBe(true)
  if (states['mint'] === 'undone') expect(account.revoked).toContain(made)
}

/** Connect accepts the token, the stores are Ready, and a value that has just been changed comes through. */
export async function expectWorking({ sandbox, held, externalSecret, putExternalSecret }: Ground): Promise<void> {
  const url = sandbox.connect().at(-1)?.url
  const answer = await fetch(`${url}/v1/vaults`, { headers: { authorization: `Bearer ${held()}` } })
  expect(answer.status).toBe(200)
  await allReady(
    sandbox.api.store,
    [...sandbox.api.store.list(kinds.clusterSecretStore), ...sandbox.api.store.list(kinds.secretStore)].length,
  )

  const value = `value ${++changes}`
  const [item] = sandbox.account.vaults.flatMap(({ items }) => items).filter(({ title }) => title === sandbox.item.title)
  if (item === undefined) throw new Error('the sandbox has lost its item')
  changeField(item, sandbox.item.field, value)
  const annotations = { ...externalSecret('my-app')?.metadata.annotations, 'force-sync': value }
  putExternalSecret('my-app', {}, { annotations })
  await sandbox.settled()
  expect(secretValue(sandbox, 'my-app', 'value', 'default')).toBe(value)
  expect(isReady(externalSecret('my-app'))).toBe(true)
}

/** No mark, no Lease, no throw-away ExternalSecret, and no Secret of one. */
export function expectNothingLeft({ sandbox: { api }, isMarked }: Ground): void {
  expect(isMarked()).toBe(false)
  const left = api.store.all().filter(({ kind, metadata }) => kind === 'Lease' || metadata.name.startsWith('eso-bootstrap-proof-'))
  expect(left.map(({ kind, metadata }) => `${kind} ${metadata.name}`)).toEqual([])
}

/** The operator asks again by itself, as long as it takes. */
async function allReady(store: Ground['sandbox']['api']['store'], count: number): Promise<void> {
  const ready = () => [...store.list(kinds.clusterSecretStore), ...store.list(kinds.secretStore)].filter(isReady).length
  await new Promise<void>((resolve) => {
    const stop = store.onChange(look)
    function look() {
      if (ready() < count) return
      stop()
      resolve()
    }
    look()
  })
}
