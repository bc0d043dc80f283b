import { afterAll, beforeAll, expect, test } from 'vitest'
import { kinds } from '../../../src/sandbox/kinds.ts'
import { mark } from '../../../src/steps/rotation/world.ts'
import { reportIn } from './schema.ts'
import { idOf, openRotation, type Rotation } from './stage.ts'

let rotation: Rotation
beforeAll(async () => {
  rotation = await openRotation()
})
afterAll(() => rotation?.close())

test('the new token is in the Secret, and a value has come through with it', async () => {
  const token = await rotation.newToken()
  const before = rotation.externalSecret('my-app')
  const ended = await rotation.rotate({ token: token.path })
  expect(ended).toMatchObject({ code: 0, stdout: expect.stringContaining('✔ Rotated: values came through with the new token.') })
  expect(rotation.held()).toBe(token.value)
  const secret = rotation.sandbox.api.store.get(kinds.secret, 'external-secrets', 'onepassword-connect-token')
  expect(secret?.metadata.annotations).toBeUndefined()
  const after = rotation.externalSecret('my-app')
  expect(after?.['status'].syncedResourceVersion).not.toBe(before?.['status'].syncedResourceVersion)
})

test('a mark that names no id is nobody’s: nothing of it is shown, or deleted in 1Password', async () => {
  const { store } = rotation.sandbox.api
  const secret = store.get(kinds.secret, 'external-secrets', 'onepassword-connect-token')
  const before = rotation.held() ?? ''
  const annotations = { [mark]: "--all '*' \u001b[31m" }
  if (secret !== undefined) store.commit({ ...secret, metadata: { ...secret.metadata, annotations } })
  const token = await rotation.newToken()
  const ended = await rotation.rotate({ token: token.path, output: 'json' })
  expect(reportIn(ended)).toMatchObject({ verdict: 'rotated', replaced: [{ id: idOf(before), deleted: false }] })
  expect(ended.stdout).not.toContain('ended before it had proven it')
  expect(ended.stdout).not.toContain('--all')
})
