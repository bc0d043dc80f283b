import type { Message } from '../message.ts'
import { newToken } from '../obtain.ts'
import { forInit, replaceToken } from '../remedies.ts'

const eso = 'https://github.com/external-secrets/external-secrets'

/** In the events of stores, and of ExternalSecrets that read from them. */
export const stores: readonly Message[] = [
  {
    id: 'token-not-sendable',
    texts: ['net/http: invalid header field value for "Authorization"'],
    what: 'The token in the Secret has a line break in it or after it.',
    why: 'It was put in with the end of its line, as kubectl create secret --from-file does.',
    fix: (setting) => replaceToken(setting).slice(-1),
    exit: 'refused',
    source: 'https://github.com/1Password/connect-sdk-go/issues/73',
  },
  {
    id: 'token-refused',
    texts: ['status 401: ', 'token is expired'],
    what: 'Connect refuses the token.',
    why: 'It was revoked, has expired, or belongs to another Connect server.',
    fix: replaceToken,
    exit: 'refused',
    patience: 20_000,
    source: 'https://github.com/1Password/connect/issues/54',
  },
  {
    id: 'vault-not-found',
    texts: ['Found 0 vaults with title "…"', 'status 404: vault … not found'],
    what: ([key = '']) => `The token sees no vault with the ${/^[a-z0-9]{26}$/.test(key) ? 'id' : 'title'} "${key}".`,
    why: 'Titles are compared letter by letter, and the token sees only the vaults that it was issued for.',
    fix: (setting) => ['op vault list', ...forInit(setting, '--vault <title-or-id>'), ...newToken(setting.server, setting.vaults)],
    patience: 20_000,
    source: `${eso}/issues/4473`,
  },
  {
    id: 'vault-ambiguous',
    texts: ['Found … vaults with title "…"'],
    what: ([count, title]) => `${count} vaults have the title "${title}".`,
    why: 'A title must be unique among the vaults that the token sees; an id always is.',
    fix: (setting) => ['op vault list', ...forInit(setting, '--vault <id>')],
    source: 'https://github.com/1Password/connect-sdk-go/blob/v1.5.3/connect/client.go',
  },
  {
    id: 'vault-not-in-scope',
    texts: ['status 403: '],
    what: 'The token may not read a vault that the stores name.',
    why: 'The vaults of a token are fixed when it is issued. A new token can be refused for some minutes.',
    fix: ({ server, vaults }) => ['op connect token list', ...newToken(server, vaults)],
    exit: 'refused',
    patience: 120_000,
    source: `${eso}/issues/4205`,
  },
  {
    id: 'token-secret-missing',
    texts: ['cannot get Kubernetes secret "…"', 'cannot find secret data for key: …'],
    what: ([found = '']) =>
      `The store does not find its token: there is no ${found.startsWith('"') ? `key ${found.replaceAll('"', '')} in the Secret` : `Secret ${found}`}.`,
    why: 'The name, key or namespace in connectTokenSecretRef is another one than the Secret has.',
    fix: ['kubectl get secrets -n external-secrets'],
    patience: 20_000,
    source: `${eso}/blob/v0.20.4/pkg/esutils/resolvers/secret_ref.go`,
  },
]
