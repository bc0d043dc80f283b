import { realpath } from 'node:fs/promises'
import { posix, relative, sep } from 'node:path'
import type { Environment } from '../child.ts'
import { Failure } from '../failure.ts'
import { type FluxView, readFlux } from '../flux/objects.ts'
import { openRepository, type Repository } from '../git/repository.ts'
import type { Inputs } from '../inputs.ts'
import type { Cluster } from '../kubernetes/cluster.ts'
import { discover } from '../manifests/discover.ts'
import { type DeclaredKustomization, declaredKustomizations } from '../manifests/flux-files.ts'
import { type Folder, readFolder } from '../manifests/folder.ts'
import { type Tree, workingTree } from '../manifests/tree.ts'
import { refuseUnreadable } from '../manifests/unreadable.ts'
import { once } from './once.ts'
import { openCluster } from './open-cluster.ts'

/** Where the work is done: the facts that don't depend on what goes in. Each is read once, when it is first needed. */
export interface Places {
  /** Throws a Failure when there is no cluster to speak to. */
  cluster(): Promise<Cluster>
  /** Throws a Failure where there is no Flux. */
  flux(): Promise<FluxView>
  repository(): Promise<Repository>
  tree(): Promise<Tree>
  /** Flux Kustomizations as the files of the working tree declare them. */
  declared(): Promise<DeclaredKustomization[]>
  /** The External Secrets folder, or undefined if the repository has none yet. */
  folder(): Promise<Folder | undefined>
  /** Ends what still looks, too: after an interruption nobody waits for it. */
  close(): Promise<void>
}

/** What of the inputs says where. */
export type Where = Pick<Inputs, 'repo' | 'path' | 'offline' | 'git' | 'context' | 'kubeconfig'>

export function openPlaces(inputs: Where, at: { env: Environment; home: string }): Places {
  const { cluster, close: disconnect } = openCluster(inputs, at)
  const closing = new AbortController()
  const repository = once(() => openRepository(inputs.repo, at.env, closing.signal))
  const root = once(() => repository().then((open) => open.root, notNeededOffline(inputs)))
  const tree = once(async () => workingTree(await root()))
  const declared = once(async () => declaredKustomizations(await tree()))
  const flux = once(async () => {
    const view = await readFlux(await cluster())
    if (!view.installed) throw fluxAbsent()
    return view
  })
  const folder = once(async () => {
    const named = await pathFromTop(inputs, await root())
    const built = inputs.offline ? (named === undefined ? await declared() : []) : (await flux()).kustomizations
    const path = await findFolder(await tree(), built, named)
    return path === undefined ? undefined : readFolder(await tree(), path)
  })
  const close = async () => {
    closing.abort()
    await disconnect()
  }
  return { cluster, flux, repository, tree, declared, folder, close }
}

function fluxAbsent(): Failure {
  return new Failure({
    id: 'flux-absent',
    exit: 'blocked',
    what: 'Flux is not installed on this cluster.',
    why: 'Flux applies what this program commits; without it nothing would happen.',
    fix: ['flux bootstrap …   (https://fluxcd.io/flux/installation/bootstrap/)', 'or only the files: eso-bootstrap init --offline'],
  })
}

/** `--offline` also works on a folder that git doesn't know; but nothing is looked for in what may be a whole disk. */
function notNeededOffline({ offline, repo, path, git }: Where): (error: unknown) => string {
  return (error) => {
    const withoutGit = error instanceof Failure && (error.id === 'not-a-repository' || error.id === 'git-missing')
    if (offline && path !== undefined && withoutGit && (git ?? 'none') === 'none') return repo
    throw error
  }
}

/** `--path` is relative to `--repo`, which may be a folder inside the repository. */
export async function pathFromTop({ repo, path }: Pick<Inputs, 'repo' | 'path'>, root: string): Promise<string | undefined> {
  if (path === undefined) return undefined
  const prefix = relative(await realpath(root), await realpath(repo))
    .split(sep)
    .join('/')
  return posix.join(prefix, path)
}

async function findFolder(tree: Tree, built: readonly { path: string }[], path: string | undefined): Promise<string | undefined> {
  if (path !== undefined) return (await tree.isFolder(path)) ? path : undefined
  const found = await discover(tree, [...built])
  if (found.length === 0) await refuseUnreadable(tree)
  if (found.length <= 1) return found[0]
  throw new Failure({
    id: 'several-folders',
    exit: 'usage',
    what: `There are ${found.length} External Secrets folders that Flux builds: ${found.join(', ')}.`,
    fix: found.map((each) => `eso-bootstrap init --path ${each}`),
  })
}
