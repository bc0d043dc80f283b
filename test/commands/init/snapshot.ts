import { lstat, readdir, readFile } from 'node:fs/promises'
import { join } from 'node:path'
import type { KubernetesObject } from '../../../src/kubernetes/object.ts'
import type { Stage } from './stage.ts'

/** What a run may change: the cluster's objects that `init` writes, the files, and what git knows of them here and remotely. */
export async function snapshot(stage: Stage) {
  return { cluster: clusterOf(stage), clone: await cloneOf(stage), remote: await stage.remote('for-each-ref') }
}

const written = ['Namespace', 'Secret', 'Lease', 'ExternalSecret']

/** Without what the server counts and dates by itself. */
export function clusterOf({ sandbox }: Stage): KubernetesObject[] {
  return sandbox.api.store
    .all()
    .filter(({ kind }) => written.includes(kind))
    .map(withoutTimes)
    .sort((a, b) => nameOf(a).localeCompare(nameOf(b)))
}

/** The same without what differs between two clusters that were set up alike. */
export function clusterAlike(stage: Stage): KubernetesObject[] {
  return clusterOf(stage).map((object) => {
    const { uid: _, ...metadata } = object.metadata
    return { ...object, metadata }
  })
}

function withoutTimes(object: KubernetesObject): KubernetesObject {
  const { resourceVersion: _, creationTimestamp: __, generation: ___, managedFields = [], ...metadata } = object.metadata
  const fields = managedFields.map(({ time: _, ...rest }) => rest).sort((a, b) => a.manager.localeCompare(b.manager))
  const { status: _s, ...rest } = object
  return { ...rest, metadata: { ...metadata, managedFields: fields } } as KubernetesObject
}

function nameOf({ kind, metadata }: KubernetesObject): string {
  return `${kind}/${metadata.namespace ?? ''}/${metadata.name}`
}

/** Files with their bytes and modes, and git's own: HEAD, branches, index, configuration, and files that it left behind. */
async function cloneOf(stage: Stage) {
  const root = stage.sandbox.repository
  const names = (await readdir(root, { recursive: true })).sort()
  const own = names.filter((name) => name !== '.git' && !name.startsWith('.git/'))
  const files = await Promise.all(
    own.map(async (name) => {
      const { mode } = await lstat(join(root, name))
      return [`${name} ${mode.toString(8)}`, (mode & 0o170000) === 0o100000 ? await readFile(join(root, name), 'utf8') : undefined] as const
    }),
  )
  return {
    files: Object.fromEntries(files),
    head: await stage.git('rev-parse', 'HEAD'),
    branch: await stage.git('branch', '--show-current'),
    refs: await stage.git('for-each-ref'),
    index: await stage.git('ls-files', '--stage'),
    status: await stage.git('status', '--porcelain=v2', '--untracked-files=all'),
    config: await readFile(join(root, '.git/config'), 'utf8'),
    left: names.filter(
      (name) => /^\.git\/[^/]*(\.lock|_MSG|_HEAD)$|^\.git\/(rebase|sequencer)/.test(name) && !name.endsWith('COMMIT_EDITMSG'),
    ),
  }
}
