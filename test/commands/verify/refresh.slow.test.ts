import { stripVTControlCharacters } from 'node:util'
import { afterAll, afterEach, beforeAll, expect, test } from 'vitest'
import { changeField } from '../../../src/sandbox/connect/account.ts'
import type { Running } from '../run.ts'
import { openVerifying, type Verifying } from './stage.ts'

let at: Verifying
beforeAll(async () => {
  at = await openVerifying()
})
afterAll(() => at?.close())
afterEach(() => expect(at.traces()).toEqual([]))

async function sees(running: Running, text: string): Promise<void> {
  while (!stripVTControlCharacters(running.screen()).includes(text)) await new Promise((resolve) => setTimeout(resolve, 5))
}

test('a change that is made in 1Password arrives, is what Connect gives, and how long it took is told', async () => {
  const running = at.start({ refresh: true })
  await sees(running, 'Change my-app-credentials/api-key in 1Password now')
  changeField(at.item, 'api-key', 'a-value-that-is-new')
  const { code, stdout, stderr } = await running.ended
  expect([code, stdout]).toEqual([
    0,
    expect.stringMatching(/change {3} *[\d.]+ m?s {2}until it arrived, [\d.]+ m?s after it was made in 1Password/),
  ])
  expect(stderr).toContain('✔ a change of my-app-credentials/api-key arrived')
  expect(stdout + stderr).not.toContain('a-value-that-is-new')
})

test('a change that is not made in time proves nothing more', async () => {
  const report = await at.report({ refresh: true, timeout: '300ms' })
  expect(report).toMatchObject({ verdict: 'failed', exitCode: 3, stores: [{ verdict: 'failed', errors: [{ id: 'change-not-arrived' }] }] })
})

test('a change that arrives as something else than Connect gives proves nothing', async () => {
  const value = () => at.item.fields.find(({ label }) => label === 'api-key')?.value ?? ''
  const before = value()
  const end = await at.between((_, body) => body.replaceAll(value(), value() === before ? before : 'something else'))
  const running = at.start({ refresh: true, timeout: '2500ms' })
  await sees(running, 'Change my-app-credentials/api-key in 1Password now')
  changeField(at.item, 'api-key', 'yet-another-value')
  const { code, stderr } = await running.ended
  end()
  expect([code, stderr]).toEqual([
    3,
    expect.stringContaining('✖ What came through ClusterSecretStore onepassword is not what Connect gives'),
  ])
})

test('a person is asked for the item, and told what does the same unattended', async () => {
  const running = at.start({ item: undefined }, { columns: 80, env: { NO_COLOR: '1' } })
  await sees(running, 'Item:')
  running.type('my-app-credentials/username\r')
  expect(await running.ended).toMatchObject({ code: 0 })
  expect(stripVTControlCharacters(running.screen())).toContain(
    'The same, unattended:\n  eso-bootstrap verify --store onepassword --item my-app-credentials/username\n',
  )
})

test('a person who leaves there leaves nothing', async () => {
  at.requests()
  const running = at.start({ item: undefined }, { columns: 80, env: { NO_COLOR: '1' } })
  await sees(running, 'Item:')
  running.type('\u0003')
  expect(await running.ended).toMatchObject({ code: 130 })
  expect(at.writes().filter((each) => !each.includes('selfsubjectaccessreviews'))).toEqual([])
})
