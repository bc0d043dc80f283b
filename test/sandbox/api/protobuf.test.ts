import { afterAll, beforeAll, expect, test } from 'vitest'
import { decodeProtobuf } from '../../../src/sandbox/api/protobuf.ts'
import { startTestServer, type TestServer } from './client.ts'

let server: TestServer
beforeAll(async () => {
  server = await startTestServer()
})
afterAll(() => server.close())

// What kubectl 1.32 sent for `create namespace demo` and `create secret generic tok --from-literal=token=abc`.
const namespace = 'azhzAAoPCgJ2MRIJTmFtZXNwYWNlEhwKFAoEZGVtbxIAGgAiACoAMgA4AEIAEgAaAgoAGgAiAA=='
const secret = 'azhzAAoMCgJ2MRIGU2VjcmV0EikKFwoDdG9rEgAaBGRlbW8iACoAMgA4AEIAEgwKBXRva2VuEgNhYmMaABoAIgA='

test('what kubectl sends is read as the JSON it stands for', () => {
  expect(decodeProtobuf(Buffer.from(namespace, 'base64'))).toEqual({ apiVersion: 'v1', kind: 'Namespace', metadata: { name: 'demo' } })
  expect(decodeProtobuf(Buffer.from(secret, 'base64'))).toEqual({
    apiVersion: 'v1',
    kind: 'Secret',
    metadata: { name: 'tok', namespace: 'demo' },
    data: { token: 'YWJj' },
  })
})

test('lists, flags and nested messages', () => {
  const text = (field: number, value: string | Buffer) => Buffer.from([field * 8 + 2, Buffer.byteLength(value), ...Buffer.from(value)])
  const options = Buffer.concat([text(2, Buffer.concat([text(1, 'u'), text(2, '7')])), text(4, 'Orphan'), text(5, 'All'), text(5, 'None')])
  const body = Buffer.concat([
    Buffer.from('k8s\u0000'),
    text(1, Buffer.concat([text(1, 'v1'), text(2, 'DeleteOptions')])),
    text(2, options),
  ])
  expect(decodeProtobuf(body)).toEqual({
    apiVersion: 'v1',
    kind: 'DeleteOptions',
    preconditions: { uid: 'u', resourceVersion: '7' },
    propagationPolicy: 'Orphan',
    dryRun: ['All', 'None'],
  })
})

test('over the wire it creates the object', async () => {
  const agent = { 'content-type': 'application/vnd.kubernetes.protobuf' }
  const send = (path: string, body: string) => server.sendBytes('POST', path, Buffer.from(body, 'base64'), agent)
  expect((await send('/api/v1/namespaces', namespace)).status).toBe(201)
  expect((await send('/api/v1/namespaces/demo/secrets', secret)).object['data']).toEqual({ token: 'YWJj' })
})

test('bytes that are none are 400, cut ones too, and kinds that are not read so 415', () => {
  const code = (body: Buffer) => {
    try {
      return decodeProtobuf(body)
    } catch (error) {
      return (error as { code: number }).code
    }
  }
  expect(code(Buffer.from('{}'))).toBe(400)
  expect(code(Buffer.from(secret, 'base64').subarray(0, 30))).toBe(400)
  expect(code(Buffer.from(Buffer.from(namespace, 'base64').toString('latin1').replace('Namespace', 'Nonespace'), 'latin1'))).toBe(415)
})
