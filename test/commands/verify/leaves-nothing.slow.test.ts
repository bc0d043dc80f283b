import { spawnSync } from 'node:child_process'
import { afterAll, afterEach, beforeAll, describe, expect, onTestFinished, test } from 'vitest'
import type { RequestRecord } from '../../../src/sandbox/api/requests.ts'
import { kinds } from '../../../src/sandbox/kinds.ts'
import { thisProcess } from '../../../src/steps/holder.ts'
import { mayAll } from '../../sandbox/rules.ts'
import { openVerifying, type Verifying } from './stage.ts'

let at: Verifying
beforeAll(async () => {
  at = await openVerifying()
})
afterAll(() => at?.close())
afterEach(() => expect(at.traces()).toEqual([]))

const flags = { output: 'json' } as const

/** Calls back with each request at the moment when it arrives, and its place among those of this run. */
function onRequest(listener: (nth: number) => void): () => void {
  const { log } = at.sandbox.api
  let nth = 0
  log.push = (...records: RequestRecord[]) => {
    const length = Array.prototype.push.apply(log, records)
    for (const _ of records) listener(nth++)
    return length
  }
  return () => {
    log.push = Array.prototype.push
  }
}

describe('Ctrl-C and SIGTERM', () => {
  test('at each call leave nothing', async () => {
    let count = 0
    const stop = onRequest(() => count++)
    await at.report()
    stop()
    expect(count).toBeGreaterThan(15)
    const codes = new Map<number, number>()
    for (let nth = 0; nth < count; nth++) {
      const running = at.start(flags)
      const name = nth % 2 === 0 ? 'SIGINT' : 'SIGTERM'
      const end = onRequest((each) => each === nth && running.signal(name))
      const { code, stdout, stderr } = await running.ended
      end()
      codes.set(nth, code)
      expect([at.traces(), stderr], `after call ${nth}`).toEqual([[], ''])
      expect(JSON.parse(stdout).exitCode).toBe(code)
    }
    // The last calls take it away: by then the proof is made, and stands.
    const early = [...codes].filter(([nth]) => nth < count - 6)
    expect(early.filter(([nth, code]) => code !== (nth % 2 === 0 ? 130 : 143))).toEqual([])
  })

  test('while the value or a change is waited for', async () => {
    for (const [more, sees] of [
      [{ item: 'missing', timeout: '1m' }, 'waiting for ExternalSecret'],
      [{ refresh: true, timeout: '1m' }, 'Change my-app-credentials/api-key in 1Password now'],
    ] as const) {
      const running = at.start({ verbose: true, ...more })
      while (!running.screen().includes(sees)) await new Promise(setImmediate)
      expect(at.traces()).toContainEqual(expect.stringContaining('ExternalSecret external-secrets/'))
      running.signal('SIGINT')
      expect(await running.ended).toMatchObject({ code: 130, stdout: '', stderr: expect.stringContaining('✖ Interrupted.') })
      expect(at.traces()).toEqual([])
    }
  })
})

test('what could not be taken away is named, with the command that does it', async () => {
  const answer = { status: 403, reason: 'Forbidden', message: 'a webhook says no' }
  at.sandbox.api.inject({ match: { verb: 'delete', resource: 'externalsecrets' }, answer })
  const report = await at.report()
  const [left] = at.traces().map((trace) => trace.split('/').at(-1) ?? '')
  expect(report).toMatchObject({ verdict: 'failed', exitCode: 5, stores: [{ errors: [{ id: 'throw-away-left' }] }] })
  expect(report.stores[0]?.errors[0]?.fix).toContain(`kubectl delete externalsecret,secret ${left} -n external-secrets --ignore-not-found`)
  const { store } = at.sandbox.api
  store.remove(kinds.externalSecret, 'external-secrets', left ?? '')
  await at.sandbox.settled()
})

describe('what a killed run has left', () => {
  const ended = () => thisProcess().replace(/\d+$/, `${spawnSync('true').pid}`)
  const soon = () => new Date(Date.now() + 60_000).toISOString()

  /** A throw-away ExternalSecret of another run, which the operator has made a Secret of. */
  async function leave(name: string, namespace: string, used: string): Promise<void> {
    const metadata = { namespace, labels: { 'eso-bootstrap/proof': 'true' }, annotations: { 'eso-bootstrap/in-use-until': used } }
    at.putExternalSecret(
      `eso-bootstrap-proof-${name}`,
      { target: { name: `eso-bootstrap-proof-${name}`, deletionPolicy: 'Delete' } },
      metadata,
    )
    await at.sandbox.settled()
    onTestFinished(() => at.sandbox.api.store.remove(kinds.externalSecret, namespace, `eso-bootstrap-proof-${name}`))
  }
  const named = (name: string, namespace: string) => [
    `ExternalSecret ${namespace}/eso-bootstrap-proof-${name}`,
    `Secret ${namespace}/eso-bootstrap-proof-${name}`,
  ]

  test('is taken away in all namespaces, but not what another run uses', async () => {
    await leave('killed', 'default', `${soon()} ${ended()}`)
    await leave('old', 'flux-system', `2020-01-01T00:00:00.000Z ${thisProcess()}`)
    await leave('used', 'default', `${soon()} ${thisProcess()}`)
    expect(at.traces().sort()).toEqual([...named('killed', 'default'), ...named('old', 'flux-system'), ...named('used', 'default')].sort())
    const report = await at.report()
    expect(report).toMatchObject({ verdict: 'proven', swept: { kept: [] } })
    expect(report.swept.removed.sort()).toEqual(['default/eso-bootstrap-proof-killed', 'flux-system/eso-bootstrap-proof-old'])
    expect(at.traces()).toEqual(named('used', 'default'))
    at.sandbox.api.store.remove(kinds.externalSecret, 'default', 'eso-bootstrap-proof-used')
    await at.sandbox.settled()
    at.sandbox.api.store.remove(kinds.secret, 'default', 'eso-bootstrap-proof-used')
  })

  test('stays where this user may not take it away, and that is said', async () => {
    const rules = [
      ...['clustersecretstores', 'secretstores', 'externalsecrets'].map((resource) =>
        mayAll('external-secrets.io', resource, { verbs: ['get', 'list', 'watch'] }),
      ),
      mayAll('external-secrets.io', 'externalsecrets', { namespaces: ['external-secrets'] }),
      mayAll('', 'secrets', { namespaces: ['external-secrets'] }),
    ]
    await leave('killed', 'default', `${soon()} ${ended()}`)
    const options = await at.as(...rules)
    expect(await at.report({}, options)).toMatchObject({
      exitCode: 0,
      swept: { removed: [], kept: ['default/eso-bootstrap-proof-killed'] },
    })
    expect((await at.verify()).stdout.replace(/\s+/g, ' ')).toContain(
      'Left by an earlier run that was ended, and removed: default/eso-bootstrap-proof-killed',
    )
  })
})
