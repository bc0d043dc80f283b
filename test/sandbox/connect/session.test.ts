import { expect, test } from 'vitest'
import { createConnectAccess } from '../../../src/sandbox/connect/identity.ts'
import { openSession } from '../../../src/sandbox/connect/session.ts'

const { identity, credentials } = createConnectAccess('account')
const json = credentials.reveal()
const base64 = Buffer.from(json).toString('base64')
const path = '/home/opuser/.op/1password-credentials.json'
const open = (value: string | undefined, files: Record<string, string> = {}) =>
  openSession(value, new Map(Object.entries(files)), [identity])

test.each([
  ['base64 in the environment', base64, {}],
  ['base64url without padding', Buffer.from(json).toString('base64url'), {}],
  ['the path of a mounted file', '/credentials/file.json', { '/credentials/file.json': json }],
  ['the default path', undefined, { [path]: json }],
])('%s opens the session', (_, value, files) => {
  expect(open(value, files)).toEqual({ server: identity })
})

test.each([
  ['raw JSON in the environment', json, {}, /illegal base64 data at input byte 0$/],
  ['the path of a file that isn’t there', path, {}, /illegal base64 data at input byte 13$/],
  ['base64 that is wrapped', base64.replace(/.{64}/, '$&\n'), {}, /illegal base64 data at input byte 64$/],
  ['base64 twice', Buffer.from(base64).toString('base64'), {}, /Unmarshal .* invalid character 'e' looking for beginning of value$/],
  ['base64 in a mounted file', path, { [path]: base64 }, /Unmarshal .* invalid character 'e' looking for beginning of value$/],
  ['nothing at all', undefined, {}, /credentialsDataFromDisk\), open .*: no such file or directory$/],
  ['credentials of another server', Buffer.from(createConnectAccess('x').credentials.reveal()).toString('base64'), {}, /localAuthv2/],
])('%s ends in the log', (_, value, files, log) => {
  expect(open(value, files)).toEqual({ log: expect.stringMatching(log) })
})
