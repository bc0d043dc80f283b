import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import type { AccountModel } from '../../src/sandbox/connect/account.ts'
import { binary, type Minor, wantedMinor } from '../cluster/binaries.ts'
import { makeAuthority, serverCertificate } from '../cluster/certificates.ts'
import { type ControlPlane, startControlPlane } from '../cluster/control-plane.ts'
import { type Api, apiOf } from './api.ts'
import { type ChartRepository, serveCharts } from './charts.ts'
import { type Network, startNetwork } from './network.ts'
import { makeNode, type Node } from './node/node.ts'

export interface Cluster {
  api: Api
  plane: ControlPlane
  stop(): Promise<void>
}

export interface ClusterOptions {
  /** Where it may leave files while it runs. */
  folder: string
  account: AccountModel
  connect?: { delay?: number; syncing?: number }
}

/** The controllers that a Deployment, its Service and its namespace need; all others only cost time. */
const controllers = [
  ...['deployment', 'replicaset', 'endpoints', 'endpointslice', 'namespace', 'garbage-collector', 'serviceaccount'],
  'root-ca-certificate-publisher',
].map((name) => `${name}-controller`)

/**
 * A whole cluster on this machine: etcd, kube-apiserver, kube-controller-manager and kube-scheduler are real; the node and the
 * network are ours (node.ts, network.ts). Nothing is installed in it. Outside of it there is the operator's chart repository.
 */
export async function startCluster({ folder, account, connect = {} }: ClusterOptions): Promise<Cluster> {
  const minor = wantedMinor()
  const closers: (() => unknown)[] = []
  const stop = async () => {
    for (const close of closers.splice(0).toReversed()) await close()
  }
  try {
    const authority = await makeAuthority()
    const trusted = join(folder, 'trusted.crt')
    await writeFile(trusted, authority.cert)
    const charts = await serveCharts(join(folder, 'charts'), await serverCertificate(authority, ['charts.external-secrets.io']))
    closers.push(charts.close)

    // Each of these needs the next one, but none before all of them are there.
    let api: Api | undefined
    let plane: ControlPlane | undefined
    const there = <T>(value: T | undefined): T => value ?? fail()
    let network: Network | undefined
    const node = await makeNode({
      ...{ api: () => there(api), plane: () => there(plane), proxy: (namespace) => there(network).url(namespace) },
      ...{ trusted, account, connect, certificate: await serverCertificate(authority, ['node']) },
    })
    network = await openNetwork(folder, node, () => there(api), charts)
    closers.push(network.close)
    plane = await startControlPlane({ minor, flags: [`--egress-selector-config-file=${await writeEgress(folder, network)}`] })
    closers.push(plane.stop)
    const client = apiOf(plane)
    closers.push(client.close, node.stop)
    api = client.api
    await startManagers(plane, minor)
    await node.join()
    return { api, plane, stop }
  } catch (error) {
    await stop()
    throw error
  }
}

function fail(): never {
  throw new Error('the cluster is not up yet')
}

function openNetwork(folder: string, node: Node, api: () => Api, charts: ChartRepository): Promise<Network> {
  const outside = new Map([['charts.external-secrets.io:443', charts.port]])
  return startNetwork({ socket: join(folder, 'egress.sock'), api, listening: node.listening, outside })
}

async function writeEgress(folder: string, { socket }: Network): Promise<string> {
  const connection = { proxyProtocol: 'HTTPConnect', transport: { uds: { udsName: socket } } }
  const kind = { apiVersion: 'apiserver.k8s.io/v1beta1', kind: 'EgressSelectorConfiguration' }
  const file = join(folder, 'egress.json')
  await writeFile(file, JSON.stringify({ ...kind, egressSelections: [{ name: 'cluster', connection }] }))
  return file
}

async function startManagers({ processes, kubeconfig }: ControlPlane, minor: Minor): Promise<void> {
  const file = join(processes.folder, 'managers.kubeconfig')
  await writeFile(file, kubeconfig, { mode: 0o600 })
  const flags = [`--kubeconfig=${file}`, '--leader-elect=false', '--secure-port=0']
  const manager = await binary('kube-controller-manager', minor)
  processes.start({ name: 'kube-controller-manager', command: manager, args: [...flags, `--controllers=${controllers.join(',')}`] })
  processes.start({ name: 'kube-scheduler', command: await binary('kube-scheduler', minor), args: flags })
}
