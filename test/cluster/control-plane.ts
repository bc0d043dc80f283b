import { generateKeyPairSync } from 'node:crypto'
import { writeFile } from 'node:fs/promises'
import { request } from 'node:https'
import { join } from 'node:path'
import { freePort } from '../free-port.ts'
import { binary, type Minor } from './binaries.ts'
import { clientCertificate, type KeyPair, makeAuthority, serverCertificate } from './certificates.ts'
import { compact } from './etcd.ts'
import { type Processes, startProcesses } from './processes.ts'

export interface ControlPlane {
  url: string
  /** PEM. */
  ca: string
  /** A kubeconfig of a user who may do anything, as text. */
  kubeconfig: string
  /** A kubeconfig of any user, as text: this server believes every name that our certificate authority signs. */
  asUser(name: string, groups?: readonly string[]): Promise<string>
  /** Further processes may run beside etcd and kube-apiserver. In the folder are ca.crt and service-account.key, too. */
  processes: Processes
  /** Forgets the past in etcd: pages and watches that start there get 410. */
  compact(): Promise<void>
  stop(): Promise<void>
}

export interface ControlPlaneOptions {
  /** The newest unless named. */
  minor?: Minor
  /** Further flags of kube-apiserver. */
  flags?: readonly string[]
}

/** A real etcd and kube-apiserver with RBAC, on loopback. Gone when this process is gone. */
export async function startControlPlane({ minor, flags = [] }: ControlPlaneOptions = {}): Promise<ControlPlane> {
  const [etcd, apiServer] = [await binary('etcd', minor), await binary('kube-apiserver', minor)]
  const processes = await startProcesses()
  const { folder } = processes
  const file = async (name: string, text: string) => {
    await writeFile(join(folder, name), text, { mode: 0o600 })
    return join(folder, name)
  }
  try {
    const authority = await makeAuthority()
    const server = await serverCertificate(authority)
    const socket = `unix://${folder}/etcd.sock`
    // etcd 3.6 wants a port in what it advertises: this one is a part of a file's name. Nobody connects there.
    const peers = 'unix://peers:0'
    processes.start({
      name: 'etcd',
      command: etcd,
      args: [
        `--data-dir=${join(folder, 'etcd')}`,
        `--listen-client-urls=${socket}`,
        '--advertise-client-urls=unix://clients:0',
        `--listen-peer-urls=${peers}`,
        `--initial-advertise-peer-urls=${peers}`,
        `--initial-cluster=default=${peers}`,
        '--unsafe-no-fsync',
      ],
    })
    const port = await freePort()
    const ca = await file('ca.crt', authority.cert)
    const signingKey = await file('service-account.key', makeKey())
    processes.start({
      name: 'kube-apiserver',
      command: apiServer,
      args: [
        `--etcd-servers=${socket}`,
        '--bind-address=127.0.0.1',
        `--secure-port=${port}`,
        `--tls-cert-file=${await file('server.crt', server.cert)}`,
        `--tls-private-key-file=${await file('server.key', server.key)}`,
        `--client-ca-file=${ca}`,
        `--service-account-key-file=${signingKey}`,
        `--service-account-signing-key-file=${signingKey}`,
        '--service-account-issuer=https://kubernetes.default.svc',
        '--service-cluster-ip-range=10.0.0.0/24',
        '--authorization-mode=RBAC',
        '--allow-privileged=true',
        '--profiling=false',
        `--cert-dir=${folder}`,
        ...flags,
      ],
    })
    const url = `https://127.0.0.1:${port}`
    const asUser = async (name: string, groups: readonly string[] = []) =>
      kubeconfigText({ url, ca: authority.cert, user: name, certificate: await clientCertificate(authority, name, groups) })
    await processes.ready('kube-apiserver', () => isReady(port, authority.cert))
    return {
      url,
      ca: authority.cert,
      kubeconfig: await asUser('admin', ['system:masters']),
      asUser,
      processes,
      compact: () => compact(join(folder, 'etcd.sock')),
      stop: () => processes.stop(),
    }
  } catch (error) {
    await processes.stop()
    throw error
  }
}

function makeKey(): string {
  const { privateKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' })
  return privateKey.export({ type: 'sec1', format: 'pem' }).toString()
}

/** Everybody may ask for it: https://kubernetes.io/docs/reference/using-api/health-checks/ */
function isReady(port: number, ca: string): Promise<boolean> {
  return new Promise((resolve, reject) => {
    request({ host: '127.0.0.1', port, ca, path: '/readyz', agent: false }, (response) => {
      response.resume()
      resolve(response.statusCode === 200)
    })
      .once('error', reject)
      .end()
  })
}

function kubeconfigText({ url, ca, user, certificate }: { url: string; ca: string; user: string; certificate: KeyPair }): string {
  const base64 = (text: string) => Buffer.from(text).toString('base64')
  return JSON.stringify({
    apiVersion: 'v1',
    kind: 'Config',
    'current-context': 'test',
    contexts: [{ name: 'test', context: { cluster: 'test', user } }],
    clusters: [{ name: 'test', cluster: { server: url, 'certificate-authority-data': base64(ca) } }],
    users: [{ name: user, user: { 'client-certificate-data': base64(certificate.cert), 'client-key-data': base64(certificate.key) } }],
  })
}
