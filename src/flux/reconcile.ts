import type { Environment } from '../child.ts'
import { Failure } from '../failure.ts'
import { parseRevision } from '../git/revision.ts'
import type { Cluster } from '../kubernetes/cluster.ts'
import { condition, isReady, type KubernetesObject, type Resource } from '../kubernetes/object.ts'
import { type AwaitOptions, awaitReconciled } from './await.ts'
import { groups, kustomizationFrom, type Reference, type SourceReference } from './objects.ts'
import { fluxReconcile, request } from './request.ts'
import { type Verdict, verdictOf } from './verdict.ts'

export interface ReconcileTarget {
  kustomization: Reference
  source: SourceReference
  /** The commit that must be applied, in full. */
  wanted: string
  /** Whether a commit is the wanted one or came after it: others push too. */
  isWantedOrLater(sha: string): Promise<boolean>
}

export interface ReconcileOptions {
  env: Environment
  /** Milliseconds for all of it. */
  timeout: number
  signal: AbortSignal
  say(text: string): void
  /** See AwaitOptions; ten seconds unless told. */
  askAgainAfter?: number
}

/**
 * Makes Flux fetch and apply a commit, and waits until it has: by the `flux` command where it is installed, natively where
 * it isn't. Either way the objects are asked, never the command. Throws a Failure that names the object that failed, with its
 * message, the cause where it is known, and the fix.
 */
export async function reconcile(cluster: Cluster, target: ReconcileTarget, options: ReconcileOptions): Promise<{ revision: string }> {
  const [sources, kustomizations] = await Promise.all([
    served(cluster, groups.source, target.source.kind),
    served(cluster, groups.kustomize, 'Kustomization'),
  ])
  const stop = new AbortController()
  const signal = AbortSignal.any([options.signal, stop.signal])
  const waiting: AwaitOptions = {
    signal,
    end: Date.now() + options.timeout,
    askAgainAfter: options.askAgainAfter ?? 10_000,
    say: options.say,
  }
  const holds = async (revision: unknown, origin?: unknown) => {
    const sha = [revision, origin].map((each) => parseRevision(String(each ?? '')).sha).find((each) => each !== undefined)
    return sha !== undefined && (sha === target.wanted || (await target.isWantedOrLater(sha)))
  }

  try {
    const byCommand = askByCommand(cluster, target, sources, { ...options, signal })
    const source = {
      resource: sources,
      at: target.source,
      async reached(object: KubernetesObject) {
        const { revision, metadata } = object['status']?.artifact ?? {}
        return (await holds(revision, metadata?.['org.opencontainers.image.revision'])) ? String(revision) : undefined
      },
    }
    options.say(`waiting for ${target.source.kind} ${target.source.namespace}/${target.source.name} to fetch ${target.wanted.slice(0, 8)}`)
    await Promise.race([awaitReconciled(cluster, source, waiting, false), byCommand.then(() => new Promise<never>(() => {}))])

    const { name, namespace } = target.kustomization
    options.say(`waiting for Kustomization ${namespace}/${name} to apply ${target.wanted.slice(0, 8)}`)
    await askRelated(cluster, kustomizations, target.kustomization)
    const applied = {
      resource: kustomizations,
      at: target.kustomization,
      async reached(object: KubernetesObject) {
        const { lastAppliedRevision, lastAppliedOriginRevision, observedGeneration } = object['status'] ?? {}
        const isCurrent = isReady(object) && observedGeneration === object.metadata.generation && !isAtWork(object)
        return isCurrent && (await holds(lastAppliedRevision, lastAppliedOriginRevision)) ? String(lastAppliedRevision) : undefined
      },
      because: (object: KubernetesObject, verdict: Verdict) => failedDependency(cluster, kustomizations, object, verdict, holds),
    }
    return { revision: await awaitReconciled(cluster, applied, waiting) }
  } finally {
    stop.abort()
  }
}

async function served(cluster: Cluster, group: string, kind: string): Promise<Resource> {
  const resource = await cluster.resource(group, kind)
  if (resource !== undefined) return resource
  throw new Failure({ id: 'flux-absent', exit: 'blocked', what: `This cluster does not serve ${kind}.${group}, so Flux isn't whole here.` })
}

/** Milliseconds after which a command that goes on is not relied upon: it may hang before it has asked, and to ask twice does no harm. */
const patience = 2_000

/** Throws only when the source may not be asked; a command that is missing, fails or hangs is replaced by what it would do. */
async function askByCommand(cluster: Cluster, target: ReconcileTarget, sources: Resource, options: ReconcileOptions): Promise<void> {
  const asking = setTimeout(() => void quietly(request(cluster, sources, target.source)), patience)
  const asked = await fluxReconcile(cluster, target.kustomization, options).finally(() => clearTimeout(asking))
  if (!asked && !options.signal.aborted) await request(cluster, sources, target.source)
}

/**
 * What this one depends on, and what applies it, are asked as well. A new commit wakes them all, but a dependency that isn't up
 * to date is only looked at again after 30 seconds; so this saves time, and may fail.
 */
async function askRelated(cluster: Cluster, resource: Resource, first: Reference): Promise<void> {
  const seen = new Set([keyOf(first)])
  const waiting = [first]
  for (let at = waiting.shift(); at !== undefined; at = waiting.shift()) {
    const object = await quietly(cluster.get(resource, at.name, at.namespace))
    if (object === undefined) continue
    if (at !== first) await quietly(request(cluster, resource, at))
    const { dependsOn, parent } = kustomizationFrom(object)
    for (const next of [...dependsOn, ...(parent ? [parent] : [])]) {
      if (!seen.has(keyOf(next))) waiting.push(next)
      seen.add(keyOf(next))
    }
  }
}

/** "dependency is not ready" says nothing; the dependency itself does, and for good if it has tried this very commit. */
async function failedDependency(
  cluster: Cluster,
  resource: Resource,
  object: KubernetesObject,
  verdict: Verdict,
  holds: (revision: unknown) => Promise<boolean>,
): Promise<Verdict | undefined> {
  if (verdict.reason !== 'DependencyNotReady') return undefined
  for (const { name, namespace } of kustomizationFrom(object).dependsOn) {
    const dependency = await quietly(cluster.get(resource, name, namespace))
    const found = dependency && verdictOf(dependency)
    if (found === undefined || found.reason === 'DependencyNotReady') continue
    return { ...found, heals: found.heals || !(await holds(dependency?.['status']?.lastAttemptedRevision)) }
  }
  return undefined
}

function isAtWork(object: KubernetesObject): boolean {
  return condition(object, 'Reconciling')?.status === 'True'
}

function keyOf({ namespace, name }: Reference): string {
  return `${namespace}/${name}`
}

async function quietly<T>(work: Promise<T>): Promise<T | undefined> {
  try {
    return await work
  } catch (error) {
    if (error instanceof Failure) return undefined
    throw error
  }
}
