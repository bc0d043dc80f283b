import { generate } from 'selfsigned'

export interface KeyPair {
  /** PEM, both. */
  key: string
  cert: string
}

const elliptic = { keyType: 'ec', curve: 'P-256', algorithm: 'sha256' } as const

/** A certificate authority of our own. */
export async function makeAuthority(): Promise<KeyPair> {
  const made = await generate([{ name: 'commonName', value: 'eso-bootstrap test' }], {
    ...elliptic,
    extensions: [
      { name: 'basicConstraints', cA: true, critical: true },
      { name: 'keyUsage', digitalSignature: true, keyCertSign: true, critical: true },
    ],
  })
  return { key: made.private, cert: made.cert }
}

/** A server's certificate, for 127.0.0.1 and these names: unless given, those that the API server has inside a cluster. */
export function serverCertificate(ca: KeyPair, dns: readonly string[] = ['localhost', 'kubernetes.default.svc']): Promise<KeyPair> {
  const names = dns.map((value) => ({ type: 2 as const, value }))
  return signed(
    ca,
    'kube-apiserver',
    [],
    [
      { name: 'extKeyUsage', serverAuth: true },
      { name: 'subjectAltName', altNames: [...names, { type: 7 as const, ip: '127.0.0.1' }] },
    ],
  )
}

/** A user's certificate: https://kubernetes.io/docs/reference/access-authn-authz/authentication/#x509-client-certificates */
export function clientCertificate(ca: KeyPair, user: string, groups: readonly string[]): Promise<KeyPair> {
  return signed(ca, user, groups, [{ name: 'extKeyUsage', clientAuth: true }])
}

type Extensions = NonNullable<NonNullable<Parameters<typeof generate>[1]>['extensions']>

async function signed(ca: KeyPair, name: string, organizations: readonly string[], extensions: Extensions): Promise<KeyPair> {
  const subject = [...organizations.map((value) => ({ name: 'organizationName', value })), { name: 'commonName', value: name }]
  const usage = { name: 'keyUsage' as const, digitalSignature: true, critical: true }
  const made = await generate(subject, { ...elliptic, ca, extensions: [usage, ...extensions] })
  return { key: made.private, cert: made.cert }
}
