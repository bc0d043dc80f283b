import type { Environment } from '../child.ts'
import type { Cluster } from '../kubernetes/cluster.ts'
import { once } from './once.ts'

/** A cluster that is connected to when it is first asked for; the client is loaded then. */
export interface OpenCluster {
  /** Throws a Failure when there is no cluster to speak to. */
  cluster(): Promise<Cluster>
  close(): Promise<void>
}

export function openCluster(
  where: { kubeconfig?: string | undefined; context?: string | undefined },
  { env, home }: { env: Environment; home: string },
): OpenCluster {
  const connecting = once(async () => {
    const { connect } = await import('../kubernetes/client.ts')
    return connect({ ...where, env, home, timeout: 15_000 })
  })
  let connected = false
  return {
    cluster() {
      connected = true
      return connecting()
    },
    async close() {
      if (connected)
        await connecting().then(
          (open) => open.close(),
          () => {},
        )
    },
  }
}
