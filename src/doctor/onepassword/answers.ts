import { connectLog as logged } from '../../onepassword/messages/connect-log.ts'
import { nothingToAsk, type TokenFacts } from '../../status/tokens.ts'
import type { ClusterCheck, Finding, NotSeen } from '../check.ts'
import { findingsOf, tokensTold, unasked } from './told.ts'

/** That of another server's token is a check of its own. */
const inLog = logged.map(({ id }) => id).filter((id) => id !== 'token-of-other-server')

export const connectLog: ClusterCheck = {
  id: 'connect-log',
  category: 'connect',
  title: "Connect can read its credentials and its folder, as its log says where it doesn't serve",
  severity: 'error',
  needs: ['credentials-encoding'],
  page: {
    symptom: 'Connect answers 500, or its pods restart, and nothing but its log says why.',
    cause:
      'The credentials are of another shape than it wants, its data folder belongs to another user than 999, or its database can not be opened.',
    fix: 'What the log says, in the words of this program, with what mends it.',
    sources: [
      'https://github.com/1Password/connect/issues/76',
      'https://github.com/1Password/connect/issues/62',
      'https://github.com/1Password/connect-helm-charts/issues/282',
    ],
  },
  looksAt: 'cluster',
  async look(world) {
    const told = await tokensTold(world)
    return [...findingsOf(told, ...inLog), ...unasked(told)]
  },
}

export const connectAnswers: ClusterCheck = {
  id: 'connect-answers',
  category: 'connect',
  title: 'what answers at each connectHost is Connect, and it can read from 1Password',
  severity: 'error',
  needs: ['connect-host', 'connect-log', 'connect-runs', 'token-secret', 'token-kind'],
  page: {
    symptom: 'The store says: no such host, status 404, status 500, or invalid character in its answer.',
    cause:
      'The Service of connectHost does not exist or has another port, something else than Connect listens there, or Connect has not fetched anything from 1Password yet.',
    fix: 'Compare connectHost with kubectl get service; the port of connect-api is 8080.',
    sources: [
      'https://developer.1password.com/docs/connect/server-configuration/',
      'https://github.com/1Password/connect-sdk-js/issues/93',
      'https://github.com/1Password/connect/issues/93',
    ],
  },
  looksAt: 'cluster',
  async look(world) {
    const told = await tokensTold(world)
    return [...(told.facts ?? []).flatMap(answerOf), ...findingsOf(told, 'connect-failing')]
  },
}

function answerOf({ connect, stores, secret }: TokenFacts): (Finding | NotSeen)[] {
  const about = stores.join(', ')
  const services = `kubectl get services -n ${secret.namespace}`
  if (connect.is === 'not-connect')
    return [
      { about, why: 'What answers at its connectHost is not 1Password Connect.', fix: [services, 'Correct connectHost, commit and push.'] },
    ]
  if (connect.is !== 'not-asked' || connect.why === nothingToAsk) return []
  // As src/kubernetes/service-pod.ts says it.
  if (
    / doesn't exist$| has no ready pod behind it$| has no port \d+$| sends port \d+ to a port that its pods don't name$/.test(connect.why)
  )
    return [{ about, why: `Its connectHost leads nowhere: ${connect.why}.`, fix: [services, 'Correct connectHost, commit and push.'] }]
  return [{ notSeen: 'whether Connect accepts the token', why: `Connect could not be asked: ${connect.why}.` }]
}

export const sameServer: ClusterCheck = {
  id: 'same-server',
  category: 'token',
  title: 'token and credentials are of the same Connect server',
  severity: 'error',
  needs: ['connect-answers', 'token-expired'],
  page: {
    symptom:
      'status 401: Invalid bearer token, though the token is new. The log of Connect says: KID must match the KID of the public key; or: failed to Decrypt localAuthv2.',
    cause:
      'A server was made anew, or two were made: its credentials file and the tokens belong together, and only one of the two was put in.',
    fix: 'Make a token for the server whose credentials are in use, and eso-bootstrap rotate-token; or replace both with eso-bootstrap rotate-credentials.',
    sources: ['https://github.com/1Password/connect/issues/78', 'https://developer.1password.com/docs/connect/manage-connect/'],
  },
  looksAt: 'cluster',
  async look(world) {
    const told = await tokensTold(world)
    return [...findingsOf(told, 'token-of-other-server'), ...unasked(told)]
  },
}

export const tokenAccepted: ClusterCheck = {
  id: 'token-accepted',
  category: 'token',
  title: 'Connect accepts each token',
  severity: 'error',
  needs: ['same-server'],
  page: {
    symptom: 'Stores say status 401 or 403; or nothing yet: a store stays Ready for up to five minutes with a token that is dead.',
    cause: 'The token was revoked, its server was deleted, or it was issued for other vaults. A new one can be refused for some minutes.',
    fix: 'eso-bootstrap rotate-token --mint makes a new one, tries it on Connect, and lets the old one go only when it works.',
    sources: [
      'https://developer.1password.com/docs/connect/manage-connect/',
      'https://github.com/1Password/connect/issues/82',
      'https://github.com/external-secrets/external-secrets/issues/4205',
    ],
  },
  looksAt: 'cluster',
  async look(world) {
    const told = await tokensTold(world)
    return [...findingsOf(told, 'token-refused', 'vault-not-in-scope'), ...unasked(told)]
  },
}

export const vaultsFound: ClusterCheck = {
  id: 'vaults-found',
  category: 'stores',
  title: 'each vault that a store names is one vault, and its token may read it',
  severity: 'error',
  needs: ['token-accepted', 'vault-id-case', 'vault-id-supported', 'store-vaults'],
  page: {
    symptom: 'The store says: Found 0 vaults with title, or Found 2 vaults with title.',
    cause:
      'Titles are compared letter by letter, and only those vaults count that the token was issued for. The default vaults (Personal, Private, Employee, Shared) can not be given to a Connect server.',
    fix: 'eso-bootstrap init --vault <title-or-id> writes another one; a vault that the token does not cover takes a new token.',
    sources: [
      'https://external-secrets.io/latest/provider/1password-automation/',
      'https://github.com/1Password/connect-sdk-go/blob/main/connect/client.go',
      'https://developer.1password.com/docs/connect/manage-connect/',
    ],
  },
  looksAt: 'cluster',
  async look(world) {
    const told = await tokensTold(world)
    return [...findingsOf(told, 'vault-not-found', 'vault-ambiguous'), ...unasked(told)]
  },
}
