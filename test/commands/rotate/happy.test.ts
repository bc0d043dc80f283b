import { afterAll, beforeAll, expect, test } from 'vitest'
import { kinds } from '../../../src/sandbox/kinds.ts'
import { openRotation, type Rotation } from './stage.ts'

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
