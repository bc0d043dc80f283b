import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { connect } from '../../src/kubernetes/client.ts'
import type { KubernetesObject } from '../../src/kubernetes/object.ts'
import type { SandboxOptions } from '../../src/sandbox/sandbox.ts'
import { type Flags, openStage, type Stage } from '../commands/init/stage.ts'
import type { Ended } from '../commands/run.ts'
import type { Client } from '../contract/client.ts'
import { define } from '../contract/widgets.ts'
import { actOn } from './actors.ts'
import { clientOf } from './client.ts'
import { type ControlPlane, startControlPlane } from './control-plane.ts'
import { crdsOf, type Release } from './crds.ts'

export interface ClusterStage {
  plane: ControlPlane
  /** May do anything on the real server. */
  client: Client
  stage: Stage
  /** `init` on the real server, by a kubeconfig's text; the admin's unless given. */
  init(flags?: Flags, kubeconfig?: string): Promise<Ended>
  /** What the actors have written has arrived. */
  settled(): Promise<void>
  close(): Promise<void>
}

/**
 * A real API server with the real CRDs of Flux and External Secrets Operator, in the state in which the sandbox starts;
 * what Flux, the operator and Connect do is done by the sandbox's actors. `flags` are further ones of kube-apiserver.
 */
export async function openClusterStage(
  releases: readonly Release[],
  options: Partial<SandboxOptions> = {},
  flags: readonly string[] = [],
): Promise<ClusterStage> {
  const closers: (() => Promise<unknown>)[] = []
  const close = async () => {
    for (const each of closers.splice(0).reverse()) await each()
  }
  try {
    const [plane, stage, crds] = await Promise.all([
      startControlPlane({ flags }).then((started) => {
        closers.push(() => started.stop())
        return started
      }),
      openStage(options).then((opened) => {
        closers.push(() => opened.close())
        return opened
      }),
      Promise.all(releases.map(crdsOf)).then((all): KubernetesObject[] => all.flat()),
    ])
    const client = clientOf(plane)
    closers.push(async () => client.close())
    await Promise.all(crds.map((crd) => define(client, crd)))
    const asAdmin = join(stage.sandbox.folder, 'admin.kubeconfig')
    await writeFile(asAdmin, plane.kubeconfig)
    const cluster = await connect({ kubeconfig: asAdmin, env: {}, home: stage.sandbox.folder, timeout: 10_000 })
    closers.push(async () => cluster.close())
    const actors = await actOn({ client, cluster }, stage.sandbox)
    closers.push(() => actors.close())
    return {
      plane,
      client,
      stage,
      async init(flags = {}, kubeconfig = plane.kubeconfig) {
        const file = join(stage.sandbox.folder, 'real.kubeconfig')
        await writeFile(file, kubeconfig)
        return stage.init({ kubeconfig: file, ...flags })
      },
      settled: actors.settled,
      close,
    }
  } catch (error) {
    await close()
    throw error
  }
}
