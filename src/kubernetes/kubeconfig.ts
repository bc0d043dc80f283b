import { X509Certificate } from 'node:crypto'
import { access, readFile } from 'node:fs/promises'
import { KubeConfig } from '@kubernetes/client-node'
import { Failure } from '../failure.ts'
import { plain } from '../text/plain.ts'
import { type KubeconfigPlace, type MergedKubeconfig, readKubeconfigFiles } from './kubeconfig-files.ts'
import { proxyFor } from './proxy.ts'

export interface KubeconfigChoice extends KubeconfigPlace {
  context?: string | undefined
}

interface User {
  token?: unknown
  tokenFile?: string
  exec?: object
  'auth-provider'?: { name?: string }
  'client-certificate'?: string
  'client-certificate-data'?: string
  'client-key'?: string
}

const serviceAccount = '/var/run/secrets/kubernetes.io/serviceaccount'

/**
 * The kubeconfig of one cluster: `--kubeconfig`, else the KUBECONFIG list, else ~/.kube/config, else the pod's service account.
 * It holds exactly one context, so that what is broken in the others cannot matter.
 * Throws a Failure when there is none, when it is incomplete, or when its client certificate has expired.
 */
export async function loadKubeconfig(at: KubeconfigChoice): Promise<KubeConfig> {
  const merged = (await readKubeconfigFiles(at)) ?? (await inCluster(at))
  if (merged === undefined) throw missing(at)
  const name = chooseContext(merged, at.context)
  const context = merged.contexts.get(name) ?? {}
  const cluster = { ...merged.clusters.get(String(context['cluster'])) }
  const user: User = { ...merged.users.get(String(context['user'])) }
  const incomplete = (what: string) =>
    new Failure({
      id: 'kubeconfig-incomplete',
      exit: 'blocked',
      what,
      why: `It is in ${merged.files.join(', ')}.`,
      fix: ['Fetch the kubeconfig anew, or choose another context:', 'kubectl config get-contexts'],
    })

  if (typeof cluster['server'] !== 'string') throw incomplete(`The context ${name} has no cluster with a server address.`)
  if (!URL.canParse(cluster['server'])) throw incomplete(`The server address of the context ${name} isn't a URL.`)
  if (new URL(cluster['server']).protocol !== 'https:') {
    throw new Failure({
      id: 'kubeconfig-plain-http',
      exit: 'blocked',
      what: `The API server of the context ${name} is not reached over https.`,
      why: 'Secrets would cross the network in clear text.',
      fix: 'Use a context whose server address begins with https://.',
    })
  }
  for (const file of [cluster['certificate-authority'], user['client-certificate'], user['client-key'], user.tokenFile]) {
    if (typeof file === 'string')
      await access(file).catch(() => Promise.reject(incomplete(`The context ${name} needs the file ${file}, which can't be read.`)))
  }
  await checkCertificate(user, name)
  const token = await tokenOf(user, name)
  if (['gcp', 'azure'].includes(user['auth-provider']?.name ?? '')) {
    throw incomplete(
      `The context ${name} signs in with the auth provider ${user['auth-provider']?.name}, which Kubernetes removed in 1.26.`,
    )
  }
  const proxy = cluster['proxy-url'] || proxyFor(cluster['server'], at.env)
  return only(name, { ...cluster, 'proxy-url': proxy }, { ...user, token })
}

function chooseContext(merged: MergedKubeconfig, wanted: string | undefined): string {
  const name = wanted ?? (merged.currentContext || undefined)
  if (name !== undefined && merged.contexts.has(name)) return name
  const known = [...merged.contexts.keys()].map((each) => plain(each, 80)).sort()
  throw new Failure({
    id: name === undefined ? 'context-missing' : 'context-unknown',
    exit: wanted === undefined ? 'blocked' : 'usage',
    what: name === undefined ? 'The kubeconfig has no current context.' : `The kubeconfig has no context named ${plain(name, 80)}.`,
    why: known.length === 0 ? `There is no context at all in ${merged.files.join(', ')}.` : `It has: ${known.slice(0, 20).join(', ')}.`,
    fix: known.length === 0 ? ['eso-bootstrap … --kubeconfig <file>'] : [`eso-bootstrap … --context ${known[0]}`],
  })
}

/** A token with white space inside would be quoted in Node's header error; a token file's last newline is usual. */
async function tokenOf(user: User, context: string): Promise<string | undefined> {
  const token = user.tokenFile ? await readFile(user.tokenFile, 'utf8') : user.token
  if (token === undefined || token === null || token === '') return undefined
  const trimmed = String(token).trim()
  if (/^[\x21-\x7e]+$/.test(trimmed)) return trimmed
  throw new Failure({
    id: 'kubeconfig-token',
    exit: 'blocked',
    what: `The token of the context ${context} has characters that no token has, such as a line break.`,
    fix: 'Fetch the kubeconfig anew, or put its token on one line.',
  })
}

async function checkCertificate(user: User, context: string) {
  const file = user['client-certificate']
  const data = user['client-certificate-data']
  if (!file && !data) return
  const pem = file ? await readFile(file) : Buffer.from(data ?? '', 'base64')
  let certificate: X509Certificate
  try {
    certificate = new X509Certificate(pem)
  } catch {
    throw new Failure({
      id: 'kubeconfig-incomplete',
      exit: 'blocked',
      what: `The client certificate of the context ${context} can't be read.`,
      fix: 'Fetch the kubeconfig anew.',
    })
  }
  const end = new Date(certificate.validTo)
  if (end.getTime() > Date.now()) return
  throw new Failure({
    id: 'certificate-expired',
    exit: 'refused',
    what: `The client certificate of the context ${context} expired on ${end.toISOString().slice(0, 10)}.`,
    why: 'The API server refuses it.',
    fix: 'Fetch a new kubeconfig for this cluster (Talos: talosctl kubeconfig; kubeadm: kubeadm certs renew admin.conf).',
  })
}

/** https://kubernetes.io/docs/tasks/run-application/access-api-from-pod/ */
async function inCluster(at: KubeconfigChoice): Promise<MergedKubeconfig | undefined> {
  const { KUBERNETES_SERVICE_HOST: host, KUBERNETES_SERVICE_PORT: port } = at.env
  const tokenFile = `${serviceAccount}/token`
  if (!host || !port || !(await readable(tokenFile))) return undefined
  const server = `https://${host.includes(':') ? `[${host}]` : host}:${port}`
  return {
    files: [serviceAccount],
    currentContext: 'in-cluster',
    contexts: new Map([['in-cluster', { cluster: 'in-cluster', user: 'in-cluster' }]]),
    clusters: new Map([['in-cluster', { server, 'certificate-authority': `${serviceAccount}/ca.crt` }]]),
    users: new Map([['in-cluster', { tokenFile }]]),
  }
}

function readable(file: string): Promise<boolean> {
  return access(file).then(
    () => true,
    () => false,
  )
}

function missing(at: KubeconfigChoice): Failure {
  const looked = at.env['KUBECONFIG'] ? `KUBECONFIG names ${at.env['KUBECONFIG']}` : `There is no ${at.home}/.kube/config`
  return new Failure({
    id: 'kubeconfig-missing',
    exit: 'blocked',
    what: 'No kubeconfig was found, so there is no cluster to speak to.',
    why: `${looked}, and this isn't running in a pod.`,
    fix: [
      'eso-bootstrap … --kubeconfig <file>',
      'export KUBECONFIG=<file>',
      'eso-bootstrap init --offline   # the part that needs no cluster',
    ],
  })
}

function only(name: string, cluster: object, user: object): KubeConfig {
  const config = new KubeConfig()
  const text = JSON.stringify({
    'current-context': name,
    contexts: [{ name, context: { cluster: name, user: name } }],
    clusters: [{ name, cluster }],
    users: [{ name, user }],
  })
  config.loadFromString(text)
  return config
}
