import type { Finding, NotSeen } from '../../src/doctor/check.ts'
import type { DoctorWorld, FilesWorld } from '../../src/doctor/world.ts'
import { Failure } from '../../src/failure.ts'
import { connect } from '../../src/kubernetes/client.ts'
import type { Cluster } from '../../src/kubernetes/cluster.ts'
import { discover } from '../../src/manifests/discover.ts'
import { declaredKustomizations } from '../../src/manifests/flux-files.ts'
import { readFolder } from '../../src/manifests/folder.ts'
import { treeOf } from '../../src/manifests/tree.ts'
import { openStatus } from '../../src/status/open.ts'
import { openPlaces } from '../../src/steps/places.ts'
import type { Stage } from '../commands/init/stage.ts'
import { type Files, templates } from '../commands/init/trees.ts'

const now = new Date('2026-03-01T09:00:00Z')
const signal = new AbortController().signal

/** What `--offline` sees of these files, but for git. */
export function filesWorld(files: Files): FilesWorld {
  const tree = treeOf(files)
  const declared = () => declaredKustomizations(tree)
  return {
    now,
    signal,
    places: {
      repository: () => Promise.reject(new Failure({ id: 'not-a-repository', exit: 'blocked', what: 'There is no repository.' })),
      tree: async () => tree,
      declared,
      async folder() {
        const [path] = await discover(tree, await declared())
        return path === undefined ? undefined : readFolder(tree, path)
      },
    },
  }
}

/** The templates, enabled, with this done to the files that hold a text. */
export async function enabledFiles(change: (text: string, path: string) => string = (text) => text): Promise<Files> {
  const files = await templates()
  const commented = /^( *)# *- (onepassword-connect|secretstores)$/gm
  return Object.fromEntries(
    Object.entries(files).map(([path, text]) => [
      path,
      change(text.replace(commented, '$1- $2').replaceAll('your-vault: 1', 'homelab: 1'), path),
    ]),
  )
}

/** A sandbox as `doctor` sees it; all is read anew with each call. `close` ends the connection. */
export async function clusterWorld(
  { sandbox, env }: Pick<Stage, 'sandbox' | 'env'>,
  user?: string,
): Promise<DoctorWorld & { close(): Promise<void> }> {
  const inputs = { repo: sandbox.repository, offline: false }
  const places = openPlaces(inputs, { env, home: sandbox.folder })
  const cluster: Cluster = await connect({ kubeconfig: user ?? sandbox.kubeconfigPath, env, home: sandbox.folder, timeout: 5_000 })
  const at = { repository: places.repository, inputs, now: new Date(), signal }
  return {
    ...{ now: at.now, signal, places, cluster, live: openStatus(cluster, at) },
    async close() {
      cluster.close()
      await places.close()
    },
  }
}

/** `about: why`, of the findings alone. */
export function found(all: readonly (Finding | NotSeen)[]): string[] {
  return all.flatMap((each) => ('notSeen' in each ? [] : [`${each.about}: ${each.why}`]))
}
