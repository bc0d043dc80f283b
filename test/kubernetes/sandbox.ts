import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { connect } from '../../src/kubernetes/client.ts'
import type { Cluster } from '../../src/kubernetes/cluster.ts'
import { type ApiServer, type ApiServerOptions, startApiServer } from '../../src/sandbox/api/server.ts'

export interface Sandbox {
  server: ApiServer
  cluster: Cluster
  folder: string
  /** A further client, as another user if named. */
  connect(user?: string, timeout?: number): Promise<Cluster>
  close(): Promise<void>
}

/** The sandbox's API server, and our client for it. */
export async function startSandbox(options: ApiServerOptions = {}): Promise<Sandbox> {
  const server = await startApiServer(options)
  const folder = await mkdtemp(join(tmpdir(), 'sandbox-'))
  const clusters: Cluster[] = []
  const open: Sandbox['connect'] = async (user, timeout = 5_000) => {
    const kubeconfig = join(folder, user ?? 'kubeconfig')
    await writeFile(kubeconfig, server.kubeconfig(user))
    const cluster = await connect({ kubeconfig, env: {}, home: folder, timeout })
    clusters.push(cluster)
    return cluster
  }
  return {
    server,
    cluster: await open(),
    folder,
    connect: open,
    async close() {
      for (const cluster of clusters) cluster.close()
      await server.close()
      await rm(folder, { recursive: true, force: true })
    },
  }
}
