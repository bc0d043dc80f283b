import { Failure, type FailureText } from '../failure.ts'
import type { Server } from './api.ts'

const untrusted = new Set([
  'DEPTH_ZERO_SELF_SIGNED_CERT',
  'SELF_SIGNED_CERT_IN_CHAIN',
  'UNABLE_TO_VERIFY_LEAF_SIGNATURE',
  'UNABLE_TO_GET_ISSUER_CERT_LOCALLY',
  'UNABLE_TO_GET_ISSUER_CERT',
  'CERT_SIGNATURE_FAILURE',
])

/** Our own words for a call that got no answer at all: refused, unknown name, no route, TLS, a proxy that says no. */
export function failureOfNetwork(at: Server, error: unknown): Failure {
  const { code = '', message = '' } = error as NodeJS.ErrnoException
  return new Failure({ exit: 'blocked', ...texts(at, String(code), message) })
}

/** For a call that got no whole answer within its time. */
export function failureOfTimeout(at: Server, milliseconds: number): Failure {
  return new Failure({
    id: 'server-timeout',
    exit: 'blocked',
    what: `The API server at ${at.server} did not answer within ${Math.max(1, Math.round(milliseconds / 1000))} s.`,
    why: 'It is down, overloaded, or a firewall or VPN is in the way.',
    fix: [kubectl(at), 'eso-bootstrap … --timeout 60s'],
  })
}

function texts(at: Server, code: string, message: string): Omit<FailureText, 'exit'> & { exit?: 'refused' } {
  const host = hostOf(at.server)
  const unreachable = (why: string) => ({
    id: 'server-unreachable',
    what: `The API server at ${at.server} can't be reached.`,
    why,
    fix: kubectl(at),
  })
  const certificate = (why: string, fix: string) => ({
    id: 'server-certificate',
    what: `The certificate of the API server at ${at.server} isn't trusted.`,
    why,
    fix,
  })
  const proxy = /^Bad response: (\d{3})$/.exec(message)?.[1]
  if (proxy !== undefined) return unreachable(`The proxy answered ${proxy}: check HTTPS_PROXY, NO_PROXY and the kubeconfig's proxy-url.`)
  if (code === 'ECONNREFUSED') return unreachable('Nothing listens there: the cluster is down, or the address is an old one.')
  if (code === 'ENOTFOUND' || code === 'EAI_AGAIN') return unreachable(`The name ${host} can't be resolved: check the VPN and DNS.`)
  if (code === 'EHOSTUNREACH' || code === 'ENETUNREACH') return unreachable('There is no route to it: check the VPN and the network.')
  if (code === 'CERT_HAS_EXPIRED')
    return certificate('It has expired.', 'Renew the certificate of the API server (kubeadm: kubeadm certs renew apiserver).')
  if (code === 'CERT_NOT_YET_VALID') return certificate('It is not valid yet.', 'Check the clock of this machine.')
  if (code === 'ERR_TLS_CERT_ALTNAME_INVALID') {
    return certificate(
      `It isn't made out to ${host}.`,
      'Use an address that the certificate names, or set tls-server-name in the kubeconfig.',
    )
  }
  if (untrusted.has(code)) {
    return certificate(
      "It isn't signed by the certificate authority of the kubeconfig.",
      'Fetch a new kubeconfig: the cluster may have been rebuilt, or a proxy is in the way.',
    )
  }
  if (/ALERT/.test(code)) {
    return {
      id: 'certificate-refused',
      exit: 'refused',
      what: `The API server at ${at.server} refused the client certificate of the context ${at.context}.`,
      fix: 'Fetch a new kubeconfig for this cluster.',
    }
  }
  if (code === 'EPROTO' || code.startsWith('ERR_SSL') || message.includes('wrong version number')) {
    return {
      id: 'not-an-api-server',
      what: `What listens at ${at.server} doesn't speak TLS.`,
      why: 'The port is wrong, or a proxy is in the way.',
      fix: kubectl(at),
    }
  }
  if (code.startsWith('ERR_OSSL') || code.startsWith('ERR_TLS') || code === 'ERR_CRYPTO_INVALID_STATE') {
    return {
      id: 'kubeconfig-incomplete',
      what: `The client certificate or key of the context ${at.context} can't be used.`,
      fix: 'Fetch a new kubeconfig for this cluster.',
    }
  }
  return unreachable(`The connection broke${/^[A-Z_]{3,40}$/.test(code) ? ` (${code})` : ''}.`)
}

function hostOf(server: string): string {
  return URL.canParse(server) ? new URL(server).hostname : server
}

function kubectl(at: Server): string {
  return `kubectl --context '${at.context}' get --raw /version`
}

const transient = new Set(['server-unreachable', 'server-timeout', 'server-busy', 'server-error'])

/** Whether the same call may well succeed in a moment, so that a wait goes on. */
export function isTransient(failure: Failure): boolean {
  return transient.has(failure.id)
}
