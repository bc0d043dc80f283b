import type { Environment } from '../child.ts'
import type { KubernetesObject } from '../kubernetes/object.ts'
import type { ApiServer } from './api/server.ts'
import type { AccountModel } from './connect/account.ts'
import type { ConnectServer } from './connect/server.ts'
import { runControllers } from './controller.ts'
import { externalSecretController } from './external-secrets/secrets.ts'
import { storeController } from './external-secrets/stores.ts'
import type { Apply } from './flux/apply.ts'
import { checkouts } from './flux/checkout.ts'
import { gitRepositoryController } from './flux/git-repository.ts'
import { helmReleaseController } from './flux/helm-release.ts'
import { helmRepositoryController } from './flux/helm-repository.ts'
import { inProcessApply } from './flux/in-process.ts'
import { kustomizationController } from './flux/kustomization.ts'
import { ociRepositoryController, type Published } from './flux/oci-repository.ts'
import { is, kinds } from './kinds.ts'
import { deploymentController } from './workloads/deployments.ts'
import { endpointSliceController } from './workloads/endpoint-slices.ts'
import { kubelet } from './workloads/kubelet.ts'
import { portIn, routeTo } from './workloads/network.ts'

export interface ActorOptions {
  account: AccountModel
  /** Where Flux's checkouts lie. */
  checkoutFolder: string
  env: Environment
  delay: number
  connectDelay: number
}

export interface Actors {
  apply: Apply
  published: Published
  connect(): ConnectServer[]
  settled(): Promise<void>
  close(): Promise<void>
}

/** All that lives in the cluster besides its API server: Flux, External Secrets Operator, the kubelet, and Connect in its pods. */
export function startActors(api: ApiServer, options: ActorOptions): Actors {
  const { account, checkoutFolder, env, delay, connectDelay } = options
  const { store } = api
  const closing = new AbortController()
  const apply = inProcessApply(store)
  const git = checkouts(checkoutFolder, env)
  const published: Published = new Map()
  const node = kubelet(store, account, { delay, connectDelay, onLog: (at, text) => api.setLog(at, text) })
  api.setListening((pod, port) => portIn(node, pod, port))
  const eso = { routeTo: (host: string, from: string) => routeTo(store, node, host, from), signal: closing.signal }

  const filesOf = (source: KubernetesObject) => {
    const oci = is(source, kinds.ociRepository) ? published.get(source['spec'].url) : undefined
    const [commit = ''] = /[0-9a-f]{40}$/.exec(source['status'].artifact.revision) ?? []
    return oci ? git.tree(oci.remote, oci.commit) : git.tree(source['spec'].url, commit)
  }
  const controllers = runControllers(store, [
    deploymentController(store),
    endpointSliceController(store),
    node,
    gitRepositoryController(store, git, { delay }),
    ociRepositoryController(store, published),
    helmRepositoryController(store),
    helmReleaseController(store, apply),
    kustomizationController(store, { apply, filesOf }),
    storeController(store, eso),
    externalSecretController(store, eso),
  ])
  return {
    apply,
    published,
    connect: node.running,
    settled: controllers.settled,
    close: async () => {
      closing.abort()
      await controllers.close()
    },
  }
}
