import { expect, test } from 'vitest'
import { parseRevision } from '../../src/git/revision.ts'

const sha = '0123456789abcdef0123456789abcdef01234567'

test.each([
  [`main@sha1:${sha}`, { branch: 'main', sha }],
  [`refs/heads/main@sha1:${sha}`, { branch: 'main', sha }],
  [`feature/a@b@sha1:${sha}`, { branch: 'feature/a@b', sha }],
  [`sha1:${sha}`, { sha }],
  [`main/${sha}`, { branch: 'main', sha }],
  [`feature/x/${sha}`, { branch: 'feature/x', sha }],
  [`HEAD/${sha}`, { sha }],
  [`refs/tags/v1@sha1:${sha}`, { sha }],
  [`refs/pull/3/head@sha1:${sha}`, { sha }],
  [`latest@sha256:${sha}${sha.slice(0, 24)}`, {}],
  [`main@sha1:${sha.slice(1)}`, {}],
  ['', {}],
])('%s', (text, revision) => {
  expect(parseRevision(text)).toEqual(revision)
})
