import { afterAll, beforeAll, expect, test } from 'vitest'
import { type Api, type Open, secret, secretsIn } from './api.ts'

const namespace = 'secrets'
const secrets = secretsIn(namespace)

export function secretsContract(open: Open): void {
  let server: Api
  beforeAll(async () => {
    server = await open(namespace)
  })
  afterAll(() => server.close())

  test('stringData is written into data and not kept', async () => {
    const made = await server.send('POST', secrets, { body: secret('plain', { a: '1' }, { stringData: { b: 'two' } }) })
    expect(made.object['data']).toEqual({ a: 'MQ==', b: 'dHdv' })
    expect(made.object).not.toHaveProperty('stringData')
  })

  test.each([
    ['YQ', 0],
    ['YWJj*', 4],
    ['YWJjZ', 4],
    ['not base64', 3],
  ])('data %j is no base64, from byte %i on', async (value, at) => {
    const made = await server.send('POST', secrets, { body: { ...secret('bad', {}), data: { token: value } } })
    expect(made.status).toBe(400)
    expect(made.failure.message).toBe(`Secret in version "v1" cannot be handled as a Secret: illegal base64 data at input byte ${at}`)
  })

  test('a key outside of [-._a-zA-Z0-9] is 422', async () => {
    const made = await server.send('POST', secrets, { body: secret('key', { 'a b': '1' }) })
    expect(made.status).toBe(422)
    expect(made.failure.details?.causes?.[0]).toMatchObject({ reason: 'FieldValueInvalid', field: 'data[a b]' })
  })

  test('the type can not change', async () => {
    await server.send('POST', secrets, { body: secret('typed', {}) })
    const changed = await server.merge(`${secrets}/typed`, { type: 'other' })
    expect(changed.status).toBe(422)
    expect(changed.failure.message).toBe('Secret "typed" is invalid: type: Invalid value: "other": field is immutable')
  })

  test('an immutable Secret keeps its data, and stays immutable; labels can change', async () => {
    await server.send('POST', secrets, { body: secret('frozen', { a: '1' }, { immutable: true }) })
    const data = await server.merge(`${secrets}/frozen`, { data: { a: 'Mg==' } })
    expect(data.status).toBe(422)
    expect(data.failure.details?.causes).toEqual([
      { reason: 'FieldValueForbidden', message: 'Forbidden: field is immutable when `immutable` is set', field: 'data' },
    ])
    const thawed = await server.merge(`${secrets}/frozen`, { immutable: false })
    expect(thawed.failure.details?.causes?.[0]?.field).toBe('immutable')
    expect((await server.merge(`${secrets}/frozen`, { metadata: { labels: { a: 'b' } } })).status).toBe(200)
  })

  test('a name in upper case is 422 with the rule', async () => {
    const made = await server.send('POST', secrets, { body: secret('Upper', {}) })
    expect(made.status).toBe(422)
    expect(made.failure.message).toContain(
      'Secret "Upper" is invalid: metadata.name: Invalid value: "Upper": a lowercase RFC 1123 subdomain must',
    )
  })

  test('an unknown field is dropped with a warning, or refused when validation is strict', async () => {
    const body = secret('odd', {}, { nonsense: 1 })
    const strict = await server.send('POST', `${secrets}?fieldValidation=Strict`, { body })
    expect(strict.status).toBe(400)
    expect(strict.failure.message).toBe(
      'Secret in version "v1" cannot be handled as a Secret: strict decoding error: unknown field "nonsense"',
    )
    const warned = await server.send('POST', secrets, { body })
    expect(warned.status).toBe(201)
    expect(warned.headers['warning']).toBe('299 - "unknown field \\"nonsense\\""')
    expect(warned.object).not.toHaveProperty('nonsense')
    const ignored = await server.send('PUT', `${secrets}/odd?fieldValidation=Ignore`, { body })
    expect(ignored.headers['warning']).toBeUndefined()
  })
}
