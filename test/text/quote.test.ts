import { describe, expect, it } from 'vitest'
import { quote } from '../../src/text/quote.ts'
import { findCanary, makeCredentials, makeToken } from '../canary.ts'

const base64 = (text: string) => Buffer.from(text).toString('base64')

describe('quote', () => {
  it.each<[string, (secret: string) => string]>([
    ['as it is', (secret) => secret],
    ['in base64', base64],
    ['in base64 twice', (secret) => base64(base64(secret))],
    ['in base64 for URLs', (secret) => Buffer.from(secret).toString('base64url')],
    ['with control characters in it', (secret) => secret.replace(/.{7}/g, '$&\u001b[0m\u0007')],
    ['in JSON', (secret) => JSON.stringify({ data: { token: secret } })],
    ['in JSON in JSON', (secret) => JSON.stringify(JSON.stringify({ data: secret }))],
  ])('shows nothing of a token or of credentials, %s', (_, encoded) => {
    for (let run = 0; run < 5; run++) {
      for (const secret of [makeToken(), makeCredentials()]) {
        const text = quote(`level=error msg="could not log in with ${encoded(secret)}" retry=1`, 10_000)
        expect(findCanary(text, [secret])).toEqual([])
        expect(text).not.toContain(secret.slice(20, 40))
      }
    }
  })

  it.each([
    'stored artifact for commit main@sha1:c8e2fff649ae5edbd8c598040f71916702924e2b',
    'Failed to pull image "docker.io/1password/connect-api:1.8.2@sha256:3c9909afec25354d551dae21590bb26e38d53f2173b8d3dc3eee4c047e7ab1c1"',
    'pod external-secrets-webhook-7d9c8b6f5d-x2kqz waits: CreateContainerConfigError secret "onepassword-connect-secret" not found',
    'ClusterSecretStore/onepassword dry-run failed: no matches for kind "ClusterSecretStore" in version "external-secrets.io/v1beta1"',
    'key not found in 1Password Vaults: my-app-credentials in: map[k5dv3ekx6mgpdyxrrsvbkeyaja:1]',
    "kustomize build failed: accumulating resources from '../../infrastructure/base/ExternalSecrets2/onepassword-connect'",
    'Helm install failed for release external-secrets/external-secrets with chart external-secrets@2.9.1: context deadline exceeded',
  ])('shows what a cluster usually says: %s', (text) => {
    expect(quote(text)).toBe(text)
  })

  it('takes control characters out and cuts, as plain does', () => {
    expect(quote('a\u001b[31m\nb', 10)).toBe('a b')
    expect(quote('a '.repeat(50), 10)).toBe('a a a a a…')
  })
})
