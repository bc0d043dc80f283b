import { describe, expect, test } from 'vitest'
import { messages } from '../../src/onepassword/messages.ts'
import { recognise } from '../../src/onepassword/troubles.ts'
import { quote } from '../../src/text/quote.ts'

const eso = 'external-secrets/external-secrets'
const es = `${eso}@v0.20.4 pkg/controllers/externalsecret/externalsecret_controller.go`
const provider = `${eso}@v0.20.4 pkg/provider/onepassword`
const sdk = '1Password/connect-sdk-go@v1.5.3'
const connect = '1Password/connect'
const charts = '1Password/connect-helm-charts'
const webhook = 'kubernetes/apiserver@v0.34.12 pkg/admission/plugin/webhook/errors/statuserror.go'
const get = (host: string) => `Get "${host}/v1/vaults?filter=title+eq+%22homelab%22": `
const logged = (message: string) => `{"log_message":"(E) ${message}","timestamp":"2022-09-20T10:09:36.363794629Z","level":1}`
const unread = 'Server: (unable to get credentials and initialize API, retrying in 30s), Wrapped: (failed to FindCredentialsUniqueKey)'
const refused = (why: string) =>
  `admission webhook "validate.clustersecretstore.external-secrets.io" denied the request: received invalid 1Password SecretStore resource: ${why}`

/** Texts as they are written, with what is told of them, and where they were seen. Where code is named, they are what it formats. */
const samples: Record<string, readonly [text: string, what: string, seen: string][]> = {
  'credentials-not-base64': [
    [
      logged(
        `${unread}, Wrapped: (failed to loadCredentialsFile), Wrapped: (LoadLocalAuthV2 failed to credentialsDataFromBase64), illegal base64 data at input byte 0`,
      ),
      'it wants base64 text',
      `${charts}#114, ${connect}#17`,
    ],
  ],
  'credentials-not-json': [
    [
      "failed to Unmarshal credentials file data into map, invalid character 'e' looking for beginning of value",
      'it wants the plain JSON file',
      `shepherdjerred/monorepo packages/homelab, which names ${charts}#272`,
    ],
    [
      "failed to Unmarshal credentials file data into map: invalid character 'e' looking for beginning of value",
      'it wants the plain JSON file',
      'a runbook in a public repository',
    ],
  ],
  'credentials-broken': [
    [
      'failed to Unmarshal credentials file data into map, unexpected end of JSON input',
      'is not JSON',
      `${charts}#272; Go's encoding/json`,
    ],
  ],
  'credentials-other-file': [['credentials file is not version 2', 'another JSON file', `${connect}#18`]],
  'credentials-not-opened': [
    [
      logged(
        `${unread}, Wrapped: (failed to loadCredentialsFile), Wrapped: (LoadLocalAuthV2 failed to credentialsDataFromDisk), open /home/opuser/.op/1password-credentials.json: permission denied`,
      ),
      '/home/opuser/.op/1password-credentials.json.',
      `${connect}#32`,
    ],
  ],
  'connect-folder-not-its-own': [
    [
      `Error: Server: (failed to OpenDefault), Wrapped: (failed to defaultPath), failed to ConfigDir: Can't continue. We can't safely access "/.op" because it's not owned by the current user. Change the owner or logged in user and try again.`,
      'the folder /.op',
      `${connect}#76`,
    ],
    [
      `failed to ConfigDir: Can't continue. We can't safely access "/home/opuser/.op" because it's not owned by the current user. Change the owner or logged in user and try again.`,
      'the folder /home/opuser/.op',
      `${charts}#282`,
    ],
  ],
  'connect-database-not-opened': [
    [
      'Error: Server: (failed to OpenDefault), Wrapped: (failed to open db), unable to open database file: no such file or directory',
      'its database',
      `${connect}#114`,
    ],
  ],
  'token-of-other-server': [
    [
      'Server: (unable to get credentials and initialize API, retrying in 30s), Wrapped: (failed to FindCredentials), failed to Decrypt localAuthv2: Authentication failed, invalid bearer token"',
      'different Connect servers',
      `${connect}#78`,
    ],
    [
      "status 401: Authentication: (Invalid token signature), Each header's KID must match the KID of the public key",
      'different Connect servers',
      'kimdre/doco-cd#1283',
    ],
  ],
  'webhook-not-answering': [
    [
      'ExternalSecret/tailscale/tailscale-credentials dry-run failed (InternalError): Internal error occurred: failed calling webhook "validate.externalsecret.external-secrets.io": failed to call webhook: Post "https://external-secrets-webhook.flux-system.svc:443/validate-external-secrets-io-v1-externalsecret?timeout=5s": dial tcp 10.96.1.7:443: connect: connection refused',
      "webhook of External Secrets Operator doesn't answer",
      `${eso}#6450`,
    ],
    [
      'Internal error occurred: failed calling webhook "validate.clustersecretstore.external-secrets.io": Post "https://external-secrets-webhook.external-secrets.svc:443/validate-external-secrets-io-v1beta1-clustersecretstore?timeout=5s": Address is not allowed',
      "webhook of External Secrets Operator doesn't answer",
      `${eso}#1789`,
    ],
  ],
  'store-without-namespace': [
    [refused('cluster scope requires namespace'), 'A ClusterSecretStore does not say', `${eso}#2892; ${webhook}`],
  ],
  'store-foreign-namespace': [
    [
      refused('namespace should either be empty or match the namespace of the SecretStore for a namespaced SecretStore'),
      'from another namespace',
      `${provider}/onepassword_test.go:477`,
    ],
  ],
  'store-without-vaults': [
    [refused('must be at least one vault: spec.provider.onepassword.vaults'), 'names no vault', `${provider}/onepassword.go:54`],
  ],
  'store-vault-orders': [[refused('vault order numbers must be unique'), 'the same number', `${provider}/onepassword.go:56`]],
  'store-invalid': [
    [
      refused('missing: spec.provider.onepassword.auth.secretRef.connectTokenSecretRef.name'),
      'takes a store for invalid',
      `${provider}/onepassword.go:52`,
    ],
    [
      refused('unable to parse URL: spec.provider.onepassword.connectHost: parse ":/invalid.invalid": missing protocol scheme'),
      'takes a store for invalid',
      `${provider}/onepassword_test.go:667`,
    ],
  ],
  'token-not-sendable': [
    [
      `Failed to retrieve item: Get "http://onepassword-connect:8080/v1/vaults?filter=title+eq+%22engineering%22": net/http: invalid header field value for "Authorization"`,
      'a line break',
      `${sdk}#73`,
    ],
  ],
  'token-refused': [
    ['status 401: Invalid token signature', 'refuses the token', `${connect} docs/openapi/spec.yaml`],
    [
      '{"log_message":"(W) Server: (failed to createVerifiedAccess), Authentication: (Invalid bearer token), square/go-jose/jwt: validation failed, token is expired (exp)","timestamp":"<timestamp>","level":2}',
      'refuses the token',
      `${connect}#54`,
    ],
  ],
  'vault-not-found': [
    ['could not validate provider: Found 0 vaults with title "abcdefg12345678"', 'the title "abcdefg12345678"', `${eso}#4473`],
    ['status 404: vault ionaiwtdvgclrixbt6ztpqcxnq not found', 'the id "ionaiwtdvgclrixbt6ztpqcxnq"', `${connect} docs/openapi/spec.yaml`],
  ],
  'vault-ambiguous': [
    ['Found 2 vaults with title "homelab"', '2 vaults have the title "homelab".', `${sdk} connect/client.go:197`],
    ['Found 12 vaults with title "a b"', '12 vaults have the title "a b".', `${sdk} connect/client.go:197`],
  ],
  'vault-not-in-scope': [
    ['error finding 1Password Item: status 403: Authorization: token does not have access to vault', 'may not read', `${connect}#82`],
    ['status 403: vault ionaiwtdvgclrixbt6ztpqcxnq is not in scope', 'may not read', `${connect} docs/openapi/spec.yaml`],
  ],
  'token-secret-missing': [
    [
      'cannot get Kubernetes secret "onepassword-connect-token" from namespace "external-secrets": secrets "onepassword-connect-token" not found',
      'no Secret onepassword-connect-token.',
      `${eso}@v0.20.4 pkg/esutils/resolvers/secret_ref.go:40`,
    ],
    ['cannot find secret data for key: "token"', 'no key token in the Secret.', `${eso}@v0.20.4 pkg/esutils/resolvers/secret_ref.go:41`],
  ],
  'item-not-found': [
    [
      'error processing spec.data[0] (key: my-item), err: key not found in 1Password Vaults: my-item in: map[my-shared-vault:2 my-vault:1]',
      'No item "my-item"',
      `${provider}/onepassword_test.go:212`,
    ],
    [
      'Found 0 item(s) in vault "ionaiwtdvgclrixbt6ztpqcxnq" with title "p7eflcy7f5mk7vg6zrzf5rjjyu"',
      'No item "p7eflcy7f5mk7vg6zrzf5rjjyu"',
      `${sdk} connect/client.go:305`,
    ],
  ],
  'item-ambiguous': [
    [
      "expected one 1Password Item matching: 'my-item', got 2",
      '2 items in one vault have the title "my-item".',
      `${provider}/onepassword_test.go:248`,
    ],
  ],
  'field-not-found': [
    [
      "error processing spec.data[0] (key: sops-age), err: expected one 1Password ItemField matching: 'credential' in 'sops-age', got 0",
      'The item "sops-age" has 0 fields with the label "credential"',
      `${eso}#4805`,
    ],
    [
      "expected one 1Password ItemField matching: 'key1' in 'my-item', got 2",
      'The item "my-item" has 2 fields with the label "key1"',
      `${provider}/onepassword_test.go:887`,
    ],
  ],
  'file-not-found': [
    [
      "error finding 1Password Document: 'my-item', 'you-cant-find-me.png'",
      'The item "my-item" has no file "you-cant-find-me.png".',
      `${provider}/onepassword_test.go:855`,
    ],
  ],
  'reference-not-supported': [
    [
      "'remoteRef.version' is not implemented in the 1Password provider",
      'does not know remoteRef.version.',
      `${provider}/onepassword.go:63`,
    ],
    [
      "'find.tags' is not implemented in the 1Password provider",
      'does not know find.tags.',
      `${eso}@v0.10.7 pkg/provider/onepassword/onepassword.go:404`,
    ],
  ],
  'key-invalid': [
    [
      "error processing spec.dataFrom[0].extract, err: invalid secret keys (TIP: use rewrite or conversionStrategy to change keys): key has invalid character  , only alphanumeric, '-', '.' and '_' are allowed: api key",
      'cannot be a key',
      `${eso}@v0.20.4 pkg/esutils/utils.go:297`,
    ],
    [
      `Secret "av-monitor-mattermost-urls" is invalid: data[]: Invalid value: "": a valid config key must consist of alphanumeric characters, '-', '_' or '.' (e.g. 'key.name',  or 'KEY_NAME',  or 'key-name', regex used for validation is '[-._a-zA-Z0-9]+')`,
      'cannot be a key',
      `${eso}#1713`,
    ],
  ],
  'target-owned': [
    [
      'unable to mutate secret credentials: secret is owned by another ExternalSecret: credentials-init',
      'Another ExternalSecret',
      `${eso}#4225`,
    ],
    ['target is owned by another ExternalSecret', 'Another ExternalSecret', `${es}:91`],
  ],
  'target-immutable': [
    ['unable to update secret app: secret is immutable', 'is immutable', `${es}:127`],
    ['could not update secret, target is immutable', 'is immutable', `${es}:89`],
  ],
  'template-failed': [
    [
      'could not apply template: could not execute template: template: password:1:9: executing "password" at <.pasword>: map has no entry for key "pasword"',
      'does not work',
      `${es}:108`,
    ],
  ],
  'store-not-for-namespace': [
    [
      'using cluster store "onepassword" is not allowed from namespace "default": denied by spec.condition',
      'The ClusterSecretStore onepassword is not for the namespace default.',
      `${eso}@v0.20.4 pkg/controllers/secretstore/client_manager.go:42`,
    ],
  ],
  'store-not-there': [
    [
      'could not get ClusterSecretStore "onepasword", clustersecretstores.external-secrets.io "onepasword" not found',
      'There is no store onepasword.',
      `${eso}@v0.20.4 pkg/controllers/secretstore/client_manager.go:39`,
    ],
    [
      'could not get SecretStore "onepassword", secretstores.external-secrets.io "onepassword" not found',
      'There is no store onepassword.',
      `${eso}@v0.20.4 pkg/controllers/secretstore/client_manager.go:40`,
    ],
  ],
  'connect-host-without-scheme': [
    [
      'Unable to list vaults: Get "192.168.1.1/v1/vaults": unsupported protocol scheme ""',
      'does not begin with http',
      '1Password/vault-plugin-secrets-onepassword#12',
    ],
  ],
  'connect-host-not-tls': [
    [
      `${get('https://onepassword-connect:8080')}http: server gave HTTP response to HTTPS client`,
      'plain http',
      'golang/go src/net/http/client.go:212',
    ],
    [
      `${get('https://onepassword-connect:8080')}tls: first record does not look like a TLS handshake`,
      'plain http',
      'golang/go src/crypto/tls/conn.go:669',
    ],
  ],
  'connect-certificate': [
    [
      `${get('https://onepassword-connect:8443')}tls: failed to verify certificate: x509: certificate signed by unknown authority`,
      'does not trust',
      'golang/go src/crypto/x509/verify.go:157',
    ],
  ],
  'connect-host-not-connect': [
    ["decoding response: invalid character '<' looking for beginning of value", 'not the API', `${sdk} connect/client.go:839`],
    ["decoding error response: invalid character 'p' after top-level value", 'not the API', `${eso}#1948`],
    ['status 404: Not Found', 'not the API', `${sdk} onepassword/errors.go, connect/client.go:860`],
  ],
  'connect-too-old': [
    [
      'need at least version 1.3.0 of Connect for this function, detected version 1.2.0 (or earlier). Please update your Connect server',
      'older than 1.3.0',
      `${sdk} connect/version.go:26`,
    ],
  ],
  'connect-not-found': [
    [
      `${get('http://onepassword-conect:8080')}dial tcp: lookup onepassword-conect on 10.96.0.10:53: no such host`,
      'does not exist',
      'golang/go src/net/net.go',
    ],
  ],
  'connect-not-answering': [
    [
      `${get('http://onepassword-connect:8080')}dial tcp 10.43.228.133:8080: connect: operation not permitted`,
      'does not answer',
      `${eso}#1948`,
    ],
    [`${get('http://onepassword-connect:8080')}dial tcp 10.43.228.133:8080: connect: connection refused`, 'does not answer', `${eso}#6450`],
  ],
  'connect-failing': [
    ['status 500: Something went wrong', 'cannot read from 1Password yet', `${connect}#93`],
    ['Server: (failed to createVerifiedAccess), could not get activeKeyset', 'cannot read from 1Password yet', `${connect}#93`],
  ],
  'store-not-ready': [
    [
      'error processing spec.data[0] (key: my-app), err: ClusterSecretStore "onepassword" is not ready',
      'The store onepassword is not Ready.',
      `${eso}@v0.20.4 pkg/controllers/secretstore/client_manager.go:41`,
    ],
  ],
}

const table = Object.values(messages).flat()

describe('every known message', () => {
  test.each(table)('$id: its real texts are taken for it, and for none that stands before it', ({ id }) => {
    const some = samples[id] ?? []
    expect(some.length).toBeGreaterThan(0)
    for (const [text, what, seen] of some) {
      expect(seen).not.toBe('')
      // As it is when it is read from an event, and from a log.
      for (const read of [quote(text), text])
        expect(recognise([read], { elsewhere: true })).toMatchObject({ id, what: expect.stringContaining(what) })
    }
  })

  test.each(table)('$id: the texts that its page shows are taken for it', ({ id, texts }) => {
    for (const text of texts) expect(recognise([text.replaceAll('…', 'x')], { elsewhere: true })?.id).toBe(id)
  })

  test.each(table)('$id: tells what to do, and a public source', ({ id, source }) => {
    expect(recognise([samples[id]?.[0]?.[0] ?? ''], { elsewhere: true })?.fix.length).toBeGreaterThan(0)
    expect(source).toMatch(/^https:\/\/github\.com\/[\w.-]+\/[\w.-]+\/(issues\/\d+|blob\/v?[\w.]+\/\S+)$/)
  })

  test('has an id of its own, and no sample is left of one that is gone', () => {
    expect(table.map(({ id }) => id).toSorted()).toEqual(Object.keys(samples).toSorted())
  })
})

test('what is filled in is safe to show, also from a log', () => {
  const path = '/home/\u001b[31mred\u202e'
  expect(recognise([`We can't safely access "${path}" because it's not owned by the current user`])?.what).toContain(
    'the folder /home/red ',
  )
})

test('that the containers of Connect look for each other is no trouble', () => {
  const line =
    '{"log_message":"(W) did not initialize bus connection to peer localhost:11220. If the peer is currently booting, it may initialize the connection while starting. Details: failed to transport.CreateConnection: [transport-websocket] failed to Dial endpoint: dial tcp 127.0.0.1:11220: connect: connection refused. ","timestamp":"2023-01-18T02:07:57.435251551Z","level":2}'
  expect([recognise([line]), recognise([line, 'status 500'])?.id]).toEqual([undefined, 'connect-failing'])
})

test('what shows better in another object is told only who asks for it', () => {
  const [[text] = ['']] = samples['store-not-ready'] ?? []
  expect([recognise([text]), recognise([text, 'status 500'], { elsewhere: true })?.id]).toEqual([undefined, 'connect-failing'])
})
