import { parse, stringify } from 'yaml'
import { freePort } from '../../free-port.ts'
import type { Place } from './place.ts'
import { type Row, refuses } from './refusals.ts'

type Kubeconfig = {
  'current-context': string
  contexts: object[]
  clusters: { cluster: { server: string; 'certificate-authority-data'?: string } }[]
  users: { name: string; user: Record<string, string> }[]
}

/** The sandbox's kubeconfig with something changed in it, as the only one. */
async function changed(at: Place, change: (config: Kubeconfig) => void) {
  const config: Kubeconfig = parse(at.sandbox.api.kubeconfig())
  change(config)
  return { env: { KUBECONFIG: await at.file('kubeconfig', stringify(config)) } }
}

const server = (url: string) => (at: Place) =>
  changed(at, ({ clusters: [first] }) => {
    if (first) first.cluster.server = url
  })

const user = (at: Place, user: Record<string, string>) =>
  changed(at, (config) => {
    config.users[0] = { name: 'admin', user }
  })

/** A client certificate that was valid until ten years ago. */
async function expiredCertificate(at: Place): Promise<Record<string, string>> {
  const [key, cert] = [await at.file('client.key', ''), await at.file('client.crt', '')]
  const { generate } = await import('selfsigned')
  const day = 24 * 60 * 60 * 1000
  const end = Date.UTC(2014, 5, 30)
  const pems = await generate([{ name: 'commonName', value: 'admin' }], {
    keyType: 'ec',
    notBeforeDate: new Date(end - day),
    notAfterDate: new Date(end),
  })
  await at.file('client.key', pems.private)
  await at.file('client.crt', pems.cert)
  return { 'client-key': key, 'client-certificate': cert }
}

const rows: Row[] = [
  {
    wrong: 'no kubeconfig',
    with: () => ({ env: { KUBECONFIG: undefined } }),
    exit: 'blocked',
    id: 'kubeconfig-missing',
    what: 'No kubeconfig was found, so there is no cluster to speak to.',
    why: "There is no <here>/home/.kube/config, and this isn't running in a pod.",
    fix: 'eso-bootstrap … --kubeconfig <file>',
  },
  {
    wrong: 'a KUBECONFIG that leads nowhere',
    with: () => ({ env: { KUBECONFIG: '/nowhere/config:/nowhere/other' } }),
    exit: 'blocked',
    id: 'kubeconfig-missing',
    what: 'No kubeconfig was found, so there is no cluster to speak to.',
    why: "KUBECONFIG names /nowhere/config:/nowhere/other, and this isn't running in a pod.",
    fix: 'eso-bootstrap … --kubeconfig <file>',
  },
  {
    wrong: 'a --kubeconfig that leads nowhere',
    with: () => ({ flags: { kubeconfig: 'nowhere' } }),
    exit: 'blocked',
    id: 'kubeconfig-missing',
    what: "The kubeconfig <here>/repository/nowhere can't be read.",
    why: 'There is no such file.',
    fix: 'eso-bootstrap … --kubeconfig <another file>',
  },
  {
    wrong: 'a kubeconfig that is a folder',
    with: (at) => ({ env: { KUBECONFIG: at.home } }),
    exit: 'blocked',
    id: 'kubeconfig-unreadable',
    what: "The kubeconfig <here>/home can't be read.",
    why: 'It is a folder.',
    fix: 'eso-bootstrap … --kubeconfig <another file>',
  },
  {
    wrong: 'a kubeconfig with a tab in it',
    with: async (at) => ({ env: { KUBECONFIG: await at.file('kubeconfig', 'apiVersion: v1\nclusters:\n\t- name: x\n') } }),
    exit: 'blocked',
    id: 'kubeconfig-unreadable',
    what: "The kubeconfig <here>/beside/kubeconfig isn't valid YAML near line 3.",
    fix: 'Put it right, or fetch it anew:',
  },
  {
    wrong: 'an unknown context',
    with: () => ({ flags: { context: 'production' } }),
    exit: 'usage',
    id: 'context-unknown',
    what: 'The kubeconfig has no context named production.',
    why: 'It has: sandbox.',
    fix: 'eso-bootstrap … --context sandbox',
  },
  {
    wrong: 'no current context',
    with: (at) =>
      changed(at, (config) => {
        config['current-context'] = ''
      }),
    exit: 'blocked',
    id: 'context-missing',
    what: 'The kubeconfig has no current context.',
    why: 'It has: sandbox.',
    fix: 'eso-bootstrap … --context sandbox',
  },
  {
    wrong: 'a context without a cluster',
    with: (at) =>
      changed(at, (config) => {
        config.clusters = []
      }),
    exit: 'blocked',
    id: 'kubeconfig-incomplete',
    what: 'The context sandbox has no cluster with a server address.',
    why: 'It is in <here>/beside/kubeconfig.',
    fix: 'Fetch the kubeconfig anew, or choose another context:',
  },
  {
    wrong: 'a server without TLS',
    with: server('http://127.0.0.1:8080'),
    exit: 'blocked',
    id: 'kubeconfig-plain-http',
    what: 'The API server of the context sandbox is not reached over https.',
    why: 'Secrets would cross the network in clear text.',
    fix: 'Use a context whose server address begins with https://.',
  },
  {
    wrong: 'a server that is down',
    with: async (at) => server(`https://127.0.0.1:${await freePort()}`)(at),
    exit: 'blocked',
    id: 'server-unreachable',
    what: "The API server at https://127.0.0.1:<port> can't be reached.",
    why: 'Nothing listens there: the cluster is down, or the address is an old one.',
    fix: "kubectl --context 'sandbox' get --raw /version",
  },
  {
    wrong: 'a server whose certificate another authority signed',
    with: (at) =>
      changed(at, ({ clusters: [first] }) => {
        delete first?.cluster['certificate-authority-data']
      }),
    exit: 'blocked',
    id: 'server-certificate',
    what: "The certificate of the API server at <server> isn't trusted.",
    why: "It isn't signed by the certificate authority of the kubeconfig.",
    fix: 'Fetch a new kubeconfig',
  },
  {
    wrong: 'a client certificate that has expired',
    with: async (at) => user(at, await expiredCertificate(at)),
    exit: 'refused',
    id: 'certificate-expired',
    what: 'The client certificate of the context sandbox expired on 2014-06-30.',
    why: 'The API server refuses it.',
    fix: 'Fetch a new kubeconfig for this cluster',
  },
  {
    wrong: 'a token that was revoked',
    with: (at) => user(at, { token: 'revoked-and-gone-since-yesterday' }),
    exit: 'refused',
    id: 'unauthorized',
    what: "The API server at <server> doesn't accept the credentials of the context sandbox.",
    why: 'The token or certificate in the kubeconfig is expired, revoked, or for another cluster.',
    fix: 'Sign in again, or fetch a new kubeconfig.',
  },
  {
    wrong: 'a token with a line break',
    with: (at) => user(at, { token: `${at.sandbox.api.token().slice(0, 12)}\n${at.sandbox.api.token().slice(12)}` }),
    exit: 'blocked',
    id: 'kubeconfig-token',
    what: 'The token of the context sandbox has characters that no token has, such as a line break.',
    fix: 'Fetch the kubeconfig anew',
  },
  {
    wrong: 'a sign-in plugin that is not installed',
    with: (at) =>
      changed(at, (config) => {
        const exec = { apiVersion: 'client.authentication.k8s.io/v1', command: 'kubelogin', interactiveMode: 'Never' }
        config.users[0] = { name: 'admin', user: { exec } as never }
      }),
    exit: 'refused',
    id: 'exec-plugin-missing',
    what: "The context sandbox signs in with kubelogin, which isn't installed.",
    fix: 'Install kubelogin, or put it on the PATH.',
  },
  {
    wrong: 'another cluster than the expected one',
    with: () => ({ flags: { 'expect-cluster': 'production' } }),
    exit: 'usage',
    id: 'other-cluster',
    what: 'The context sandbox at <server> is not the cluster that --expect-cluster names.',
    fix: 'kubectl config get-contexts',
  },
]

refuses(rows)
