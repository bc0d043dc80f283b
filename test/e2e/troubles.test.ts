import { afterAll, beforeAll, expect, test } from 'vitest'
import { addVault } from '../../src/sandbox/connect/account.ts'
import { looseFiles } from './layouts.ts'
import { secretValue } from './secrets.ts'
import { startTranscript } from './transcript.ts'
import { startWorld, type World } from './world.ts'

const transcript = startTranscript('troubles')
let world: World

beforeAll(async () => {
  world = await startWorld({ transcript, files: looseFiles(), connect: { delay: 200, syncing: 3_000 } })
})
afterAll(async () => {
  await world?.stop()
  await transcript.save()
})

/** Each ends long before this: the cause is recognised, nothing waits for a deadline. */
const init = async (token: string, vault = 'catalyst-eso', ...more: string[]) => {
  const began = Date.now()
  const ended = await world.run(
    ...['init', '--no-input', '--yes', '--context', 'test', '--credentials', world.credentials, '--token', token, '--vault', vault],
    ...['--git', 'push', '--verify-item', 'my-app-credentials/api-key', ...more],
  )
  return { ...ended, seconds: (Date.now() - began) / 1000 }
}

test('a token that was revoked', async () => {
  transcript.note('The token was revoked in 1Password, which nothing in it tells.')
  const token = await world.token({ id: 'revokedrevokedrevokedrevok' })
  world.account.revoked.add('revokedrevokedrevokedrevok')
  const { code, text, seconds } = await init(token)
  expect(text).toContain('Connect refuses the token.')
  expect(text).toContain('op connect token create')
  expect(code).toBe(5)
  expect(seconds).toBeLessThan(300)
})

test('a title that two vaults have', async () => {
  transcript.note('Two vaults have the title that is asked for.')
  const other = addVault(world.account, 'catalyst-eso')
  const token = await world.token({ vaults: [{ id: world.vault.id }, { id: other.id }] })
  const { code, text } = await init(token, 'catalyst-eso', '--replace')
  expect(text).toContain('2 vaults have the title "catalyst-eso".')
  expect(text).toContain('eso-bootstrap init --vault <id>')
  expect(code).toBe(5)
  other.title = 'another'
})

test('a vault that the token was not issued for', async () => {
  transcript.note('A good token now, but for a vault that it does not cover.')
  addVault(world.account, 'Private')
  const { code, text } = await init(await world.token(), 'Private', '--replace')
  expect(text).toContain('The token sees no vault with the title "Private".')
  expect(text).toContain('op vault list')
  expect(code).toBe(5)
})

test('credentials in the wrong encoding, put there by hand', async () => {
  transcript.note('Somebody has put the credentials in as they are, with kubectl; Connect has been restarted since.')
  const path = '/api/v1/namespaces/external-secrets/secrets/onepassword-connect-secret'
  const data = { '1password-credentials.json': Buffer.from(world.access.credentials.reveal()).toString('base64') }
  await world.api.merge(`${path}?fieldManager=kubectl-edit`, { data })
  for (const pod of await world.api.list('/api/v1/namespaces/external-secrets/pods')) {
    if (pod.metadata.name.startsWith('onepassword-connect-'))
      await world.api.delete(`/api/v1/namespaces/external-secrets/pods/${pod.metadata.name}`)
  }
  const refused = await init(await world.token(), 'catalyst-eso', '--replace')
  expect(refused.text).toContain('it holds the same credentials as json, which Connect cannot read')
  expect(refused.text).toContain('eso-bootstrap init --take-ownership')
  expect(refused.code).toBe(3)
  transcript.note('With what it says:')
  const mended = await init(await world.token(), 'catalyst-eso', '--replace', '--take-ownership')
  expect(mended.text).toContain('came through')
  expect(mended.code).toBe(0)
  const stored = await secretValue(world.api, 'external-secrets', 'onepassword-connect-secret', '1password-credentials.json')
  expect(Buffer.from(stored ?? '', 'base64').toString()).toBe(world.access.credentials.reveal())
})
