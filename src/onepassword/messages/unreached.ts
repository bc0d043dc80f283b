import type { Message } from '../message.ts'

const sdk = 'https://github.com/1Password/connect-sdk-go/blob/v1.5.3/connect'
const go = 'https://github.com/golang/go/blob/go1.24.0/src/net/http'

/** Where the operator does not reach Connect, or something else. Many causes can hide behind these: they come last. */
export const unreached: readonly Message[] = [
  {
    id: 'connect-host-without-scheme',
    texts: ['unsupported protocol scheme'],
    what: 'connectHost does not begin with http:// or https://.',
    why: 'It has to be the Service of Connect, such as http://onepassword-connect.external-secrets.svc.cluster.local:8080.',
    fix: ['kubectl get clustersecretstores,secretstores -A -o yaml | grep connectHost'],
    source: `${go}/transport.go`,
  },
  {
    id: 'connect-host-not-tls',
    texts: ['server gave HTTP response to HTTPS client', 'first record does not look like a TLS handshake'],
    what: 'connectHost begins with https://, but Connect speaks plain http there.',
    why: 'It has to be the Service of Connect, such as http://onepassword-connect.external-secrets.svc.cluster.local:8080.',
    fix: ['kubectl get clustersecretstores,secretstores -A -o yaml | grep connectHost'],
    source: `${go}/client.go`,
  },
  {
    id: 'connect-certificate',
    texts: ['tls: failed to verify certificate', 'x509: '],
    what: "The operator does not trust Connect's certificate.",
    why: 'The 1Password provider takes no CA of your own: Connect is reached by plain http inside the cluster, or by a certificate of a public CA.',
    fix: ['kubectl get clustersecretstores,secretstores -A -o yaml | grep connectHost'],
    source: 'https://github.com/external-secrets/external-secrets/issues/4515',
  },
  {
    id: 'connect-host-not-connect',
    texts: [
      "invalid character '<' looking for beginning of value",
      'decoding response: ',
      'decoding error response: ',
      'status 404: Not Found',
    ],
    what: 'What answers at connectHost is not the API of 1Password Connect.',
    why: 'A web page, another service, or the port of connect-sync answers there. The API has port 8080, and connectHost has no path.',
    fix: ['kubectl get clustersecretstores,secretstores -A -o yaml | grep connectHost', 'kubectl get service -n external-secrets'],
    patience: 20_000,
    source: 'https://github.com/external-secrets/external-secrets/issues/1948',
  },
  {
    id: 'connect-too-old',
    texts: ['need at least version … of Connect for this function'],
    what: ([version]) => `Connect is older than ${version}.`,
    why: 'The files of an item are read in a way that came with that version.',
    fix: ['Update the images of Connect: https://github.com/1Password/connect/releases'],
    source: `${sdk}/version.go`,
  },
  {
    id: 'connect-not-found',
    texts: ['dial tcp: lookup …', 'no such host'],
    what: 'The host in connectHost does not exist.',
    why: 'It has to be the Service of Connect, such as http://onepassword-connect.external-secrets.svc.cluster.local:8080.',
    fix: ['kubectl get service -n external-secrets'],
    patience: 60_000,
    source: 'https://github.com/golang/go/blob/go1.24.0/src/net/net.go',
  },
  {
    id: 'connect-not-answering',
    texts: [
      'connection refused',
      'connect: operation not permitted',
      'no route to host',
      'i/o timeout',
      'context deadline exceeded',
      'EOF',
    ],
    what: 'Connect does not answer at the address in connectHost.',
    why: 'Its pods are not there or just starting, the port is another one, or a NetworkPolicy is in the way.',
    fix: ['kubectl get pods -n external-secrets', 'kubectl logs deployment/onepassword-connect -n external-secrets --all-containers'],
    patience: 300_000,
    source: 'https://github.com/external-secrets/external-secrets/issues/1948',
  },
  {
    id: 'connect-failing',
    texts: ['status 500', 'could not get activeKeyset'],
    what: 'Connect answers, but cannot read from 1Password yet.',
    why: 'It synchronises after the first request; if it stays so, its credentials are wrong.',
    fix: ['kubectl logs deployment/onepassword-connect -n external-secrets --all-containers'],
    patience: 300_000,
    source: 'https://github.com/1Password/connect/issues/93',
  },
  {
    id: 'store-not-ready',
    texts: ['SecretStore "…" is not ready'],
    elsewhere: true,
    what: ([store]) => `The store ${store} is not Ready.`,
    why: 'What is wrong is told with the store. The operator tries again by itself, after up to seven minutes.',
    fix: ['kubectl get clustersecretstores,secretstores -A'],
    patience: 300_000,
    source: 'https://github.com/external-secrets/external-secrets/issues/2035',
  },
]
